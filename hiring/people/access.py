"""Pure questions about signing in: how many tries, how long a session lasts, which passwords, where to go after."""

import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta

from hiring.people.rules import Role

TRY_WINDOW = timedelta(minutes=15)
TRIES_PER_EMAIL = 10
TRIES_PER_ADDRESS = 50
SESSION_IDLE = timedelta(days=14)
WELCOME_LASTS = timedelta(days=3)
SEEN_EVERY = timedelta(minutes=5)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200


def too_many_tries(for_email: int, from_address: int) -> bool:
    """Whether another try must wait, given the tries within ``TRY_WINDOW`` that did not succeed."""
    return for_email >= TRIES_PER_EMAIL or from_address >= TRIES_PER_ADDRESS


def session_lives(seen_at: datetime, ended_at: datetime | None, now: datetime) -> bool:
    """Whether a session still signs its person in."""
    return ended_at is None and now - seen_at < SESSION_IDLE


def may_enter(*, disabled: bool, cast: bool, demo: bool) -> bool:
    """Whether somebody may sign in at all: not once disabled, and in a demo only the cast."""
    return not disabled and (cast or not demo)


def normal_email(text: str) -> str:
    """The one spelling under which an e-mail address is stored and looked up."""
    return unicodedata.normalize("NFC", text).strip().lower()


def local_path(target: str | None) -> str:
    """Where to go after sign-in: the wanted page when it is surely on this site, else the start page."""
    path = target or ""
    unsafe = "//" in path or "\\" in path or any(unicodedata.category(char).startswith("C") for char in path)
    return path if path.startswith("/") and not unsafe else "/"


def why_not_password(password: str, email: str) -> str | None:
    """Why a new password is not good enough; None when it is."""
    if len(password) < SHORTEST_PASSWORD:
        return f"Use at least {SHORTEST_PASSWORD} characters; a sentence is easy to remember."
    if len(password) > LONGEST_PASSWORD:
        return f"Use at most {LONGEST_PASSWORD} characters."
    if normal_email(email).split("@")[0] in password.lower() or len(set(password)) < 5:
        return "Choose one that is harder to guess: without your e-mail name, and not one character repeated."
    return None


CAST_GROUPS: dict[Role | str, tuple[str, str]] = {
    Role.ADMINISTRATOR: ("Administrators", "People, roles, policy, cords and the audit log."),
    Role.HEAD_OF_RECRUITING: ("Head of recruiting", "The whole funnel, its signals and findings."),
    Role.RECRUITER: ("Recruiters", "The dashboard: every requisition by step, and whose move it is."),
    Role.COORDINATOR: ("Coordinators", "Interviews to book and to move; no feedback."),
    Role.PROGRAMME_OWNER: ("Programme owner", "Who is in training, who may be certified, and everybody's load."),
    "bar_raiser": ("Bar Raisers", "Descriptions to review, debriefs to chair, the veto."),
    "manager": ("Hiring managers", "Their requisitions, phone screens, decisions and offers."),
    "": ("Interviewers", "Interviews of the day and feedback with its clock running."),
}


def cast_group(roles: Collection[Role], *, bar_raiser: bool, manages: bool) -> tuple[str, str]:
    """Under which heading the demo's sign-in page shows somebody, and what they will see."""
    marks = [*roles, *(["bar_raiser"] if bar_raiser else []), *(["manager"] if manages else []), ""]
    return next(words for key, words in CAST_GROUPS.items() if key in marks)
