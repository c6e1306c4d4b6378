"""What was sent and could not be taken is handed back in a form of its own, to be sent again as it was.

Browsers forget what was typed on pages that may not be stored. The submission key comes along, so that sending it again
does once what was asked; passwords and files are asked anew (``templates/macros/sent.html``).
"""

from dataclasses import dataclass

from flask import request, session
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import HTTPException

SECRET_FIELDS = frozenset({"password", "present", "new"})
"""Names of fields that hold passwords: they are typed anew, never handed back."""
FRAME_FIELDS = frozenset({"csrf_token", "submission_key", "version"})
"""What the form itself brought along: it is sent again, and shown to nobody."""
_WAITS = "handed_back"
"""In the cookie of somebody signed out: the session before, whose forms may wait for the next of the same person."""
_TOKEN = "csrf_token"  # noqa: S105  # the name of a field, and of flask_wtf's secret in the cookie


@dataclass(frozen=True, slots=True)
class Sent:
    """Names and values in order, and the names of the fields that held passwords or brought files."""

    fields: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def written(self) -> bool:
        """Whether somebody gave anything that would be lost; the press of a button alone is none."""
        return bool(self.files) or any(name not in FRAME_FIELDS and value.strip() for name, value in self.fields)

    def with_token(self, token: str) -> "Sent":
        """The same with a token that will be taken."""
        rest = tuple(each for each in self.fields if each[0] != _TOKEN)
        return Sent((*rest, (_TOKEN, token)), self.secrets, self.files)


def sent() -> Sent:
    """What this request brought; nothing where no disk took its files, or where another site's page sent it."""
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return Sent()
    try:
        form, files = request.form, tuple(sorted(set(request.files)))
    except (OSError, HTTPException):
        return Sent()
    fields = tuple(each for each in form.items(multi=True) if each[0] not in SECRET_FIELDS)
    return Sent(fields, tuple(sorted(SECRET_FIELDS & set(form))), files)


def from_our_page() -> bool:
    """Whether the browser says that a form of one of our own pages was sent.

    Whatever else was sent is not shown again: a foreign page would get its words onto ours, with a button that takes
    them. A foreign page cannot write these headers.
    """
    return (request.headers.get("Sec-Fetch-Site"), request.headers.get("Sec-Fetch-Mode")) == ("same-origin", "navigate")


def token_for_sign_in() -> str:
    """A token for somebody signed out that their next sign-in in this browser leaves good.

    It is a new one: of the forms that the session before left open, only those that were handed back are good again.
    """
    if _WAITS not in session:
        end_session()
    return str(generate_csrf())


def end_session() -> None:
    """Empty the cookie but for whose session this was, in case a form of theirs is still open somewhere."""
    ended = session.get("_user_id", "")
    session.clear()
    session[_WAITS] = ended


def ended_session() -> str:
    """The session before, whose forms may wait in this browser; empty where nobody knows whose they are."""
    return str(session.get(_WAITS, ""))


def forget_session(*, same_person: bool) -> None:
    """Empty the cookie of whoever used this browser before, but for the forms that wait for this very person."""
    kept = session.get(_TOKEN) if same_person else None
    session.clear()
    if kept:
        session[_TOKEN] = kept
