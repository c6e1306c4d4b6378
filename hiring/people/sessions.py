"""Signing in and out. Hashing is slow, so ``sign_in`` and ``set_password`` keep their own short transactions around it;
their callers must not be in one.
"""

import hashlib
import secrets
from datetime import datetime

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import contains_eager

from hiring.ground import audit
from hiring.ground.config import settings
from hiring.ground.database import NotVisible, db, lock, writing
from hiring.ground.installation import Mark, installation
from hiring.people import passwords
from hiring.people.access import (
    SEEN_EVERY,
    TRY_WINDOW,
    WELCOME_LASTS,
    may_enter,
    normal_email,
    session_lives,
    too_many_tries,
    why_not_password,
)
from hiring.people.models import Person, SignInAttempt, SignInSession
from hiring.people.rules import Invalid


class WrongPassword(Exception):
    """E-mail and password do not belong together, or this account may not enter; deliberately not said which."""


class TooManyTries(Exception):
    """Too many tries that failed, for this e-mail or from this address; pages answer 429."""


def sign_in(email: str, password: str, address: str, now: datetime) -> tuple[Person, str]:
    """Start a session; returns the person and the token for the cookie. Raises TooManyTries or WrongPassword.

    The try is written down before anything is hashed, so that a burst of parallel guesses counts too.
    """
    email = normal_email(email)
    attempt_id = _note_try(email, address, now)
    found = db.session.scalars(select(Person).where(Person.email == email)).one_or_none()
    person_id, stored = (found.id, found.password_hash) if found and _may_enter(found) else (None, None)
    db.session.rollback()  # nothing is held while hashing
    if not passwords.matches(stored, password) or person_id is None:
        raise WrongPassword
    with writing():
        person = lock(Person, person_id)
        if not _may_enter(person) or person.password_hash != stored:
            raise WrongPassword
        db.session.execute(delete(SignInAttempt).where(SignInAttempt.id == attempt_id))
        token = start_session(person, now)
    return person, token


def sign_in_as_cast(person_id: int, now: datetime) -> tuple[Person, str]:
    """Start a session of one of the demo's cast without a password; raises NotVisible everywhere else."""
    person = lock(Person, person_id)
    if not is_demo() or not person.cast or not _may_enter(person):
        raise NotVisible(f"cast {person_id}")
    return person, start_session(person, now)


def start_session(person: Person, now: datetime) -> str:
    """Write a session of somebody who has proved who they are; returns its token."""
    token = secrets.token_urlsafe(32)
    db.session.add(SignInSession(token_digest=_digest(token), person_id=person.id, started_at=now, seen_at=now))
    person.session_token = token  # type: ignore[misc]  # of this instance only; the class has none
    return token


_WHOSE = (
    select(Person, SignInSession.seen_at, SignInSession.ended_at)
    .join(SignInSession, SignInSession.person_id == Person.id)
    .outerjoin(Person.role_grants)
    .options(contains_eager(Person.role_grants))
    .where(SignInSession.token_digest == bindparam("digest"), Person.disabled_at.is_(None))
)
"""Asked by every page, so it is built once, and brings along what every page asks next: the roles."""


def session_person(token: str, now: datetime) -> Person | None:
    """Whose session this token is; None when it ended, lapsed, or its person was disabled."""
    found = db.session.execute(_WHOSE, {"digest": _digest(token)}).unique().one_or_none()
    if found is None:
        return None
    person, seen_at, ended_at = found
    if not session_lives(seen_at, ended_at, now):
        return None
    person.session_token = token  # type: ignore[misc]  # as in start_session
    person.session_seen_at = seen_at  # type: ignore[misc]  # as in start_session
    return person


def whose(token: str) -> int | None:
    """Id of whom this session is or was of; None where there never was such a session."""
    return db.session.scalar(select(SignInSession.person_id).where(SignInSession.token_digest == _digest(token)))


def note_seen(token: str, seen_at: datetime, now: datetime) -> bool:
    """Note that a session is in use, at most every five minutes, in a transaction of its own; whether it was due."""
    if now - seen_at < SEEN_EVERY:
        return False
    with writing():
        db.session.execute(
            update(SignInSession)
            .where(SignInSession.token_digest == _digest(token), SignInSession.seen_at < now)
            .values(seen_at=now)
        )
    return True


