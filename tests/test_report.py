"""Reports in a browser: they open from disk, say nothing and ask for nothing, and do what they offer, whatever names
there are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from aksnet_parse import (
    Reading,
    Redaction,
    UsageError,
    analyze,
    html_comparison,
    html_report,
    html_trace,
    read,
    trace,
)
from aksnet_parse.cli import main
from tests.benchmarks.texts import node_listing, node_session
from tests.browser import axe_violations, chromium, opened
from tests.redacted import KEY, RICH, SECRETS
from tests.test_secrets import HOST, ID, OTHER, PROMPT, SECRET, container

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples"
BROKEN = SAMPLES / "azure-cni-broken.txt"
PODS = 250
LARGEST = 1_500_000
MOST_ELEMENTS = 20_000

HOSTILE_VETH = "<script>x=1<b>'"
HOSTILE_POD = "<svg/onload=boom()>\"'&"
HOSTILE_FILE = "<img src=x onerror=boom()>\u202etxt.'\"&.txt"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The page that the command line makes of its arguments; made once for each."""
    folder = tmp_path_factory.mktemp("reports")
    made: dict[tuple[str, ...], Path] = {}

    def make(*arguments: object) -> Path:
        words = tuple(map(str, arguments))
        if words not in made:
            path = folder / f"{len(made)}.html"
            assert main([*words, "--format", "html", "-o", str(path)]) == 0
            made[words] = path
        return made[words]

    return make


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session on a node of 250 pods, each of them looked into, and named by the cluster."""
    path = tmp_path_factory.mktemp("many") / "session.txt"
    path.write_text(node_session(PODS) + node_listing(PODS), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node whose interface, pod and file have names that would be markup, or turn the line around."""
    path = tmp_path_factory.mktemp("hostile") / HOSTILE_FILE
    text = BROKEN.read_text(encoding="utf-8").replace("azv9360aaa8ccc", HOSTILE_VETH)
    pods = [
        {
            "metadata": {"name": HOSTILE_POD, "namespace": "\u202eevil\u2066"},
            "spec": {},
            "status": {"phase": "Running", "podIP": "10.240.0.5", "podIPs": [{"ip": "10.240.0.5"}]},
        }
    ]
    listed = json.dumps(
        {"apiVersion": "v1", "kind": "List", "items": [{"kind": "Pod", **pod} for pod in pods]}, indent=2
    )
    path.write_text(f"{text}azureuser@aks-nodepool1-12345678-vmss000000:~$ kubectl get pods -o json\n{listed}\n")
    return path


# --- all pages --------------------------------------------------------------------------------------------------------


@pytest.fixture(
    scope="module",
    params=["broken", "bridge", "several", "comparison", "trace", "hostile", "many"],
)
def page_of(request: pytest.FixtureRequest, report: Callable[..., Path], many: Path, hostile: Path) -> Path:
    kinds: dict[str, tuple[object, ...]] = {
        "broken": (BROKEN,),
        "bridge": (SAMPLES / "docker-kubenet.txt",),
        "several": tuple(sorted(SAMPLES.glob("*.txt"))),
        "comparison": ("compare", SAMPLES / "kubenet-bridge.txt", SAMPLES / "kubenet-calico.txt"),
        "trace": ("trace", SAMPLES / "azure-cni-transparent.txt", "--from", "10.220.2.21", "--to", "8.8.8.8"),
        "hostile": (hostile,),
        "many": (many,),
    }
    return report(*kinds[request.param])


def test_a_page_opens_from_disk_and_neither_complains_nor_asks(browser: Any, page_of: Path) -> None:
    with opened(browser, page_of) as seen:
        assert seen.page.inner_text("h1")
        assert seen.page.query_selector("details.capture") is not None
        for width in (1280, 360):
            seen.page.set_viewport_size({"width": width, "height": 900})
            assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        assert seen.complaints == []
        assert seen.requests == [page_of.as_uri()]
        # What got into the page in spite of all would be stopped by its policy.
        blocked = "fetch('https://example.invalid/').then(() => 'sent', () => 'blocked')"
        assert seen.page.evaluate(blocked) == "blocked"
        assert any("Content Security Policy" in text for text in seen.complaints)
        assert seen.requests == [page_of.as_uri()]


