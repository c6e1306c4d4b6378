"""What was measured against what is promised: the table, the verdicts, and the record of a run."""

import json
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from tests.bench.pages import FLOOR
from tests.bench.reads import WRITE, Measured

GROWTH = 1.3
"""Times the smaller company's p50 that the larger one's may be."""
ABOVE_FLOOR = 3.0
"""Times the floor page's p50 that any page's may be, in the larger company."""
P95 = 150.0
"""Milliseconds within which 95 of 100 requests are answered, in the larger company."""
MIXED = {"p95": 200.0, "p99": 500.0}
"""Milliseconds under mixed load."""
GROWING = 1.1
"""Times the memory of the first minute that the last minute's may be."""
ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- bench -->", "<!-- /bench -->"
Costs = dict[str, dict[str, dict[str, Any]]]
"""By company, smallest first, and page: ``p50`` and ``p95`` in milliseconds, and each number of ``queries`` seen."""


def costs(measured: dict[str, dict[str, Measured]]) -> Costs:
    """The figures of what was measured."""
    return {
        company: {
            page: {"p50": round(one.at(0.5), 2), "p95": round(one.at(0.95), 2), "queries": sorted(one.queries)}
            for page, one in pages.items()
        }
        for company, pages in measured.items()
    }


def missed_by_pages(costs: Costs) -> Iterator[str]:
    """Each promise that a page breaks, and by how much."""
    small, large = next(iter(costs.values())), list(costs.values())[-1]
    for page, cost in large.items():
        before, queries = small[page], cost["queries"]
        if len(queries) > 1 or queries != before["queries"]:
            yield f"{page}: {_numbers(before)} queries, then {_numbers(cost)}"
        if page in (FLOOR.name, WRITE):
            continue
        growth, floors = cost["p50"] / before["p50"], cost["p50"] / large[FLOOR.name]["p50"]
        if growth > GROWTH:
            yield f"{page}: p50 grows {growth:.2f} times, at most {GROWTH:g}"
        if floors > ABOVE_FLOOR:
            yield f"{page}: p50 is {floors:.2f} times the floor page's, at most {ABOVE_FLOOR:g}"
        if cost["p95"] >= P95:
            yield f"{page}: p95 is {cost['p95']:.0f} ms, to stay under {P95:g}"


def missed_by_load(load: dict[str, Any]) -> Iterator[str]:
    """Each promise that the mixed load breaks."""
    for share, most in MIXED.items():
        if load["latency"]["all"][share] > most:
            yield f"mixed load: {share} is {load['latency']['all'][share]:.0f} ms, at most {most:g}"
    wrong = {answer: count for answer, count in load["answers"].items() if answer not in ("200", "204", "303")}
    if wrong:
        yield f"mixed load: answers {wrong}"
    memory = load["memory"]
    if memory["last"] > GROWING * memory["first"]:
        yield f"mixed load: memory grows from {memory['first']:.0f} to {memory['last']:.0f} MB"


def missed(results: dict[str, Any]) -> list[str]:
    """Everything that was promised and not held."""
    return [f"{engine}: {words}" for engine, result in results["engines"].items() for words in _missed(result)]


def _missed(result: dict[str, Any]) -> Iterator[str]:
    yield from result.get("missing", [])
    if "pages" in result:
        yield from missed_by_pages(result["pages"])
    if "load" in result:
        yield from missed_by_load(result["load"])


def lines(engine: str, result: dict[str, Any]) -> Iterator[str]:
    """One engine's part of the report, as Markdown."""
    built = ", ".join(f"{name} in {seconds:.0f} s" for name, seconds in result["built"].items())
    yield from (f"### {engine}", "", f"Built: {built}.", "")
    if "pages" in result:
        yield from table(result["pages"])
        yield ""
    if "load" in result:
        load = result["load"]
        told = [
            f"{kind} p50 {each['p50']:.0f}, p95 {each['p95']:.0f}, p99 {each['p99']:.0f} ms"
            for kind, each in load["latency"].items()
        ]
        yield f"{load['rate']} requests a second for {load['seconds']} s: {'; '.join(told)}; answers {load['answers']};"
        yield f"memory {load['memory']['first']:.0f} MB in the first minute, {load['memory']['last']:.0f} in the last."
        yield ""
    wrong = list(_missed(result))
    yield from (
        [f"Missed: {len(wrong)}.", "", *(f"- {words}" for words in wrong)] if wrong else ["Every promise held."]
    )


def table(costs: Costs) -> Iterator[str]:
    """A page per line, dearest first, the companies side by side."""
    names = list(costs)
    small, large = costs[names[0]], costs[names[-1]]
    floor = large[FLOOR.name]["p50"]
    heads = [f"{name}: p50 ms | p95 ms | queries" for name in names]
    yield f"| page | {' | '.join(heads)} | growth | × floor |"
    yield "|---|" + "---:|" * (3 * len(names) + 2)
    for page in sorted(large, key=lambda name: -large[name]["p50"]):
        cells = [
            f"{costs[name][page]['p50']:.1f} | {costs[name][page]['p95']:.1f} | {_numbers(costs[name][page])}"
            for name in names
        ]
        p50 = large[page]["p50"]
        yield f"| {page} | {' | '.join(cells)} | {p50 / small[page]['p50']:.2f} | {p50 / floor:.2f} |"


def _numbers(cost: dict[str, Any]) -> str:
    return " or ".join(str(one) for one in cost["queries"])


def text(results: dict[str, Any]) -> str:
    """The whole report."""
    parts = ["\n".join(lines(engine, result)) for engine, result in results["engines"].items()]
    return "\n\n".join([f"{results['at'][:10]}, {results['machine']}.", *parts])


def machine() -> str:
    """What it ran on."""
    known = Path("/proc/cpuinfo")
    told = known.read_text().splitlines() if known.exists() else []
    names = [line.partition(":")[2].strip() for line in told if line.startswith("model name")]
    python = f"Python {platform.python_version()}"
    memory = f"{psutil.virtual_memory().total / 2**30:.0f} GiB"
    return f"{os.cpu_count()} cores {names[0] if names else platform.processor()}, {memory}, {python}"


def record(results: dict[str, Any], words: str) -> None:
    """Keep a run: its figures in docs/bench.json, its report between the marks in ARCHITECTURE.md."""
    (ROOT / "docs" / "bench.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    page = ROOT / "ARCHITECTURE.md"
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{words}\n{END}{after}")
