"""The page frame: rooms, the one way to act on a POST, refusals and errors as pages, headers, local times.

A page function renders; an act function parses, calls one action inside ``perform`` and redirects. When a rule refuses,
the same page is shown again with what was typed and why not.
"""

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import structlog
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError, generate_csrf
from markupsafe import Markup, escape
from sqlalchemy.exc import DataError, IntegrityError, InternalError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import IntegerConverter

from hiring.ground import clock, handback, outage, receipts, turns
from hiring.ground.database import Forbidden, NotVisible, Stale, give_back, writing
from hiring.ground.days import plain_day
from hiring.ground.files import NotStored
from hiring.ground.forms import LONGEST_REASON, Form, reader_zone
from hiring.ground.inputs import options
from hiring.ground.rulebook import Refusal, Refused
from hiring.ground.words import told

csrf = CSRFProtect()
log = structlog.get_logger()
T = TypeVar("T")
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
_public: set[str] = set()
_CSP = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "manifest-src 'self'",
    ]
)


class Room(Blueprint):
    """A blueprint whose routes are closed to strangers unless they say ``public=True``."""

    def page(self, path: str, *, public: bool = False) -> Callable[[View], View]:
        """Register a GET page."""
        return self._register(path, "GET", public)

    def act(self, path: str, *, public: bool = False) -> Callable[[View], View]:
        """Register a POST act."""
        return self._register(path, "POST", public)

    def _register(self, path: str, method: str, public: bool) -> Callable[[View], View]:
        def decorate(view: View) -> View:
            if public:
                _public.add(f"{self.name}.{view.__name__}")
            self.add_url_rule(path, view_func=view, methods=[method])
            return view

        return decorate


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the last submit of ``action`` did not happen; shown inside that form, with what was typed."""

    action: str
    refusals: tuple[Refusal, ...] = ()
    stale: Stale | None = None
    invalid: bool = False
    typed: tuple[tuple[str, str], ...] = ()
    """What was written, by label: a page that does not show the form any more hands it back."""

    @property
    def status(self) -> int:
        """422 for an invalid form, 409 for what a rule or a newer version stops."""
        return 422 if self.invalid else 409


def perform(
    form: Form,
    act: Callable[[], T],
    *,
    done: str | Callable[[T], str],
    again: Callable[[Problem], ResponseReturnValue],
    said: str | Callable[[T], str] = "",
) -> ResponseReturnValue:
    """Run one action for one submitted form: validate, act once per submission key, commit, redirect.

    ``act`` runs inside the only write transaction. ``again`` renders the page with the Problem. ``said`` is shown on
    the next page, and only once the work is committed. Whoever repeats a submit, even while the first one is still
    at work, gets the first one's answer.
    """
    if not form.validate():
        return _with_status(again(Problem(form.action, invalid=True)), 422)
    key, actor = str(form.submission_key.data or "")[:64], _actor_key()
    words = ""
    try:
        with writing():
            url = receipts.find(key, actor, form.action) if key else None
            if url is None:
                result = act()
                url = done if isinstance(done, str) else done(result)
                words = said if isinstance(said, str) else said(result)
                if key:
                    receipts.keep(key, actor, form.action, url, clock.now())
        if words:
            flash(words)
        return redirect(url, 303)
    except Refused as refused:
        problem = Problem(form.action, refusals=refused.refusals)
    except Stale as stale:
        problem = Problem(form.action, stale=stale)
    except StaleDataError:
        problem = Problem(form.action, stale=Stale("something shown here"))
    except IntegrityError as error:
        log.warning("constraint without a rule", action=form.action, error=str(error.orig))
        problem = Problem(form.action, stale=Stale("something this depends on"))
    earlier = receipts.find(key, actor, form.action) if key else None
    if earlier is not None:
        return redirect(earlier, 303)
    return _with_status(again(replace(problem, typed=tuple(form.typed()))), problem.status)


def _actor_key() -> str:
    return str(current_user.id) if current_user.is_authenticated else f"guest:{request.remote_addr}"


def as_download(file: Path, media_type: str, name: str) -> Response:
    """What a stranger sent, to be saved and never shown here: where it is opened all the same, it runs nothing."""
    response = send_file(file, mimetype=media_type, as_attachment=True, download_name=name, max_age=0)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _with_status(body: ResponseReturnValue, status: int) -> Response:
    response = make_response(body)
    if response.status_code == 200:
        response.status_code = status
    return response


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the main navigation; ``visible`` asks the signed-in person."""

    label: str
    endpoint: str
    visible: Callable[[Any], bool] = field(default=lambda person: True)