def test_axe_finds_no_violation(browser: Any, page_of: Path) -> None:
    is_large = page_of.stat().st_size > 200_000
    # In the dark the colours are others, and nothing else.
    schemes: list[tuple[Literal["light", "dark"], list[str]]] = [("light", []), ("dark", ["color-contrast"])]
    for scheme, only in schemes:
        with opened(browser, page_of, scheme=scheme) as seen:
            which = "details.node" if is_large else "details"
            seen.page.evaluate("which => document.querySelectorAll(which).forEach(one => { one.open = true })", which)
            button = seen.page.query_selector("tbody tr .name button")
            if button is not None:
                button.click()
            # To look at the colours of thousands of lines takes half a minute, and they are the same as of a few.
            assert axe_violations(seen.page, only=only, without=["color-contrast"] if is_large else []) == []
        if is_large:
            break


def test_a_page_holds_every_line_that_it_cites(page_of: Path) -> None:
    text = page_of.read_text(encoding="utf-8")
    ids = set(re.findall(r' id="([^"]*)"', text))
    links = set(re.findall(r' href="#([^"]*)"', text))
    assert len(links) > 5
    assert links <= ids
    assert len(re.findall(r' id="', text)) == len(ids)
    body = text.partition("<body>")[2].partition("<script>")[0]
    assert re.findall(r"<[^>]*\s(?:src|srcset|data|action|(?:xlink:)?href)=\"(?!#)[^>]*>", body) == []


# --- what can be done with one ----------------------------------------------------------------------------------------


def test_the_answer_stands_on_top(browser: Any, report: Callable[..., Path]) -> None:
    with opened(browser, report(BROKEN)) as seen:
        assert seen.page.inner_text("h1") == "Node aks-nodepool1-12345678-vmss000000"
        assert "transparent mode" in seen.page.inner_text(".answer")
        assert "2 errors" in seen.page.inner_text(".answer")
        assert seen.page.locator(".finding-error").count() == 2


def _shown(page: Any) -> tuple[list[str], list[str]]:
    """The pods that the table and the picture show, by their numbers."""
    rows = page.eval_on_selector_all("tbody tr", "all => all.filter(r => !r.hidden).map(r => r.dataset.pod)")
    lanes = page.eval_on_selector_all(
        ".picture .aks-pod-row",
        "all => all.filter(r => getComputedStyle(r).display !== 'none').map(r => r.dataset.pod)",
    )
    return sorted(rows), sorted(lanes)


def test_a_search_leaves_what_it_finds(browser: Any, report: Callable[..., Path], many: Path) -> None:
    with opened(browser, report(many)) as seen:
        page = seen.page
        rows, lanes = _shown(page)
        assert rows == lanes
        assert len(rows) == PODS
        page.fill("input[type=search]", "10.244.0.77 payments")
        rows, lanes = _shown(page)
        assert len(rows) == 1
        assert rows == lanes
        assert page.inner_text(".shown") == f"1 of {PODS} pods"
        assert page.evaluate(
            "document.querySelector('.picture').scrollHeight <= document.querySelector('.picture').clientHeight"
        )
        page.fill("input[type=search]", "no such pod")
        assert _shown(page) == ([], [])
        page.fill("input[type=search]", "")
        assert len(_shown(page)[1]) == PODS
        assert seen.complaints == []


def test_what_is_wrong_can_be_shown_alone_and_groups_folded(browser: Any, report: Callable[..., Path]) -> None:
    with opened(browser, report(BROKEN)) as seen:
        page = seen.page
        page.check("[name=broken]")
        assert _shown(page) == (["1"], ["1"])
        page.uncheck("[name=broken]")
        page.uncheck("[name=status][value=partial]")
        assert _shown(page) == (["0", "2", "3"], ["0", "2", "3"])
        group = page.locator(".picture .aks-group", has=page.locator("title", has_text="a route of the host"))
        group.click()
        assert group.get_attribute("aria-expanded") == "false"
        assert _shown(page)[1] == []
        group.click()
        assert len(_shown(page)[1]) == 3


