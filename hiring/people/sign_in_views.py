"""Signing in and out, the first password, and one's own account."""

from http.client import SERVICE_UNAVAILABLE

import structlog
from flask import Flask, Response, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, login_user, logout_user
from sqlalchemy import Row
from sqlalchemy.exc import OperationalError

from hiring.ground import clock, handback
from hiring.ground.config import settings
from hiring.ground.database import writing
from hiring.ground.forms import Form
from hiring.ground.web import Problem, Room, perform
from hiring.people import access, actions, passwords, queries, sessions
from hiring.people.forms import CastForm, PasswordForm, SignInForm, WelcomeForm, ZoneForm
from hiring.people.models import Person
from hiring.people.reader import me
from hiring.people.rules import Invalid

room = Room("sign_in", __name__)
log = structlog.get_logger()


def init_app(app: Flask) -> None:
    """Let the sessions of this room say who is signed in."""
    with app.app_context():
        passwords.configure(cheap=settings().cheap_hashes)
    manager = LoginManager(app)
    manager.session_protection = None  # the session is a row that we end ourselves
    manager.user_loader(lambda token: sessions.session_person(token, clock.now()))
    app.jinja_env.globals["current_user"] = current_user  # for macros too, which know nothing of the page they are on
    app.after_request(_note_seen)


def _note_seen(response: Response) -> Response:
    """Write that the session is in use; the page does not fail when the database is away or too busy for that."""
    if request.endpoint is None or not session.get("_user_id") or response.status_code == SERVICE_UNAVAILABLE:
        return response
    try:
        if current_user.is_authenticated and (person := me()).session_token and person.session_seen_at:
            sessions.note_seen(person.session_token, person.session_seen_at, clock.now())
    except OperationalError:
        log.warning("session not noted as in use")
    return response


# --- In and out ----------------------------------------------------------------------------------------------------


@room.page("/sign-in", public=True)
def page() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(access.local_path(request.args.get("next")))
    return _page(SignInForm())


def _page(form: SignInForm, problem: Problem | None = None, words: str = "") -> str:
    demo = sessions.is_demo()
    return render_template(
        "sign_in/page.html",
        form=form,
        groups=_cast() if demo else [],
        demo=demo,
        target=access.local_path(request.args.get("next")),
        problem=problem,
        words=words,
    )


def _cast() -> list[tuple[str, str, list[tuple[Row[*queries.Castable], CastForm]]]]:
    people = queries.demo_cast(clock.now().date())
    roles = queries.roles_of(person.id for person in people)
    groups: dict[tuple[str, str], list[tuple[Row[*queries.Castable], CastForm]]] = {
        words: [] for words in access.CAST_GROUPS.values()
    }
    for person in people:
        group = access.cast_group(roles.get(person.id, ()), bar_raiser=person.certified, manages=person.manages)
        groups[group].append((person, CastForm(formdata=None, data={"person_id": str(person.id)})))
    return [(title, words, members) for (title, words), members in groups.items() if members]


@room.act("/sign-in", public=True)
def enter() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return _page(form, Problem(form.action, invalid=True)), 422
    try:
        person, token = sessions.sign_in(form.email.data, form.password.data, request.remote_addr or "", clock.now())
    except sessions.TooManyTries:
        words = f"Too many tries. Wait {access.TRY_WINDOW.seconds // 60} minutes, then try again."
        return make_response(_page(form, words=words), 429, {"Retry-After": str(access.TRY_WINDOW.seconds)})
    except sessions.WrongPassword:
        return _page(form, words="This e-mail and password do not belong together."), 422
    return _welcome(person, token)


@room.act("/sign-in/cast", public=True)
def enter_as() -> ResponseReturnValue:
    form = CastForm()
    if not form.validate():
        return _page(SignInForm(formdata=None), Problem(form.action, invalid=True)), 422
    with writing():
        person, token = sessions.sign_in_as_cast(int(form.person_id.data), clock.now())
    return _welcome(person, token)


def _welcome(person: Person, token: str) -> ResponseReturnValue:
    handback.forget_session(same_person=sessions.whose(handback.ended_session()) == person.id)
    session.permanent = True
    person.session_token = token  # type: ignore[misc]  # of this instance only
    login_user(person)
    return redirect(access.local_path(request.args.get("next")), 303)


@room.act("/sign-out")
def leave() -> ResponseReturnValue:
    token = me().session_token
    if token:
        with writing():
            sessions.sign_out(token, clock.now())
    handback.end_session()
    logout_user()
    return redirect(url_for(".page"), 303)


# --- First password ------------------------------------------------------------------------------------------------


@room.page("/welcome/<key>", public=True)
def welcome(key: str) -> ResponseReturnValue:
    return _welcome_page(key, WelcomeForm())


def _welcome_page(key: str, form: Form, problem: Problem | None = None) -> str:
    person = sessions.welcomed(key, clock.now())
    return render_template("sign_in/welcome.html", person=person, key=key, form=form, problem=problem)


@room.act("/welcome/<key>", public=True)
def set_up(key: str) -> ResponseReturnValue:
    person, form = sessions.welcomed(key, clock.now()), WelcomeForm()
    if not form.validate():
        return _welcome_page(key, form, Problem(form.action, invalid=True)), 422
    try:
        sessions.set_first_password(person.id, form.new.data, person.password_hash, clock.now())
    except Invalid as invalid:
        form[invalid.field].errors = [str(invalid)]
        return _welcome_page(key, form, Problem(form.action, invalid=True)), 422
    flash("Your password is set; sign in with it.")
    return redirect(url_for(".page"), 303)


# --- One's own account ---------------------------------------------------------------------------------------------


@room.page("/account")
def account() -> ResponseReturnValue:
    return _account_page()


def _account_page(
    problem: Problem | None = None, password: PasswordForm | None = None, zone: ZoneForm | None = None
) -> str:
    return render_template(
        "sign_in/account.html",
        person=me(),
        password_form=password or PasswordForm(formdata=None),
        zone_form=zone or ZoneForm(formdata=None, data={"time_zone": me().time_zone}),
        problem=problem,
    )


@room.act("/account/password")
def change_password() -> ResponseReturnValue:
    form = PasswordForm()
    if not form.validate():
        return _account_page(Problem(form.action, invalid=True), password=form), 422
    try:
        sessions.set_password(me(), form.present.data, form.new.data, clock.now())
    except Invalid as invalid:
        form[invalid.field].errors = [str(invalid)]
        return _account_page(Problem(form.action, invalid=True), password=form), 422
    logout_user()
    session.clear()
    flash("Your password is changed, and every session has ended. Sign in with the new one.")
    return redirect(url_for(".page"), 303)


@room.act("/account/time-zone")
def change_zone() -> ResponseReturnValue:
    form = ZoneForm()
    return perform(
        form,
        lambda: actions.set_time_zone(me(), form.time_zone.data),
        done=url_for(".account"),
        again=lambda problem: _account_page(problem, zone=form),
    )
