"""`python -m aksnet_parse` is `aksnet-parse`."""

import sys

from .cli import main

sys.exit(main())