def test_choosing_a_pod_lights_up_its_way_and_shows_its_proofs(browser: Any, report: Callable[..., Path]) -> None:
    with opened(browser, report(BROKEN)) as seen:
        page = seen.page
        assert page.is_hidden(".chosen")
        page.click('.picture [data-pod="2"]')
        chosen = page.inner_text(".chosen")
        assert "10.240.0.7" in chosen
        assert "peer-ifindex" in chosen
        assert "host-route" in chosen
        assert "eth0 (8) → azv64ec91b3c7e (9) → route 10.240.0.7/32 → eth0 → 10.240.0.1" in chosen
        assert "azv64ec91b3c7e@if8: <BROADCAST" in chosen  # the line itself
        lit = page.eval_on_selector_all(".picture .lit", "all => all.map(one => one.classList[1] || '')")
        assert {"aks-uplink", "aks-gateway"} <= set(lit)
        assert page.eval_on_selector_all("tr.lit", "all => all.map(one => one.dataset.pod)") == ["2"]
        # The broken one goes no further than where it is broken.
        page.click('.picture [data-pod="1"]')
        lit = page.eval_on_selector_all(".picture .lit", "all => all.map(one => one.classList[1] || '')")
        assert "aks-gateway" not in lit
        assert "nothing reaches the pod" in page.inner_text(".chosen")
        assert page.inner_text(".chosen .way") == "eth0 (6) → azv0bcc9248a17 (7) → ?"
        page.click(".chosen .close")
        assert page.is_hidden(".chosen")
        assert page.locator(".lit").count() == 0


def test_pointing_at_a_pod_lights_up_its_way_for_as_long(browser: Any, report: Callable[..., Path]) -> None:
    hinted = "all => all.flatMap(one => [one.tagName, ...one.classList])"
    with opened(browser, report(BROKEN)) as seen:
        page = seen.page
        page.click('.picture [data-pod="3"]')
        for target in ('.picture [data-pod="2"] .aks-veth', 'tbody tr[data-pod="2"] td:nth-child(3)'):
            page.hover(target)
            lit = page.eval_on_selector_all(".hinted", hinted)
            assert {"aks-trunk", "aks-uplink", "aks-gateway", "TR"} <= set(lit)
            assert page.get_attribute(".picture .aks-pod-row.hinted", "data-pod") == "2"
            page.hover("h1")
            assert page.locator(".hinted").count() == 0
        page.hover('.picture [data-pod="1"]')
        assert "aks-gateway" not in page.eval_on_selector_all(".hinted", hinted)
        # What was chosen stays chosen.
        assert page.get_attribute(".picture .aks-pod-row.lit", "data-pod") == "3"
        assert seen.complaints == []


def test_a_bridge_is_part_of_the_way(browser: Any, report: Callable[..., Path]) -> None:
    with opened(browser, report(SAMPLES / "azure-cni-bridge.txt")) as seen:
        seen.page.click('.picture [data-pod="3"]')
        assert seen.page.inner_text(".chosen .way").endswith(" → bridge azure0 → eth0 → 10.240.0.1")
        lit = seen.page.eval_on_selector_all(".picture .lit", "all => all.map(one => one.getAttribute('class'))")
        assert {"aks-bridge", "aks-bus", "aks-trunk", "aks-uplink", "aks-gateway"} <= {
            name for names in lit for name in names.split()
        }


def test_nodes_of_one_name_are_told_apart(browser: Any, report: Callable[..., Path]) -> None:
    with opened(browser, report(BROKEN, SAMPLES / "azure-cni-bridge.txt")) as seen:
        names = seen.page.locator(".nodes a").all_inner_texts()
        assert names == [f"aks-nodepool1-12345678-vmss000000, {number} of 2" for number in (1, 2)]


def test_evidence_leads_to_the_line(browser: Any, report: Callable[..., Path]) -> None:
    with opened(browser, report(BROKEN)) as seen:
        page = seen.page
        line = page.locator("#l46")
        assert not line.is_visible()
        page.locator(".finding-error .cited a", has_text=re.compile("^46$")).first.click()
        line.wait_for(state="visible")
        assert "168.63.129.16" in line.inner_text()
        assert page.evaluate("document.querySelector('#l46').matches(':target')")
        box = line.bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 900
        number = line.evaluate("one => one.parentElement.start + [...one.parentElement.children].indexOf(one)")
        assert number == 46


def test_a_finding_leads_to_its_pod(browser: Any, report: Callable[..., Path]) -> None:
    with opened(browser, report(BROKEN)) as seen:
        seen.page.click(".about a")
        seen.page.wait_for_selector(".chosen", state="visible")
        assert "10.240.0.6" in seen.page.inner_text(".chosen h4")