_navigation: list[NavItem] = []


def navigate(label: str, endpoint: str, visible: Callable[[Any], bool] = lambda person: True) -> None:
    """Add an entry to the main navigation (once, from a room's views)."""
    if all(item.endpoint != endpoint for item in _navigation):
        _navigation.append(NavItem(label, endpoint, visible))


def _visible_navigation() -> list[NavItem]:
    """Entries for this person, in the order that the application gives."""
    order: tuple[str, ...] = current_app.config.get("NAVIGATION", ())
    places = {endpoint: place for place, endpoint in enumerate(order)}
    shown = [item for item in _navigation if item.visible(current_user)]
    return sorted(shown, key=lambda item: places.get(item.endpoint, len(places)))


class _IdConverter(IntegerConverter):
    """Row ids: at most 18 digits, so that an absurd one is a 404 and never reaches a database."""

    regex = r"\d{1,18}"


def local_time(instant: datetime | None, style: str = "full") -> str:
    """An instant in the reader's zone: ``full`` (Mon 3 Mar 2026, 14:05 CET), ``day``, or ``time``."""
    if instant is None:
        return "—"
    local = instant.astimezone(reader_zone())
    if style == "time":
        return f"{local:%H:%M}"
    day = f"{local:%a} {local.day} {local:%b %Y}"
    return day if style == "day" else f"{day}, {local:%H:%M %Z}"


def time_element(instant: datetime | None, style: str = "full") -> str:
    """The same as an element that carries the instant itself."""
    if instant is None:
        return "—"
    return Markup(f'<time datetime="{instant.isoformat()}">{escape(local_time(instant, style))}</time>')  # noqa: S704


def money(minor_units: int | None, currency: str = "") -> str:
    """An amount of minor units with thousands separated, like ``EUR 85,000``."""
    if minor_units is None:
        return "—"
    whole, cents = divmod(minor_units, 100)
    return f"{currency} {whole:,}{f'.{cents:02}' if cents else ''}".strip()


def init_app(app: Flask) -> None:
    """Install the frame on the application."""
    app.before_request(_begin_request)
    turns.init_app(app)
    csrf.init_app(app)
    app.url_map.converters["id"] = _IdConverter
    app.jinja_env.filters.update(local_time=local_time, money=money, options=options, plain_day=plain_day, told=told)
    app.jinja_env.globals.update(
        now=clock.now, navigation=_visible_navigation, longest_reason=LONGEST_REASON, time_element=time_element
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.before_request(_open_request)
    app.after_request(_close_request)
    for kind, handler in {
        NotVisible: lambda error: _error_page(404),
        Forbidden: lambda error: _error_page(403, str(error)),
        Refused: lambda error: _error_page(409, refusals=error.refusals),
        Stale: lambda error: _error_page(409, str(error)),
        StaleDataError: lambda error: _error_page(409),
        OperationalError: _unavailable,
        InternalError: lambda error: _unavailable(error) if error.connection_invalidated else _crash(error),
        NotStored: _unavailable,
        OSError: _unavailable_or_crash,
        DataError: lambda error: _error_page(404),  # an address that no database can hold names nothing
        CSRFError: _of_another_session,
        MethodNotAllowed: lambda error: _page_of_act() or _error_page(405),
        HTTPException: lambda error: _error_page(error.code or 500),
        Exception: _crash,
    }.items():
        app.register_error_handler(kind, handler)


_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}


def _begin_request() -> None:
    g.started = time.perf_counter()
    g.request_id = secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _open_request() -> ResponseReturnValue | None:
    sent = request.content_length or "Transfer-Encoding" in request.headers
    if sent and request.method == "POST" and request.mimetype not in _FORMS:
        abort(415)  # an act takes forms; what nobody reads must not pass for an empty one
    if request.endpoint is None or _is_static(request.endpoint) or request.endpoint in _public:
        return None
    if not current_user.is_authenticated:
        if request.headers.get("HX-Request"):
            return Response(status=401, headers={"HX-Redirect": url_for("sign_in.page")})
        target = request.full_path.rstrip("?") if request.method == "GET" else None
        return _handed_back() or redirect(url_for("sign_in.page", next=target))
    g.zone = current_user.time_zone
    return None


