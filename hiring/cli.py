"""The command line: ``hiring serve``, ``worker``, ``migrate``, ``seed demo`` and what the rooms add.

Data goes to stdout, messages to stderr. Exit 0 done, 1 refused or bad data, 2 usage, 3 unavailable.
"""

import json
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import click
import flask_migrate
from flask import Flask
from sqlalchemy.exc import OperationalError, ProgrammingError

from hiring.app import ROOMS, allow_clock_offset, create_app
from hiring.ground import audit, clock, jobs, rulebook, serving
from hiring.ground.config import Settings, load_settings
from hiring.ground.database import NotVisible, db, schema_change
from hiring.ground.installation import installation
from hiring.ground.rulebook import Refused

REFUSED, UNAVAILABLE = 1, 3


class _Commands(click.Group):
    """A group that turns refusals and outages into words and exit codes."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refused as refused:
            for refusal in refused.refusals:
                click.echo(f"{refusal.rule.id}: {refusal.facts} Way out: {refusal.way_out}", err=True)
            ctx.exit(REFUSED)
        except NotVisible as missing:
            click.echo(f"There is no {missing}.", err=True)
            ctx.exit(REFUSED)
        except OperationalError as error:
            click.echo(f"The database is not available: {error.orig}", err=True)
            ctx.exit(UNAVAILABLE)
        except ProgrammingError as error:  # PostgreSQL's word for tables that are missing
            click.echo(f"The database is not migrated (run `hiring migrate`): {error.orig}", err=True)
            ctx.exit(UNAVAILABLE)


@click.group(cls=_Commands)
@click.version_option(package_name="hiring")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """The Bar Raiser hiring loop, from job description to day one."""
    ctx.obj = load_settings()


def _with_app(command: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command's body inside the application context."""

    @click.pass_obj
    def run(settings: Settings, /, *args: Any, **kwargs: Any) -> Any:
        app = create_app(settings)
        with app.app_context():
            return _give_back(command, app, *args, **kwargs)

    run.__name__, run.__doc__ = command.__name__, command.__doc__
    return run


def _give_back(body: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run a command's body, and give the database its connections back however that ends."""
    try:
        return body(*args, **kwargs)
    finally:
        db.session.remove()
        db.engine.dispose()


@cli.command()
@_with_app
def migrate(app: Flask) -> None:
    """Bring the database's schema to the newest version."""
    _migrate(app)
    click.echo("The schema is up to date.", err=True)


def _migrate(app: Flask) -> None:
    db.session.rollback()
    with schema_change():
        flask_migrate.upgrade()
    allow_clock_offset(app.extensions["settings"])


@cli.group()
def seed() -> None:
    """Fill a fresh database."""


@seed.command()
@click.option("--company", default="Our company", help="The company's name.")
@click.option("--zone", default="UTC", help="IANA zone in which reports are shown.")
@_with_app
def fresh(_app: Flask, company: str, zone: str) -> None:
    """Principles and question bank for a real company."""
    import_module("seed.fresh").build(company, zone, clock.now())


@seed.command()
@_with_app
def demo(_app: Flask) -> None:
    """The demo company; refuses a database that holds anything."""
    _require_empty("the demo")
    import_module("seed.demo").build(clock.now())


@seed.command()
@click.option(
    "--applications", type=click.IntRange(300, 1_500_000), default=10_000, show_default=True, help="How many in all."
)
@_with_app
def large(_app: Flask, applications: int) -> None:
    """A company of 5,000 people with years of history, to measure with; refuses a database that holds anything."""
    _require_empty("the large company")
    import_module("seed.large").build(applications, clock.now(), _tell)


def _tell(what: str, many: int, seconds: float) -> None:
    """One line of progress on stderr."""
    click.echo(f"{seconds:7.1f} s  {what}{f': {many:,}' if many else ''}", err=True)


def _require_empty(what: str) -> None:
    """Leave, refused, where the database holds a company already."""
    if installation() is not None:
        click.echo(f"This database already holds a company; {what} needs an empty one.", err=True)
        sys.exit(REFUSED)


@cli.command()
@click.option("--with-worker/--without-worker", default=True, help="Start the worker along.")
@click.pass_obj
def serve(settings: Settings, with_worker: bool) -> None:
    """Serve the pages on PORT, bound to 127.0.0.1."""
    _serve(settings, with_worker=with_worker)


def _serve(settings: Settings, *, with_worker: bool) -> None:
    try:
        serving.serve("hiring.app:create_app", settings, with_worker=with_worker)
    except serving.PortTaken as taken:
        click.echo(str(taken), err=True)
        sys.exit(UNAVAILABLE)


@cli.command()
@click.pass_obj
def up(settings: Settings) -> None:
    """Migrate, seed the demo company into an empty database, and serve it with the worker."""
    app = create_app(settings)
    with app.app_context():
        _migrate(app)
        if installation() is None:
            click.echo("Building the demo company; this happens once.", err=True)
            import_module("seed.demo").build(clock.now())
        db.session.remove()
        db.engine.dispose()
    _serve(settings, with_worker=True)


@cli.command()
@click.option("--once", is_flag=True, help="Run every job once and stop.")
@_with_app
def worker(app: Flask, once: bool) -> None:
    """Run the jobs: mails, deadlines, interviews that end."""
    if once:
        failed = [outcome for outcome in jobs.run_due(app, clock.now()) if outcome.error]
        sys.exit(REFUSED if failed else 0)
    else:
        jobs.run_worker(app)


@cli.command("rulebook")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text")
@_with_app
def print_rulebook(_app: Flask, style: str) -> None:
    """Print every rule, generated from the code."""
    rules = [
        {"id": r.id, "sentence": r.sentence, "step": str(r.step), "kind": r.kind.value, "source": r.source}
        for r in rulebook.rulebook()
    ]
    if style == "json":
        click.echo(json.dumps({"rules": rules}, indent=2, ensure_ascii=False))
        return
    for rule in rules:
        click.echo(f"{rule['id']:32} {rule['kind']:7} {rule['sentence']} [{rule['source']}]")


@cli.group("audit")
def audit_group() -> None:
    """The audit log."""


@audit_group.command("verify")
@_with_app
def verify_audit(_app: Flask) -> None:
    """Walk the hash chain; exit 1 and name the faults if it was touched."""
    with click.progressbar(length=audit.newest(), hidden=not sys.stderr.isatty(), file=sys.stderr) as bar:
        faults = list(audit.verify(bar.update))
    for fault in faults:
        click.echo(fault, err=True)
    click.echo(f"{len(faults)} faults." if faults else "The audit log is intact.", err=True)
    sys.exit(REFUSED if faults else 0)


def _add_room_commands() -> None:
    for room in ROOMS:
        if find_spec(room) and find_spec(f"{room}.commands"):
            for command in import_module(f"{room}.commands").commands:
                _wrap(command)
                cli.add_command(command)


def _wrap(command: click.Command) -> None:
    """Give a room's command (and those of its group) the application context it expects."""
    if isinstance(command, click.Group):
        for member in command.commands.values():
            _wrap(member)
        if not command.invoke_without_command:
            return
    body = command.callback
    if body is None:
        return

    def run(*args: Any, **kwargs: Any) -> Any:
        app = create_app(click.get_current_context().find_object(Settings))
        with app.app_context():
            return _give_back(body, *args, **kwargs)

    command.callback = run


_add_room_commands()


def main() -> None:
    """Entry point of the ``hiring`` command."""
    cli()


if __name__ == "__main__":
    main()
