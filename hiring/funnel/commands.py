"""``hiring funnel`` and ``hiring funnel verify``."""

import json
import sys

import click

from hiring.funnel import queries
from hiring.funnel.queries import Window

_COLUMNS = ("entered", "advanced", "rejected", "withdrew", "moved", "open")


@click.group(invoke_without_command=True)
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def funnel(ctx: click.Context, style: str) -> None:
    """The funnel over everything: first entries into each step, and what became of them."""
    if ctx.invoked_subcommand is not None:
        return
    rows = [
        {"step": row.step.value} | {name: getattr(row, name) for name in _COLUMNS}
        for row in queries.step_figures(Window())
    ]
    if style == "json":
        click.echo(json.dumps({"steps": rows}, indent=2))
        return
    click.echo(f"{'step':18}" + "".join(f"{name:>10}" for name in _COLUMNS))
    for row in rows:
        click.echo(f"{row['step']:18}" + "".join(f"{row[name]:>10}" for name in _COLUMNS))


@funnel.command()
def verify() -> None:
    """Recount everything from the visits and compare; exit 1 and name what differs."""
    with click.progressbar(length=queries.how_many(), hidden=not sys.stderr.isatty(), file=sys.stderr) as bar:
        faults = list(queries.differences(bar.update))
    for fault in faults:
        click.echo(fault, err=True)
    click.echo(f"{len(faults)} figures differ." if faults else "Maintained counts equal the recount.", err=True)
    sys.exit(1 if faults else 0)


commands: list[click.Command] = [funnel]