def test_the_table_is_sorted_by_what_is_pressed(browser: Any, report: Callable[..., Path], many: Path) -> None:
    with opened(browser, report(many)) as seen:
        page = seen.page
        button = page.locator("thead th button", has_text="addresses")

        def first() -> str:
            return str(page.inner_text("tbody tr td:nth-child(3)"))

        button.click()
        assert first() == "10.244.0.2/16"
        button.click()
        assert first() == "10.244.0.251/16"
        assert page.get_attribute("th[aria-sort]", "aria-sort") == "descending"


def test_everything_can_be_done_by_keyboard(browser: Any, report: Callable[..., Path]) -> None:
    with opened(browser, report(BROKEN)) as seen:
        page = seen.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        stops = []
        for _ in range(40):
            page.keyboard.press("Tab")
            stops.append(
                page.evaluate("document.activeElement.getAttribute('class') || document.activeElement.tagName")
            )
            if "aks-group" in stops[-1]:
                break
        else:
            pytest.fail(f"no way into the picture: {stops}")
        page.keyboard.press("End")
        page.keyboard.press("ArrowUp")
        assert page.evaluate("document.activeElement.dataset.pod") == "3"
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        assert page.get_attribute('.picture [data-pod="2"]', "aria-pressed") == "true"
        assert page.is_visible(".chosen")
        # The picture is one stop, however many rows it has.
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('.picture')") is None
        page.keyboard.press("Escape")
        assert page.is_hidden(".chosen")


def test_the_picture_can_be_made_larger(browser: Any, report: Callable[..., Path]) -> None:
    with opened(browser, report(BROKEN)) as seen:
        page = seen.page
        before = page.eval_on_selector(".picture svg", "one => one.getBoundingClientRect().width")
        page.click("[data-zoom='1']")
        assert page.inner_text(".zoom output") == "125%"
        after = page.eval_on_selector(".picture svg", "one => one.getBoundingClientRect().width")
        assert after == pytest.approx(before * 1.25, abs=1)


def test_dark_is_dark_and_print_is_not(browser: Any, report: Callable[..., Path]) -> None:
    def brightness(page: Any) -> float:
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 3

    with opened(browser, report(BROKEN), scheme="dark") as seen:
        assert brightness(seen.page) < 60
        seen.page.emulate_media(media="print")
        assert brightness(seen.page) == 255
        assert seen.page.is_hidden(".tools")
        assert seen.page.is_visible(".picture svg")
        assert seen.page.is_hidden("details.capture")
        assert seen.page.pdf().startswith(b"%PDF")
    with opened(browser, report(BROKEN)) as seen:
        assert brightness(seen.page) > 240


# --- comparison and trace ---------------------------------------------------------------------------------------------


def test_a_comparison_shows_the_wiring_of_both_sides(browser: Any, report: Callable[..., Path]) -> None:
    path = report("compare", SAMPLES / "kubenet-bridge.txt", SAMPLES / "kubenet-calico.txt")
    with opened(browser, path) as seen:
        assert seen.page.locator("details.side > summary").all_inner_texts() == ["before: 5 pods", "after: 9 pods"]
        before, after = (seen.page.locator("details.side svg").nth(number) for number in (0, 1))
        assert before.locator(".aks-pod-row").count() == 5
        assert before.locator(".aks-bridge").count() == 1
        assert after.locator(".aks-pod-row").count() == 9
        assert after.locator(".aks-bridge .aks-bus").count() == 0
        assert after.is_visible()


def test_a_node_of_one_side_is_shown_there_alone(browser: Any) -> None:
    before, after = (read(SAMPLES / name) for name in ("azure-cni-bridge.txt", "kubenet-calico.txt"))
    both = Reading((*before.nodes, *after.nodes))
    page = html_comparison(before, both)
    assert page.count('<details class="side"') == 3
    assert html_comparison(Reading(()), both).count("</summary>\n<div") == 2


def test_a_trace_shows_the_wiring_of_its_ends_alone(browser: Any, report: Callable[..., Path]) -> None:
    words = ("trace", SAMPLES / "azure-cni-transparent.txt", "--from", "10.220.2.21", "--to")
    for target, pods in (("10.220.2.28", ["3", "4"]), ("8.8.8.8", ["3"])):
        with opened(browser, report(*words, target)) as seen:
            shown = "all => all.map(one => one.dataset.pod)"
            assert seen.page.eval_on_selector_all("#wiring .aks-pod-row", shown) == pods
            assert f"{len(pods)} of 5 pods" in seen.page.inner_text("#wiring")
            assert seen.page.locator("#wiring .aks-gateway").count() == 1


