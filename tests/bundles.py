"""Archives made on the fly, good ones and hostile ones, and what it costs to read them."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

IP_ADDR = """\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000
    link/ether 00:0d:3a:9c:96:47 brd ff:ff:ff:ff:ff:ff
    inet 10.240.0.4/16 brd 10.240.255.255 scope global eth0
       valid_lft forever preferred_lft forever
"""
ROUTE_N = """\
Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         10.240.0.1      0.0.0.0         UG    100    0        0 eth0
10.240.0.0      0.0.0.0         255.255.0.0     U     0      0        0 eth0
10.240.0.5      0.0.0.0         255.255.255.255 UH    0      0        0 azv0123456789a
10.240.0.6      0.0.0.0         255.255.255.255 UH    0      0        0 azv0123456789b
"""

Files = Mapping[str, str | bytes]


def zipped(files: Files, *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


_PACKED: Mapping[str, Callable[[bytes], bytes]] = {
    "w": bytes,
    "w:gz": gzip.compress,
    "w:bz2": bz2.compress,
    "w:xz": lzma.compress,
}


def tarred(files: Files, mode: str = "w:gz", *, more: Iterable[tarfile.TarInfo] = (), form: int = 1) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=form) as archive:
        for info in more:
            archive.addfile(info)
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            packed = content.encode() if isinstance(content, str) else content
            info.size = len(packed)
            archive.addfile(info, io.BytesIO(packed))
    return _PACKED[mode](data.getvalue())


def tar_info(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info


def zip_of_zeros(size: int, name: str = "notes.txt") -> bytes:
    """A zip with one member of ``size`` zeros; nowhere is that much held or packed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = b" " * (1 << 20)
    # One mebibyte packs into the same bytes each time, once the packer has seen some.
    pieces = [packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2)]
    pieces += [pieces[1]] * (size // len(block) - 2)
    pieces.append(packer.flush())
    body = b"".join(pieces)
    head = struct.pack("<HHHHHLLLHH", 20, 0, 8, 0, 0, 0, len(body), min(size, 0xFFFFFFFE), len(name), 0)
    local = b"PK\x03\x04" + head + name.encode()
    central = b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<HHHLL", 0, 0, 0, 0, 0) + name.encode()
    end = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(central), len(local) + len(body), 0)
    return local + body + central + end


def overlapping_zip(count: int = 100) -> bytes:
    """A zip whose directory names one member many times."""
    name, text = b"ip_addr.txt", IP_ADDR.encode()
    head = struct.pack("<HHHHHLLLHH", 20, 0, 0, 0, 0, zlib.crc32(text), len(text), len(text), len(name), 0)
    local = b"PK\x03\x04" + head + name + text
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<HHHLL", 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, count, count, len(entry) * count, len(local), 0)
    return local + entry * count + end


def encrypted_zip(files: Files) -> bytes:
    """A zip whose first member says that it is encrypted."""
    data = bytearray(zipped(files))
    data[6] |= 1
    place = data.index(b"PK\x01\x02")
    data[place + 8] |= 1
    return bytes(data)


@dataclass(frozen=True)
class Cost:
    seconds: float
    mebibytes: float
    nodes: int
    skipped: list[tuple[str, str]]
    passed_over: int


_MEASURE = r"""
import json, re, sys, time
from pathlib import Path
import aksnet_parse
limits = aksnet_parse.Limits(**json.loads(sys.argv[2]))
begun = time.process_time()
reading = aksnet_parse.read(Path(sys.argv[1]), limits=limits)
aksnet_parse.analyze(reading)
print(json.dumps([
    time.process_time() - begun,
    int(re.search("VmHWM: *([0-9]+)", Path("/proc/self/status").read_text().replace("\t", " "))[1]) / 1024,
    len(reading.nodes), reading.skipped, reading.passed_over,
]))
"""


def cost(path: Path, **limits: int) -> Cost:
    """What reading ``path`` costs a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(path), json.dumps(limits)], capture_output=True, check=True, timeout=120
    )
    seconds, mebibytes, nodes, skipped, passed_over = json.loads(done.stdout)
    return Cost(seconds, mebibytes, nodes, [(file, reason) for file, reason in skipped], passed_over)
