"""``hiring import-history``."""

import json
import sys
import tomllib
from dataclasses import asdict
from pathlib import Path

import click

from hiring.exchange import actions
from hiring.exchange.rules import BadImport, read_mapping
from hiring.ground import clock
from hiring.ground.database import writing


class _DryRun(Exception):
    """Rolls the import back after everything was tried."""

    def __init__(self, summary: actions.Summary) -> None:
        super().__init__("dry run")
        self.summary = summary


@click.command("import-history")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", help="Name of this history; default: the mapping's, else the file's name.")
@click.option("--dry-run", is_flag=True, help="Try everything, keep nothing.")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text")
def import_history(file: Path, mapping: Path, source: str | None, dry_run: bool, style: str) -> None:
    """Import a past hiring history from CSV, one event a row; all or nothing."""
    try:
        plan = read_mapping(tomllib.loads(mapping.read_text("utf-8-sig")))
        rows, cases = actions.read_events(file.read_bytes(), plan)
        name = source or plan.source or file.stem
        events = click.progressbar(length=len(cases), label="Importing", file=sys.stderr)
        with events as bar:
            try:
                with writing():
                    summary = actions.import_history(name, rows, cases, plan, now=clock.now(), progress=bar.update)
                    if dry_run:
                        raise _DryRun(summary)
            except _DryRun as tried:
                summary = tried.summary
    except tomllib.TOMLDecodeError as error:
        _refuse([f"The mapping is not TOML: {error}"])
    except UnicodeDecodeError:
        _refuse(["The mapping is not UTF-8."])
    except BadImport as bad:
        _refuse(bad.faults)
    else:
        _report(summary, style, dry_run=dry_run)


def _refuse(faults: list[str]) -> None:
    for fault in faults:
        click.echo(fault, err=True)
    click.echo("Nothing was imported.", err=True)
    sys.exit(1)


def _report(summary: actions.Summary, style: str, *, dry_run: bool) -> None:
    if style == "json":
        click.echo(json.dumps(asdict(summary) | {"dry_run": dry_run}))
        return
    click.echo(
        f"{summary.rows} rows, {summary.cases} cases: {summary.new} new, {summary.extended} extended, "
        f"{summary.unchanged} unchanged, {summary.without_step} without a step; {summary.visits} visits."
    )
    if dry_run:
        click.echo("Dry run: nothing was kept.", err=True)


commands: list[click.Command] = [import_history]
