"""What texts there are: reads files, folders and archives into names and text, nothing else. It never writes."""

from .limits import Limits
from .text import decode, read_file
from .walk import Choice, Document, Walk

__all__ = ["Choice", "Document", "Limits", "Walk", "decode", "read_file"]
