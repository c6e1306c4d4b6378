"""Command line: add people."""

import sys
from typing import NoReturn

import click

from hiring.ground import clock
from hiring.ground.database import db, lock, writing
from hiring.people import actions, passwords, queries, sessions
from hiring.people.access import why_not_password
from hiring.people.models import Person
from hiring.people.rules import Invalid, Role


@click.group()
def user() -> None:
    """People who sign in."""


@user.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--title", default="", help="What their card says.")
@click.option("--role", "roles", multiple=True, type=click.Choice([role.value for role in Role]))
@click.option("--level", type=click.IntRange(4, 12), required=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
def create(email: str, name: str, title: str, roles: tuple[str, ...], level: int, password_stdin: bool) -> None:
    """Add a person with a password, for example the first administrator."""
    hashed = _password(email, from_stdin=password_stdin)
    try:
        with writing():
            facts = actions.PersonFacts(name=name.strip(), email=email, title=title.strip(), level=level)
            person = actions.create_person(None, facts, clock.now())
            sessions.replace_hash(person, hashed, clock.now())
            for role in roles:
                actions.grant_role(None, person.id, Role(role), clock.now())
            person_id = person.id
    except Invalid as invalid:
        _refuse(str(invalid))
    click.echo(person_id)


@user.command("password")
@click.option("--email", required=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
def password(email: str, password_stdin: bool) -> None:
    """Set somebody's password and end all their sessions."""
    person = queries.by_email(email)
    if person is None:
        _refuse(f"Nobody here has the e-mail address {email}.")
    person_id = person.id
    db.session.rollback()
    hashed = _password(email, from_stdin=password_stdin)
    with writing():
        sessions.replace_hash(lock(Person, person_id), hashed, clock.now())
    click.echo("The password is set; all their sessions have ended.", err=True)


def _password(email: str, *, from_stdin: bool) -> str:
    if from_stdin:
        text = sys.stdin.readline().rstrip("\r\n")
    else:
        text = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    weakness = why_not_password(text, email)
    if weakness is not None:
        _refuse(weakness)
    return passwords.hash_password(text)


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(1)


commands = [user]