def test_a_trace_to_another_node_shows_both(report: Callable[..., Path], tmp_path: Path) -> None:
    reading = read([SAMPLES / "azure-cni-bridge.txt", SAMPLES / "azure-cni-transparent.txt"])
    [source, target] = (node.pods[0].addresses[0].partition("/")[0] for node in analyze(reading).nodes)
    page = html_trace(reading, source, target)
    numbers = re.findall(r'<svg[^>]* aria-label="Wiring of ([^"]*)"', page)
    assert len(numbers) == len({hop.node for hop in trace(reading, source, target).hops if hop.node is not None})


# --- in a program -----------------------------------------------------------------------------------------------------


def test_a_program_gets_the_same_page_as_the_command_line(report: Callable[..., Path]) -> None:
    broken = read(BROKEN)
    assert html_report(broken) == report(BROKEN).read_text(encoding="utf-8")
    sides = (SAMPLES / "kubenet-bridge.txt", SAMPLES / "kubenet-calico.txt")
    before, after = map(read, sides)
    names = (str(sides[0]), str(sides[1]))
    assert html_comparison(before, after, names=names) == report("compare", *sides).read_text(encoding="utf-8")
    way = ("10.240.0.5", "8.8.8.8")
    made = report("trace", BROKEN, "--from", way[0], "--to", way[1])
    assert html_trace(broken, *way) == made.read_text(encoding="utf-8")


def test_a_program_gets_pages_under_pseudonyms() -> None:
    reading = read(RICH, file="jdoe-case.txt")
    redaction = Redaction(KEY)
    for page in (
        html_report(reading, redaction=redaction),
        html_comparison(reading, reading, names=("jdoe-case.txt", "jdoe-case.txt"), redaction=redaction),
        html_trace(reading, "10.19.69.7", "node", redaction=redaction),
    ):
        assert [secret for secret in SECRETS if secret in page] == []


# --- names that nobody should have ------------------------------------------------------------------------------------


def test_hostile_names_are_text(browser: Any, report: Callable[..., Path], hostile: Path) -> None:
    page_path = report(hostile)
    text = page_path.read_text(encoding="utf-8")
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f]", text)
    with opened(browser, page_path) as seen:
        page = seen.page
        assert page.locator("script").count() == 1
        assert page.locator("img, b, [onload], [onerror]").count() == 0
        row = page.locator("tbody tr", has_text=HOSTILE_VETH)
        assert row.count() == 1
        assert HOSTILE_POD in row.inner_text()
        assert "\\u202eevil\\u2066" in row.inner_text()
        row.locator("button").click()
        assert HOSTILE_VETH in page.inner_text(".chosen")
        assert HOSTILE_POD in page.inner_text(".chosen h4")
        page.fill("input[type=search]", HOSTILE_VETH)
        assert len(_shown(page)[0]) == len(_shown(page)[1]) == 1
        assert seen.complaints == []
        assert page.evaluate("typeof x") == "undefined"


# --- what is in it and what is not ------------------------------------------------------------------------------------


def test_a_page_of_250_pods_stays_small(browser: Any, report: Callable[..., Path], many: Path) -> None:
    path = report(many)
    text = many.read_text(encoding="utf-8")
    assert text.count("\n") > 4_000
    assert path.stat().st_size < LARGEST
    with opened(browser, path) as seen:
        assert f"{PODS} pods, all proven" in seen.page.inner_text(".answer")
        assert seen.page.evaluate("document.querySelectorAll('*').length") < MOST_ELEMENTS
        # All that was captured of the network is there, whatever is folded.
        assert seen.page.locator("ol.lines li").count() >= node_session(PODS).count("\n")


def test_the_same_text_gives_the_same_page(report: Callable[..., Path], tmp_path: Path) -> None:
    other = tmp_path / "other.html"
    assert main([str(BROKEN), "--format", "html", "-o", str(other)]) == 0
    assert other.read_bytes() == report(BROKEN).read_bytes()