def sign_out(token: str, now: datetime) -> None:
    """End the session of this token."""
    db.session.execute(
        update(SignInSession)
        .where(SignInSession.token_digest == _digest(token), SignInSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_sessions(person_id: int, now: datetime) -> None:
    """End every session of somebody."""
    db.session.execute(
        update(SignInSession)
        .where(SignInSession.person_id == person_id, SignInSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def set_password(actor: Person, present: str, new: str, now: datetime) -> None:
    """Change one's own password and end all one's sessions; raises Invalid beside ``present`` or ``new``."""
    actor_id, email, stored = actor.id, actor.email, actor.password_hash
    weakness = why_not_password(new, email)
    if weakness is not None:
        raise Invalid("new", weakness)
    db.session.rollback()  # nothing is held while hashing
    if not passwords.matches(stored, present):
        raise Invalid("present", "This is not your present password.")
    fresh = passwords.hash_password(new)
    with writing():
        person = lock(Person, actor_id)
        if person.password_hash != stored:
            raise Invalid("present", "Your password was changed in the meantime.")
        replace_hash(person, fresh, now)


def set_first_password(person_id: int, new: str, present_hash: str | None, now: datetime) -> None:
    """Set a password without the present one, by welcome link; raises Invalid beside ``new``, NotVisible when used."""
    email = db.session.get_one(Person, person_id).email
    weakness = why_not_password(new, email)
    if weakness is not None:
        raise Invalid("new", weakness)
    db.session.rollback()  # nothing is held while hashing
    fresh = passwords.hash_password(new)
    with writing():
        person = lock(Person, person_id)
        if person.password_hash != present_hash or not _may_enter(person):
            raise NotVisible("welcome")
        replace_hash(person, fresh, now)


def replace_hash(person: Person, password_hash: str, now: datetime) -> None:
    """Write a new hash and end all sessions of its person; audited."""
    person.password_hash = password_hash
    end_sessions(person.id, now)
    audit.record(person.id, "account.password", "person", person.id, at=now)


def welcome_key(person: Person, now: datetime) -> str:
    """The key of a link by which somebody chooses a password; good for three days and for one use."""
    return str(_signer().dumps([person.id, _digest(person.password_hash or ""), int(now.timestamp())]))


def welcomed(key: str, now: datetime) -> Person:
    """Whom a welcome link is for; raises NotVisible when it is used, too old or not ours."""
    try:
        person_id, used_mark, issued = _signer().loads(key)
    except BadSignature as error:
        raise NotVisible("welcome") from error
    person = db.session.get(Person, person_id)
    lapsed = now.timestamp() - issued > WELCOME_LASTS.total_seconds()
    if person is None or lapsed or used_mark != _digest(person.password_hash or "") or not _may_enter(person):
        raise NotVisible("welcome")
    return person


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key, salt="welcome")


def is_demo() -> bool:
    """Whether this database is marked as the demo's."""
    here = installation()
    return here is not None and here.mark is Mark.DEMO


def sweep_tries(now: datetime) -> int:
    """Forget tries older than a day; returns how many."""
    old = db.session.scalars(select(SignInAttempt.id).where(SignInAttempt.at < now - TRY_WINDOW * 96)).all()
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.id.in_(old[:1000])))
    return min(len(old), 1000)


def _note_try(email: str, address: str, now: datetime) -> int:
    with writing():
        recent = select(func.count()).select_from(SignInAttempt).where(SignInAttempt.at > now - TRY_WINDOW)
        for_email = db.session.scalar(recent.where(SignInAttempt.email == email)) or 0
        from_address = db.session.scalar(recent.where(SignInAttempt.address == address)) or 0
        if too_many_tries(for_email, from_address):
            raise TooManyTries
        attempt = SignInAttempt(email=email, address=address, at=now)
        db.session.add(attempt)
        db.session.flush()
        return attempt.id


def _may_enter(person: Person) -> bool:
    return may_enter(disabled=person.disabled_at is not None, cast=person.cast, demo=is_demo())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