def _handed_back() -> ResponseReturnValue | None:
    """The page that hands back what the session of a form did not outlast; None where there is nothing to hand back.

    Only what the browser says comes from our own page: see ``handback.from_our_page``.
    """
    sent = handback.sent()
    if not (request.method == "POST" and sent.written and handback.from_our_page()):
        return None
    signed_out = not current_user.is_authenticated and request.endpoint not in _public
    token = handback.token_for_sign_in() if signed_out else generate_csrf()
    told = {"sent": sent.with_token(token), "unseen": handback.FRAME_FIELDS, "signed_out": signed_out}
    return _page_or_outage("handed_back.html", 401 if signed_out else 400, **told)


def _of_another_session(_error: CSRFError) -> ResponseReturnValue:
    """A form whose token is none, or one of a session that is over."""
    try:
        return _handed_back() or _error_page(400)
    except OperationalError as error:
        return _unavailable(error)


def _is_static(endpoint: str | None) -> bool:
    """Our own static files and those of Bootstrap and htmx."""
    return endpoint in ("static", "bootstrap.static", "htmx.static")


def is_public(endpoint: str) -> bool:
    """Whether strangers may open the endpoint (for the route table)."""
    return endpoint in _public or _is_static(endpoint)


def _close_request(response: Response) -> Response:
    give_back()  # here, where a server that is gone spoils no answer that is complete
    response.headers.setdefault("Content-Security-Policy", _CSP)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if _is_static(request.endpoint):
        lasting = "v" in request.args  # the address changes with the file, see assets
        response.headers["Cache-Control"] = f"public, max-age={31_536_000 if lasting else 3600}"
    else:
        response.headers["Cache-Control"] = "no-store"
    log.info(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
    )
    return response


_TITLES = {
    400: ("That request could not be read", "Go back and try again; if a form was open for long, reload it first."),
    403: ("Not yours to do", "You may see this, but the act belongs to somebody else."),
    404: ("Nothing here for you", "It does not exist, or it is not yours to see."),
    405: ("Not done this way", "Go back and use the button on the page."),
    409: ("Not now", "A rule of the process, or a newer version, stops this."),
    413: ("Too large", "The file or text is larger than we take."),
    415: ("Not a form we read", "Go back and use the form on the page."),
    429: ("Too many tries", "Wait a few minutes, then try again."),
    500: ("Our fault", "Something broke here; nothing you had saved is lost. The number below finds it in the log."),
}


def _error_page(status: int, words: str = "", refusals: Iterable[Refusal] = ()) -> ResponseReturnValue:
    give_back()
    title, advice = _TITLES.get(status, _TITLES[400])
    told = {"title": title, "advice": words or advice, "refusals": tuple(refusals)}
    return _page_or_outage("error.html", status, **told)


def _page_of_act() -> ResponseReturnValue | None:
    """Whoever opens the address of an act, where a form that failed leaves them, is led to the nearest page above it.

    None where there is none but the start page.
    """
    routes = current_app.create_url_adapter(request)
    if routes is None or request.method not in ("GET", "HEAD"):
        return None
    above = request.path.rpartition("/")[0]
    while above:
        try:
            endpoint, values = routes.match(above, "GET")
        except HTTPException:
            above = above.rpartition("/")[0]
        else:
            return redirect(url_for(endpoint, **values))
    return None


def _page_or_outage(template: str, status: int, **told: Any) -> ResponseReturnValue:
    try:
        return render_template(template, status=status, **told), status
    except OperationalError as error:
        return _unavailable(error)


def _unavailable(error: Exception) -> ResponseReturnValue:
    # One line: while nothing answers there are many of these, perhaps on the disk that is full.
    log.error("unavailable", kind=type(error).__name__, error=str(error).partition("\n")[0])
    give_back()
    return outage.answer(outage.why(error), g.get("request_id", "—"))


def _unavailable_or_crash(error: OSError) -> ResponseReturnValue:
    """A full disk is no fault of the program; any other error of the system is unexpected."""
    return _unavailable(error) if outage.is_full(error) else _crash(error)


def _crash(error: Exception) -> ResponseReturnValue:
    log.exception("unhandled error")
    return _error_page(500)
