"""Folders and archives: what is read of them, what is said of the rest, and that no archive can do harm."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import aksnet_parse
from aksnet_parse import Limits, Reading, analyze, read
from aksnet_parse.bundle.streams import is_tar
from aksnet_parse.cli import main
from tests.bundles import (
    IP_ADDR,
    ROUTE_N,
    cost,
    encrypted_zip,
    overlapping_zip,
    tar_info,
    tarred,
    zip_of_zeros,
    zipped,
)

FILES = {"ip_addr.txt": IP_ADDR, "route_-n": ROUTE_N}
SECONDS = 20.0
MEBIBYTES = 300.0


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def files_of(reading: Reading) -> list[str]:
    return [str(parsed.capture.file) for node in reading.nodes for parsed in node.captures]


def reasons(reading: Reading) -> list[str]:
    return [reason for _, reason in reading.skipped]


# --- shapes -----------------------------------------------------------------------------------------------------------


def shapes() -> Iterator[tuple[str, bytes]]:
    yield "b.zip", zipped(FILES)
    yield "stored.zip", zipped(FILES, method=zipfile.ZIP_STORED)
    yield "bzip2.zip", zipped(FILES, method=zipfile.ZIP_BZIP2)
    for mode, suffix in (("w", ""), ("w:gz", ".gz"), ("w:bz2", ".bz2"), ("w:xz", ".xz")):
        yield f"b.tar{suffix}", tarred(FILES, mode)
    yield "no-suffix", tarred(FILES)
    yield "wrong-suffix.txt", zipped(FILES)
    yield "gnu.tar", tarred(FILES, "w", form=tarfile.GNU_FORMAT)
    yield "pax.tar", tarred(FILES, "w", form=tarfile.PAX_FORMAT)
    yield "with-something-before.zip", zipped(FILES)


@pytest.mark.parametrize(("name", "data"), list(shapes()), ids=lambda value: value if isinstance(value, str) else "")
def test_archives_are_known_by_their_content(name: str, data: bytes, tmp_path: Path) -> None:
    path = written(tmp_path / name, data)
    reading = read(path)
    assert files_of(reading) == [f"{path}!ip_addr.txt", f"{path}!route_-n"]
    assert reading.skipped == ()
    [node] = analyze(reading).nodes
    assert len(node.pods) == 2
    assert node.name is None


def test_zstandard(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    packed = zstandard.ZstdCompressor().compress(tarred(FILES, "w"))
    assert len(read(written(tmp_path / "b.tar.zst", packed)).nodes) == 1
    broken = read(written(tmp_path / "cut.tar.zst", packed[: len(packed) // 2]))
    assert reasons(broken) == ["cut off"]


def test_zstandard_is_an_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    path = written(tmp_path / "b.tar.zst", b"\x28\xb5\x2f\xfd" + bytes(20))
    assert read(path).skipped == ((str(path), "reading .zst needs an extra: pip install 'aksnet-parse[zst]'"),)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gz", "bz2", "xz"])
def test_one_compressed_file(pack: Any, tmp_path: Path) -> None:
    path = written(tmp_path / "ip_addr.txt.packed", pack(IP_ADDR.encode()))
    assert files_of(read(path)) == [str(path)]
    inside = written(tmp_path / "b.zip", zipped({"x/route_-n.txt.gz": gzip.compress(ROUTE_N.encode())}))
    assert files_of(read(inside)) == [f"{inside}!x/route_-n.txt.gz"]


def test_several_compressed_streams_in_a_row_are_one(tmp_path: Path) -> None:
    half = len(IP_ADDR) // 2
    data = gzip.compress(IP_ADDR[:half].encode()) + gzip.compress(IP_ADDR[half:].encode()) + bytes(100)
    [node] = read(written(tmp_path / "ip_addr.txt.gz", data)).nodes
    assert node.interfaces is not None
    assert [row.ifname for row in node.interfaces] == ["lo", "eth0"]


def test_archives_in_archives(tmp_path: Path) -> None:
    data = zipped(FILES)
    for name in ("c.zip", "b.zip", "a.zip"):
        data = zipped({name: data})
    path = written(tmp_path / "four.zip", data)
    reading = read(path)
    assert reading.nodes == ()
    assert reading.skipped == ((f"{path}!a.zip!b.zip!c.zip", "archives in archives deeper than 3 (raise --max-depth)"),)
    deeper = read(path, limits=Limits(depth=4))
    assert files_of(deeper)[0] == f"{path}!a.zip!b.zip!c.zip!ip_addr.txt"


def test_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    (folder / "pods").mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    (folder / "readme.md").write_text("Nothing here.\n", encoding="utf-8")
    written(folder / "pods" / "one.zip", zipped({"nsenter_5_ip_addr.txt": IP_ADDR.replace("eth0:", "eth0@if9:")}))
    reading = read(folder)
    assert set(files_of(reading)) == {
        f"{folder}/ip_addr.txt",
        f"{folder}/route_-n",
        f"{folder}/pods/one.zip!nsenter_5_ip_addr.txt",
    }
    assert reading.passed_over == 2
    assert [space.id for space in reading.nodes[0].namespaces] == ["pid:5"]


def test_an_archive_on_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(zipped(FILES))))
    assert main(["-", "--format", "json"]) == 0
    [node] = json.loads(capsys.readouterr().out)["nodes"]
    assert {capture["file"] for capture in node["captures"]} == {"<stdin>!ip_addr.txt", "<stdin>!route_-n"}


def test_what_was_passed_over_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "b.zip", zipped({**FILES, "var/log/syslog": "x", "a.bin": b"\0", "b.txt": "hello"}))
    assert main([str(path)]) == 0
    shown = capsys.readouterr()
    assert shown.out.endswith("\nPassed over: 3 files with nothing of use\n")
    assert shown.err == ""
    text = tmp_path / "one.txt"
    text.write_text(IP_ADDR, encoding="utf-8")
    assert main([str(text)]) == 0
    assert "Passed over" not in capsys.readouterr().out


# --- what a file holds ------------------------------------------------------------------------------------------------


def of_one(tmp_path: Path, name: str, text: str) -> Reading:
    return read(written(tmp_path / "b.zip", zipped({name: text})))


def test_a_file_named_after_a_call_is_one_capture(tmp_path: Path) -> None:
    [node] = of_one(tmp_path, "x/route_-n.log", ROUTE_N).nodes
    [parsed] = node.captures
    assert parsed.capture.invocation is not None
    assert parsed.capture.invocation.argv == ("route", "-n")
    assert (parsed.capture.first_line, parsed.capture.last_line, parsed.capture.abbreviated) == (1, 6, False)


def test_a_transcript_under_the_name_of_a_call_stays_one(tmp_path: Path) -> None:
    text = f"azureuser@aks-1-0:~$ ip addr\n{IP_ADDR}azureuser@aks-1-0:~$ route -n\n{ROUTE_N}"
    [node] = of_one(tmp_path, "ip_addr.txt", text).nodes
    assert node.name == "aks-1-0"
    assert [parsed.command for parsed in node.captures] == ["ip addr", "route -n"]


def test_what_a_file_shows_counts_for_more_than_its_name(tmp_path: Path) -> None:
    [node] = of_one(tmp_path, "nsenter_7_ip_addr.txt", ROUTE_N).nodes
    [parsed] = node.captures
    assert (parsed.command, parsed.capture.namespace) == ("route -n", "pid:7")


def test_prose_around_output_is_passed_over_where_a_person_named_the_file(tmp_path: Path) -> None:
    text = f"Here is what you asked for:\n\n{IP_ADDR}\nThanks, and see you\n"
    [node] = of_one(tmp_path, "nsenter_7_ip_addr.txt", text.replace("eth0:", "eth0@if9:")).nodes
    [parsed] = node.captures
    assert parsed.result.unparsed == ()
    assert (parsed.namespace, parsed.capture.abbreviated) == ("pid:7", False)
    [node] = of_one(tmp_path, "collect/ip_4_addr.json", f"what?\n{IP_ADDR}").nodes
    assert [line.text for line in node.captures[0].result.unparsed] == ["what?"]


def test_an_error_in_the_place_of_output_is_listed(tmp_path: Path) -> None:
    error = 'Cannot open network namespace "cni-1": No such file or directory'
    [node] = analyze(of_one(tmp_path, "sos_commands/networking/ip_-d_address", error)).nodes
    assert [line.text for line in node.unparsed] == [error]


def test_an_empty_file_is_an_answer_of_some_commands_only(tmp_path: Path) -> None:
    reading = read(written(tmp_path / "b.zip", zipped({"brctl_show": "", "ip_addr.txt": "\n", "route_-n": ROUTE_N})))
    [node] = reading.nodes
    assert node.bridges == ()
    assert node.interfaces is None
    assert reading.passed_over == 1
    assert analyze(reading).nodes[0].mode.datapath == "transparent"


def test_a_tail_of_json_begins_in_the_middle(tmp_path: Path) -> None:
    rows = [
        {"ifindex": number, "ifname": f"veth{number}", "flags": ["UP"], "mtu": 1500, "operstate": "UP", "addr_info": []}
        for number in range(1, 40)
    ]
    texts = (json.dumps(rows), json.dumps(rows, indent=4), json.dumps(rows, indent=4).replace("},\n    {", "},{"))
    for text in texts:
        [node] = of_one(tmp_path, "collect/ip_4_addr.json", text[len(text) // 2 :]).nodes
        assert node.interfaces is not None
        assert [row.ifindex for row in node.interfaces][-1] == 39
        assert 18 <= len(node.interfaces) <= 20
        [parsed] = node.captures
        assert parsed.capture.abbreviated
        assert parsed.result.unparsed[0].line == 1


def test_a_cut_off_file_is_abbreviated(tmp_path: Path) -> None:
    [node] = of_one(tmp_path, "ip_addr.txt", IP_ADDR[:-30]).nodes
    assert "ip addr" not in node.complete


def test_names_of_nodes_come_from_folders_where_there_are_several(tmp_path: Path) -> None:
    second = IP_ADDR.replace("9c:96:47", "9c:96:48").replace("10.240.0.4", "10.240.0.9")
    files = {"case/a/host/ip_addr.txt": IP_ADDR, "case/a/host/route_-n": ROUTE_N}
    files |= {"case/b/host/ip_addr.txt": second, "case/b/pods/nsenter_1_ip_addr": IP_ADDR.replace("h0:", "h0@if9:")}
    reading = read(written(tmp_path / "b.zip", zipped(files)))
    assert [(node.name, len(node.captures)) for node in reading.nodes] == [("a", 2), ("b", 2)]
    files |= {"case/a/etc/hostname": "aks-0\n"}
    reading = read(written(tmp_path / "b.zip", zipped(files)))
    assert [node.name for node in reading.nodes] == ["aks-0", "b"]


def test_folders_by_topic_are_one_node(tmp_path: Path) -> None:
    files = {"addresses/ip_addr.txt": IP_ADDR, "routes/route_-n": ROUTE_N}
    [node] = read(written(tmp_path / "b.zip", zipped(files))).nodes
    assert (node.name, len(node.captures)) == (None, 2)


def test_several_archives_are_several_nodes(tmp_path: Path) -> None:
    paths = [
        written(tmp_path / f"aks-{number}.tar.gz", tarred({"ip_addr": IP_ADDR.replace("96:47", f"96:5{number}")}))
        for number in range(3)
    ]
    assert [node.name for node in read(paths).nodes] == ["aks-0", "aks-1", "aks-2"]


def test_a_long_text_is_read_in_pieces(tmp_path: Path) -> None:
    noise = "".join(f"level=info msg={hash((number, 'x')):x}\n" for number in range(80_000))
    text = f"{noise}$ ip addr\n{IP_ADDR}{noise}"
    reading = of_one(tmp_path, "notes.txt", text)
    [parsed] = reading.nodes[0].captures
    assert parsed.capture.call_line == 80_001
    assert of_one(tmp_path, "notes.txt", noise * 2).passed_over == 1
    assert of_one(tmp_path, "ip_addr.txt", noise * 2).passed_over == 1
    # A line that is longer than any that anybody reads is one line all the same.
    long = "".join(f"{hash((number, 'y')):x} " for number in range(260_000))
    [parsed] = of_one(tmp_path, "notes.txt", f"{long}\n{long}\n$ ip addr\n{IP_ADDR}").nodes[0].captures
    assert parsed.capture.call_line == 3


# --- hostile bundles --------------------------------------------------------------------------------------------------


def assert_cheap(path: Path, **limits: int) -> Any:
    spent = cost(path, **limits)
    print(f"{path.name}: {spent.seconds:.2f} s, {spent.mebibytes:.0f} MiB, {spent.skipped[:2]}")
    assert spent.seconds < SECONDS
    assert spent.mebibytes < MEBIBYTES
    return spent


def test_a_zip_bomb(tmp_path: Path) -> None:
    bomb = zip_of_zeros(10 << 30)
    assert len(bomb) < 12 << 20
    path = written(tmp_path / "bomb.zip", bomb)
    ratio = "unpacks to more than 200 times its size (raise --max-ratio)"
    assert assert_cheap(path).skipped == [(f"{path}!notes.txt", ratio)]
    size = "larger than 64 MiB (raise --max-member-size)"
    assert assert_cheap(path, ratio=10**9).skipped == [(f"{path}!notes.txt", size)]
    total = "more than 1 GiB in all; the rest is not read (raise --max-total-size)"
    assert assert_cheap(path, ratio=10**9, member_size=1 << 40).skipped == [(str(path), total)]
    nested = written(tmp_path / "nested.zip", zipped({"ip_addr.txt": IP_ADDR, "a.zip": zipped({"b.zip": bomb})}))
    spent = assert_cheap(nested)
    assert (spent.nodes, len(spent.skipped)) == (1, 1)


def test_a_bomb_of_bzip2(tmp_path: Path) -> None:
    packer = bz2.BZ2Compressor()
    data = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(256)) + packer.flush()
    path = written(tmp_path / "bomb.bz2", data * 40)
    assert "--max-ratio" in assert_cheap(path).skipped[0][1]
    assert "--max-member-size" in assert_cheap(path, ratio=10**9).skipped[0][1]


def test_members_that_lead_out_of_the_archive(tmp_path: Path) -> None:
    names = ["../../x/ip_addr.txt", "/etc/ip_addr.txt", "a/../../ip_addr.txt", "C:/ip_addr.txt"]
    for name, data in (("t.tar", tarred(dict.fromkeys(names, IP_ADDR), "w")), ("z.zip", b"")):
        path = written(tmp_path / name, data or zipped(dict.fromkeys(names, IP_ADDR)))
        reading = read(path)
        assert reading.nodes == ()
        assert reasons(reading) == ["its path leads out of the archive"] * 4
        assert {file for file, _ in reading.skipped} == {f"{path}!{name}" for name in names}
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["t.tar", "z.zip"]


def test_links_and_devices_in_a_tar(tmp_path: Path) -> None:
    more = [
        tar_info("a", tarfile.SYMTYPE, "b"),
        tar_info("b", tarfile.SYMTYPE, "a"),
        tar_info("ip_addr", tarfile.SYMTYPE, "/etc/passwd"),
        tar_info("ip_link", tarfile.LNKTYPE, "ip_link"),
        tar_info("brctl_show", tarfile.FIFOTYPE),
        tar_info("null", tarfile.CHRTYPE),
    ]
    path = written(tmp_path / "t.tar.gz", tarred(FILES, more=more))
    reading = read(path)
    assert files_of(reading) == [f"{path}!ip_addr.txt", f"{path}!route_-n"]
    assert reading.passed_over == 4
    assert reading.skipped == ((f"{path}!brctl_show", "no regular file"), (f"{path}!null", "no regular file"))


def test_links_and_pipes_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / "ip_addr.txt").write_text(IP_ADDR, encoding="utf-8")
    (folder / "loop").symlink_to(folder)
    (folder / "ip_link.txt").symlink_to("/etc/passwd")
    (folder / "self").symlink_to("self")
    os.mkfifo(folder / "route_-n")
    spent = assert_cheap(folder)
    assert spent.skipped == [(f"{folder}/route_-n", "no regular file")]
    assert (spent.nodes, spent.passed_over) == (1, 3)


def test_what_may_not_be_read_is_reported() -> None:
    # Others than the owner must get into the folder: root reads everything, and is somebody else for this test.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        secret = written(folder / "ip_addr.txt", IP_ADDR.encode())
        assert read(folder).skipped == ()
        secret.chmod(0)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            assert read(folder).skipped == ((str(secret), "Permission denied"),)
        finally:
            os.seteuid(user)


def test_a_sparse_member(tmp_path: Path) -> None:
    info = tar_info("ip_addr", tarfile.GNUTYPE_SPARSE)
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[386:410] = b"%011o\0%011o\0" % (0, 0)
    header[483:495] = b"%011o\0" % (3 << 30)
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + 256 + sum(header[156:]))
    assert is_tar(bytes(header))
    path = written(tmp_path / "t.tar", bytes(header) + tarred(FILES, "w"))
    spent = assert_cheap(path)
    assert spent.skipped == [(f"{path}!ip_addr", "a sparse file")]
    assert spent.nodes == 1


def test_a_member_of_three_gigabytes_in_a_sparse_file(tmp_path: Path) -> None:
    info = tar_info("notes.txt", tarfile.REGTYPE)
    info.size = 3 << 30
    path = tmp_path / "t.tar"
    with path.open("wb") as file:
        file.write(info.tobuf(tarfile.GNU_FORMAT))
        file.seek(info.size, io.SEEK_CUR)
        file.write(tarred(FILES, "w"))
    spent = assert_cheap(path)
    assert spent.nodes == 1
    assert spent.passed_over == 1  # it is binary, so it is not read whole


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz", "w"])
def test_a_truncated_archive(mode: str, tmp_path: Path) -> None:
    data = tarred({**FILES, "ip_link.txt": os.urandom(300_000)}, mode)
    path = written(tmp_path / "cut", data[: len(data) - 100_000])
    reading = read(path)
    assert reading.skipped == ((str(path), "cut off"),)
    if mode != "w:bz2":  # its blocks are large
        assert len(reading.nodes) == 1


def test_damaged_members(tmp_path: Path) -> None:
    data = bytearray(zipped({**FILES, "brctl_show": "bridge name\tbridge id\n"}))
    data[60] ^= 0xFF
    path = written(tmp_path / "b.zip", bytes(data))
    reading = read(path)
    [(file, reason)] = reading.skipped
    assert file == f"{path}!ip_addr.txt"
    assert reason.startswith("damaged")
    assert files_of(reading)[0] == f"{path}!route_-n"
    cut = read(written(tmp_path / "cut.zip", zipped(FILES)[:-30]))
    assert reasons(cut) == ["no zip directory: cut off, or no zip archive"]
    for name in ("a.zip", "a.tar.gz"):
        assert reasons(read(written(tmp_path / name, b"hello"))) == ["not the archive that its name says"]
        assert reasons(read(written(tmp_path / name, b""))) == ["empty"]


def test_too_many_members(tmp_path: Path) -> None:
    reason = "more than 100,000 members; the rest is not read (raise --max-members)"
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("ip_addr.txt", IP_ADDR)
        for number in range(101_000):
            archive.writestr(f"{number}", "")
    path = written(tmp_path / "many.zip", data.getvalue())
    spent = assert_cheap(path)
    assert (spent.nodes, spent.skipped) == (1, [(str(path), reason)])
    block = tar_info("x", tarfile.REGTYPE).tobuf()
    data_only = tarred(FILES, "w").rstrip(b"\0")
    path = written(tmp_path / "many.tar", data_only + bytes(-len(data_only) % 512) + block * 101_000)
    spent = assert_cheap(path)
    assert (spent.nodes, spent.skipped) == (1, [(str(path), reason)])


def test_names_that_are_no_text(tmp_path: Path) -> None:
    data = tarred({"case-XX/ip_addr.txt": IP_ADDR}, "w", form=tarfile.GNU_FORMAT)
    header = bytearray(data[:512].replace(b"XX", b"\xff\xfe"))
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + 256 + sum(header[156:]))
    path = written(tmp_path / "t.tar", bytes(header) + data[512:])
    assert files_of(read(path)) == [f"{path}!case-\\xff\\xfe/ip_addr.txt"]
    path = written(tmp_path / "z.zip", zipped({"case-XX/ip_addr.txt": IP_ADDR}).replace(b"XX", b"\xff\xfe"))
    reading = read(path)
    assert files_of(reading) == [f"{path}!case-\\xff\\xfe/ip_addr.txt"]
    assert json.loads(analyze(reading).model_dump_json())
    folder = tmp_path / "folder"
    folder.mkdir()
    written(Path(os.fsdecode(os.fsencode(folder) + b"/ip_addr_\xff.txt")), IP_ADDR.encode())
    reading = read(folder)
    assert files_of(reading) == [f"{folder}/ip_addr_\\xff.txt"]
    assert json.loads(analyze(reading).model_dump_json())


def test_overlapping_and_encrypted_members(tmp_path: Path) -> None:
    reading = read(written(tmp_path / "overlap.zip", overlapping_zip()))
    assert set(reasons(reading)) == {"overlaps another member"}
    path = written(tmp_path / "secret.zip", encrypted_zip(FILES))
    reading = read(path)
    assert reading.skipped == ((f"{path}!ip_addr.txt", "encrypted"),)
    assert files_of(reading) == [f"{path}!route_-n"]


def test_headers_of_tar_that_ask_for_too_much(tmp_path: Path) -> None:
    for kind in (tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME):
        info = tar_info("x", kind)
        info.size = 6 << 30
        path = tmp_path / "t.tar"
        with path.open("wb") as file:
            file.write(info.tobuf(tarfile.GNU_FORMAT))
            file.truncate(7 << 30)
        assert assert_cheap(path).skipped == [(str(path), "a tar header larger than 1 MiB")]


def test_what_is_skipped_is_not_listed_without_end(tmp_path: Path) -> None:
    path = written(tmp_path / "t.tar", tarred({f"../{number}": "" for number in range(5000)}, "w"))
    reading = read(path)
    assert len(reading.skipped) == 1001
    assert reading.skipped[-1][1].endswith("and 3,999 more not listed")


def test_any_archive_with_a_byte_changed_is_read_or_reported(tmp_path: Path) -> None:
    for name, data in (("b.zip", zipped(FILES)), ("b.tar", tarred(FILES, "w")[:4096]), ("b.tgz", tarred(FILES))):
        for place in range(0, len(data), 7):
            for value in (0, 0xFF):
                changed = bytearray(data)
                changed[place] = value
                reading = read(written(tmp_path / name, bytes(changed)))
                analyze(reading)


# --- the command line -------------------------------------------------------------------------------------------------


def test_limits_are_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "500")  # so that no path is broken, however long
    path = written(tmp_path / "b.zip", zipped({**FILES, "ip_link.txt": IP_ADDR * 100}))
    assert main([str(path), "--max-member-size", "8K"]) == 2
    shown = capsys.readouterr()
    assert shown.err == f"aksnet-parse: {path}!ip_link.txt: larger than 8 KiB (raise --max-member-size)\n"
    assert "2 pods" in shown.out
    assert f"Not read\n  {path}!ip_link.txt: larger than 8 KiB" in shown.out
    for option, value in (("members", "2"), ("total-size", "9000"), ("ratio", "1"), ("depth", "1")):
        main([str(path), f"--max-{option}", value])
    for value in ("0", "-1", "x", "1.5M"):
        with pytest.raises(SystemExit):
            main([str(path), "--max-total-size", value])


def test_a_bar_shows_itself_on_terminals_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from aksnet_parse.cli import progress

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    quick = Terminal()
    with progress.progress_bar(quick) as told:
        assert told is not None
        told(1 << 20, 5)
    assert quick.getvalue() == ""
    monkeypatch.setattr(progress, "_PATIENCE", 0.0)
    slow = Terminal()
    with progress.progress_bar(slow) as told:
        assert told is not None
        told(1 << 20, 5)
    assert "reading" in slow.getvalue()
    with progress.progress_bar(io.StringIO()) as told:
        assert told is None


def test_the_api_names_the_limits() -> None:
    assert aksnet_parse.Limits() == Limits(64 << 20, 1 << 30, 100_000, 200, 3)
