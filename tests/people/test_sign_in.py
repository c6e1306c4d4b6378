"""Signing in and out, on both engines."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hiring.app import create_app
from hiring.ground.config import Settings
from hiring.ground.database import NotVisible, db, lock, writing
from hiring.ground.installation import Installation, Mark
from hiring.people import actions, passwords, sessions
from hiring.people.commands import user
from hiring.people.jobs import forget_tries
from hiring.people.models import Person, SignInAttempt, SignInSession
from hiring.people.rules import Invalid, Role
from tests.cast import Cast, sign_in
from tests.conftest import NOON

SECRET = "correct horse battery"


@pytest.fixture(autouse=True)
def noon(at: Callable[[datetime], None]) -> None:
    at(NOON)


@pytest.fixture
def ivan(cast: Cast) -> Person:
    """Somebody with a password."""
    hashed = passwords.hash_password(SECRET)
    with writing():
        lock(Person, cast.ids["ivan"]).password_hash = hashed
    return cast.ivan


@pytest.fixture
def demo(cast: Cast) -> Cast:
    """A demo, whose cast is Hector alone; Ivan has a password and is not of the cast."""
    hashed = passwords.hash_password(SECRET)
    with writing():
        lock(Installation, 1).mark = Mark.DEMO
        cast.hector.cast = True
        cast.ivan.password_hash = hashed
    return cast


def enter(
    client: FlaskClient, password: str = SECRET, email: str = "ivan@example.org", target: str = ""
) -> TestResponse:
    query = {"next": target} if target else {}
    return client.post("/sign-in", query_string=query, data={"email": email, "password": password})


def who(client: FlaskClient) -> str:
    """Where an inner page sends this browser: its own answer when signed in, else the sign-in page."""
    response = client.get("/account")
    return "in" if response.status_code == 200 else urlsplit(response.location).path


def test_the_right_password_signs_in_and_goes_on_to_the_wanted_page(client: FlaskClient, ivan: Person) -> None:
    response = enter(client, email=" IVAN@example.org", target="/people?q=rita")
    assert (response.status_code, response.location) == (303, "/people?q=rita")
    assert who(client) == "in"


def test_an_inner_page_remembers_where_a_stranger_wanted_to_go(client: FlaskClient, ivan: Person) -> None:
    asked = client.get("/people?q=rita")
    assert asked.location == "/sign-in?next=/people?q%3Drita"
    page = client.get(asked.location)
    assert 'data-action="session.start"' in page.text
    assert "/sign-in?next=/people?q%3Drita" in page.text


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example"])
def test_sign_in_never_leads_to_another_site(client: FlaskClient, ivan: Person, target: str) -> None:
    assert enter(client, target=target).location == "/"


@pytest.mark.parametrize(
    ("email", "password"),
    [("ivan@example.org", "wrong password!"), ("nobody@example.org", SECRET), ("olga@example.org", SECRET)],
)
def test_wrong_password_unknown_email_and_no_password_get_the_same_answer(
    client: FlaskClient, ivan: Person, email: str, password: str
) -> None:
    response = enter(client, password, email)
    assert response.status_code == 422
    assert "This e-mail and password do not belong together." in response.text
    assert who(client) == "/sign-in"


def test_the_tenth_failure_closes_the_door_for_fifteen_minutes_even_to_the_right_password(
    client: FlaskClient, ivan: Person, at: Callable[[datetime], None]
) -> None:
    assert [enter(client, "wrong password!").status_code for _ in range(10)] == [422] * 10
    refused = enter(client)
    assert refused.status_code == 429
    assert "Too many tries" in refused.text
    at(NOON + timedelta(minutes=16))
    assert enter(client).status_code == 303


def test_an_address_that_tries_many_emails_is_stopped_too(client: FlaskClient, ivan: Person) -> None:
    with writing():
        for number in range(50):
            db.session.add(SignInAttempt(email=f"{number}@example.org", address="127.0.0.1", at=NOON))
    assert enter(client).status_code == 429


def test_behind_a_proxy_tries_count_against_who_called_not_against_the_proxy(settings: Settings, ivan: Person) -> None:
    secure = create_app(replace(settings, base_url="https://hiring.example.org"))
    secure.config["WTF_CSRF_ENABLED"] = False
    with writing():
        for number in range(50):
            db.session.add(SignInAttempt(email=f"{number}@example.org", address="203.0.113.5", at=NOON))
    form = {"email": "nobody@example.org", "password": "wrong password!"}

    def try_from(forwarded: str) -> int:
        client = secure.test_client()
        return client.post("/sign-in", data=form, headers={"X-Forwarded-For": forwarded}).status_code

    assert try_from("203.0.113.5") == 429
    assert try_from("198.51.100.7") == 422
    assert try_from("198.51.100.7, 203.0.113.5") == 429, "what a caller says of themselves is not believed"
    with secure.app_context():
        db.engine.dispose()


def test_successes_are_not_counted_as_tries(client: FlaskClient, ivan: Person) -> None:
    for _ in range(11):
        assert enter(client).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 0


def test_tries_are_forgotten_after_a_day(ivan: Person) -> None:
    with writing():
        for age in (25, 23):
            db.session.add(SignInAttempt(email="x@example.org", address="", at=NOON - timedelta(hours=age)))
    assert forget_tries(NOON) == 1
    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 1


def test_signing_out_ends_the_session_and_a_kept_cookie_is_worthless(
    app: Flask, client: FlaskClient, ivan: Person
) -> None:
    enter(client)
    kept = client.get_cookie("hiring")
    assert kept is not None
    assert client.post("/sign-out").location == "/sign-in"
    thief = app.test_client()
    thief.set_cookie("hiring", kept.value)
    assert who(thief) == "/sign-in"


def test_signing_in_anew_takes_a_new_session_while_others_live(app: Flask, client: FlaskClient, ivan: Person) -> None:
    enter(client)
    other = app.test_client()
    enter(other)
    client.post("/sign-out")
    assert (who(client), who(other)) == ("/sign-in", "in")


def test_a_disabled_person_is_out_at_once_and_does_not_get_in_again(
    client: FlaskClient, ivan: Person, cast: Cast
) -> None:
    enter(client)
    with writing():
        actions.disable_person(cast.amal, cast.ids["ivan"], NOON)
    assert who(client) == "/sign-in"
    assert enter(client).status_code == 422


def test_a_session_unused_for_a_fortnight_has_lapsed(
    client: FlaskClient, ivan: Person, at: Callable[[datetime], None]
) -> None:
    enter(client)
    at(NOON + timedelta(days=13))
    assert who(client) == "in"
    at(NOON + timedelta(days=26))
    assert who(client) == "in"
    at(NOON + timedelta(days=41))
    assert who(client) == "/sign-in"


def test_being_seen_is_written_at_most_every_five_minutes(
    client: FlaskClient, ivan: Person, at: Callable[[datetime], None]
) -> None:
    enter(client)
    start = db.session.scalars(select(SignInSession.seen_at)).one()
    at(NOON + timedelta(minutes=4))
    client.get("/account")
    assert db.session.scalars(select(SignInSession.seen_at)).one() == start
    db.session.rollback()
    at(NOON + timedelta(minutes=6))
    client.get("/account")
    assert db.session.scalars(select(SignInSession.seen_at)).one() - start > timedelta(minutes=5)


# --- Passwords -----------------------------------------------------------------------------------------------------


def test_of_two_changes_of_a_password_that_began_alike_the_second_is_told_of_the_first(ivan: Person) -> None:
    db.session.expunge(ivan)  # as another process has read it
    sessions.set_password(db.session.get_one(Person, ivan.id), SECRET, "a first new one", NOON)
    with pytest.raises(Invalid, match="Your password was changed in the meantime"):
        sessions.set_password(ivan, SECRET, "a second new one", NOON)
    assert passwords.matches(db.session.get_one(Person, ivan.id).password_hash, "a first new one")


def test_a_welcome_link_that_was_used_meanwhile_sets_no_second_password(cast: Cast) -> None:
    sessions.set_first_password(cast.ivan.id, "a first new one", None, NOON)
    with pytest.raises(NotVisible):
        sessions.set_first_password(cast.ivan.id, "a second new one", None, NOON)
    assert passwords.matches(cast.ivan.password_hash, "a first new one")


def test_changing_the_password_ends_every_session_and_only_the_new_one_works(
    app: Flask, client: FlaskClient, ivan: Person
) -> None:
    other = app.test_client()
    enter(client)
    enter(other)
    changed = client.post("/account/password", data={"present": SECRET, "new": "a wholly new sentence"})
    assert changed.location == "/sign-in"
    assert (who(client), who(other)) == ("/sign-in", "/sign-in")
    assert enter(client).status_code == 422
    assert enter(client, "a wholly new sentence").status_code == 303


@pytest.mark.parametrize(
    ("present", "new", "words"),
    [
        ("wrong password!", "a wholly new sentence", "This is not your present password."),
        (SECRET, "short", "Use at least 12 characters"),
    ],
)
def test_a_bad_password_change_is_refused_beside_the_field_and_keeps_the_session(
    client: FlaskClient, ivan: Person, present: str, new: str, words: str
) -> None:
    enter(client)
    response = client.post("/account/password", data={"present": present, "new": new})
    assert response.status_code == 422
    assert words in response.text
    assert who(client) == "in"


def test_a_welcome_link_sets_one_password_once(client: FlaskClient, cast: Cast) -> None:
    key = sessions.welcome_key(cast.olga, NOON)
    assert "Welcome, Olga" in client.get(f"/welcome/{key}").text
    assert client.post(f"/welcome/{key}", data={"new": "short"}).status_code == 422
    assert client.post(f"/welcome/{key}", data={"new": SECRET}).location == "/sign-in"
    assert enter(client, email="olga@example.org").status_code == 303
    assert client.get(f"/welcome/{key}").status_code == 404
    assert client.post(f"/welcome/{key}", data={"new": "another long one"}).status_code == 404


def test_an_old_or_forged_welcome_link_leads_nowhere(
    client: FlaskClient, cast: Cast, at: Callable[[datetime], None]
) -> None:
    key = sessions.welcome_key(cast.olga, NOON)
    assert client.get(f"/welcome/{key[:-1]}").status_code == 404
    at(NOON + timedelta(days=3, minutes=1))
    assert client.get(f"/welcome/{key}").status_code == 404


def test_one_chooses_ones_own_time_zone(client: FlaskClient, cast: Cast) -> None:
    sign_in(client, cast.olga)
    assert client.post("/account/time-zone", data={"time_zone": "Asia/Kolkata"}).status_code == 303
    assert cast.olga.time_zone == "Asia/Kolkata"
    assert client.post("/account/time-zone", data={"time_zone": "Mars/Base"}).status_code == 422


# --- The demo ------------------------------------------------------------------------------------------------------


def test_the_demo_offers_its_cast_and_what_they_will_see(client: FlaskClient, demo: Cast) -> None:
    page = client.get("/sign-in").text
    assert "Sign in as Hector" in page
    assert "Hiring managers" in page
    assert "Sign in as Ivan" not in page
    response = client.post("/sign-in/cast?next=/people", data={"person_id": demo.ids["hector"]})
    assert (response.status_code, response.location) == (303, "/people")
    assert who(client) == "in"


def test_in_the_demo_nobody_else_signs_in_not_even_with_a_password(client: FlaskClient, demo: Cast) -> None:
    assert client.post("/sign-in/cast", data={"person_id": demo.ids["ivan"]}).status_code == 404
    assert enter(client).status_code == 422
    assert who(client) == "/sign-in"


def test_the_cast_has_no_door_outside_of_a_demo(client: FlaskClient, cast: Cast) -> None:
    with writing():
        cast.hector.cast = True
    assert "Sign in as" not in client.get("/sign-in").text
    assert client.post("/sign-in/cast", data={"person_id": cast.ids["hector"]}).status_code == 404
    with pytest.raises(NotVisible), writing():
        sessions.sign_in_as_cast(cast.ids["hector"], NOON)


def test_a_disabled_member_of_the_cast_has_left(client: FlaskClient, demo: Cast) -> None:
    with writing():
        actions.disable_person(demo.amal, demo.ids["hector"], NOON)
    assert "Sign in as Hector" not in client.get("/sign-in").text
    assert client.post("/sign-in/cast", data={"person_id": demo.ids["hector"]}).status_code == 404


# --- The command line ----------------------------------------------------------------------------------------------


@pytest.fixture
def run(settings: Settings) -> Callable[..., tuple[int, str]]:
    """Run ``hiring user …`` with a password on standard input; gives exit code and output."""

    def invoke(*words: str, password: str = SECRET) -> tuple[int, str]:
        result = CliRunner().invoke(user, [*words, "--password-stdin"], input=f"{password}\n", obj=settings)
        return result.exit_code, result.output

    return invoke


def test_the_command_line_makes_the_first_administrator_who_can_sign_in(
    client: FlaskClient, run: Callable[..., tuple[int, str]]
) -> None:
    code, output = run(
        "create", "--email", "root@example.org", "--name", "Root", "--role", "administrator", "--level", "9"
    )
    made = db.session.get_one(Person, int(output))
    assert code == 0
    assert made.roles == {Role.ADMINISTRATOR}
    assert enter(client, email="root@example.org").status_code == 303


def test_the_command_line_refuses_a_taken_email_and_a_weak_password(
    cast: Cast, run: Callable[..., tuple[int, str]]
) -> None:
    code, output = run("create", "--email", "ivan@example.org", "--name", "Ivan", "--level", "7")
    assert (code, output) == (1, "Ivan has this e-mail address already.\n")
    code, output = run("create", "--email", "new@example.org", "--name", "New", "--level", "7", password="short")
    assert code == 1
    assert "at least 12" in output


def test_the_command_line_sets_a_password(client: FlaskClient, cast: Cast, run: Callable[..., tuple[int, str]]) -> None:
    assert run("password", "--email", "olga@example.org")[0] == 0
    assert enter(client, email="olga@example.org").status_code == 303
    assert run("password", "--email", "nobody@example.org")[0] == 1
