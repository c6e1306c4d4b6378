"""The command behind ``make bench``."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from tests.bench import mixed, reads, report
from tests.bench.companies import DEMO, ENGINES, companies, say


@click.command()
@click.option("--sizes", default="10000,1000000", help="Applications of each company, smallest first; 0: the demo.")
@click.option("--engines", default=",".join(ENGINES), help="Engines to measure.")
@click.option("--requests", default=200, help="Counted requests of each page.")
@click.option("--only", default="", help="Only pages whose name contains this.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep companies here, and use those built earlier.")
@click.option("--skip-load", is_flag=True, help="Leave the mixed load out.")
@click.option("--skip-pages", is_flag=True, help="Leave the pages out.")
@click.option("--seconds", default=300, help="How long the mixed load lasts.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write all figures to this file.")
@click.option("--record", is_flag=True, help="Write docs/bench.json, and the table into ARCHITECTURE.md.")
def bench(
    sizes: str,
    engines: str,
    requests: int,
    only: str,
    keep: Path | None,
    skip_load: bool,
    skip_pages: bool,
    seconds: int,
    file: Path | None,
    record: bool,
) -> None:
    """Measure every main page and a mixed load; exit 1 when a promise is missed."""
    results: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": report.machine()}
    results["engines"] = {}
    for engine in engines.split(","):
        with companies(engine, [int(size) or DEMO for size in sizes.split(",")], keep) as built:
            result: dict[str, Any] = {"built": {company.name: company.build() for company in built}}
            if not skip_pages:
                measured, result["missing"] = reads.measure(built, requests, only)
                result["pages"] = report.costs(measured)
            if not skip_load:
                result["load"] = mixed.run(built[-1], seconds)
            results["engines"][engine] = result
            say("\n".join(report.lines(engine, result)))
    text = report.text(results)
    print(text)
    if file is not None:
        file.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    if record:
        report.record(results, text)
    sys.exit(1 if report.missed(results) else 0)


if __name__ == "__main__":
    bench()