def test_a_redacted_page_holds_nothing_that_identifies_anybody(tmp_path: Path) -> None:
    source, page = tmp_path / "jdoe-case.txt", tmp_path / "page.html"
    source.write_text(RICH, encoding="utf-8")
    plain = tmp_path / "plain.html"
    for words, path in ((["--redact-key", KEY.decode()], page), ([], plain)):
        assert main([str(source), "--format", "html", "-o", str(path), *words]) == 0
    found = [secret for secret in SECRETS if secret in page.read_text(encoding="utf-8")]
    assert found == []
    assert "10.19.69.7" in plain.read_text(encoding="utf-8")
    # Its lines are there all the same.
    assert page.read_text(encoding="utf-8").count("<li id=") == plain.read_text(encoding="utf-8").count("<li id=")
    for command in (
        ["compare", str(source), str(source)],
        ["trace", str(source), "--from", "10.19.69.7", "--to", "node"],
    ):
        assert main([*command, "--redact", "--format", "html", "-o", str(page)]) == 0
        assert [secret for secret in SECRETS if secret in page.read_text(encoding="utf-8")] == []


def test_what_a_container_was_given_is_not_in_the_page(tmp_path: Path) -> None:
    source, page = tmp_path / "case.txt", tmp_path / "page.html"
    documents = [container(ID, "k8s_POD_web-1_shop_u-1_0", "podsandbox", "none")]
    documents.append(container(OTHER, "web", "container", f"container:{ID}"))
    source.write_text(
        f"{HOST}{PROMPT}sudo docker inspect {ID[:12]}\n{json.dumps(documents, indent=4)}\n", encoding="utf-8"
    )
    assert analyze(read(source)).nodes[0].pods[0].pid == 16315
    assert main([str(source), "--format", "html", "-o", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert SECRET not in text
    assert "can hold environment variables" in text


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["text", "json", "jsonl", "html"])
def test_an_answer_goes_to_a_file_as_it_goes_to_standard_output(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "answer"
    for command in ([], ["compare", str(BROKEN)]):
        arguments = [*command, str(BROKEN), "--format", kind]
        assert main([*arguments, "-o", str(path)]) == 0
        assert capsys.readouterr().out == ""
        assert main([*arguments, "-o", "-"]) == 0
        assert capsys.readouterr().out == path.read_text(encoding="utf-8")
    assert [one.name for one in tmp_path.iterdir()] == ["answer"]


def test_a_file_that_cannot_be_written_is_one_clear_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none" / "report.html"
    assert main([str(BROKEN), "--format", "html", "-o", str(path)]) == 2
    assert capsys.readouterr().err == f"aksnet-parse: {path}: cannot be written: No such file or directory\n"
    assert main([str(BROKEN), "-o", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"aksnet-parse: {tmp_path}: cannot be written: Is a directory\n"


def test_what_was_there_stays_where_there_is_no_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prose, path = tmp_path / "prose.txt", tmp_path / "report.html"
    prose.write_text("Nothing but prose.\n", encoding="utf-8")
    path.write_text("the last report", encoding="utf-8")
    assert main([str(prose), "--format", "html", "-o", str(path)]) == 1
    assert main(["trace", str(BROKEN), "--from", "nobody", "--to", "node", "--format", "html", "-o", str(path)]) == 2
    assert path.read_text(encoding="utf-8") == "the last report"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["prose.txt", "report.html"]
    path.chmod(0o640)
    assert main([str(BROKEN), "--format", "html", "-o", str(path), "--fail-on", "error"]) == 3
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_report_is_of_one_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--each"], ["--jobs", "2"], ["--pod", "10.240.0.6"]):
        assert main([str(BROKEN), "--format", "html", "-o", str(tmp_path / "x"), *words]) == 2
        assert capsys.readouterr().err.startswith(f"aksnet-parse: --format html goes without {words[0]}"[:38])


def test_without_jinja_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    for name in [name for name in sys.modules if name.startswith(("jinja2", "aksnet_parse.render.html"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert main([str(BROKEN), "--format", "html"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert "pip install 'aksnet-parse[report]'" in shown.err
    reading = read(BROKEN)
    pages: list[Callable[[], str]] = [
        lambda: html_report(reading),
        lambda: html_comparison(reading, reading),
        lambda: html_trace(reading, "10.240.0.5", "node"),
    ]
    for page in pages:
        with pytest.raises(UsageError, match=r"pip install 'aksnet-parse\[report\]'"):
            page()
