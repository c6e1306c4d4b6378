"""The application factory: the only module that knows every room, job and command."""

from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from flask import Flask
from flask_migrate import Migrate
from sqlalchemy.exc import OperationalError, ProgrammingError
from werkzeug.middleware.proxy_fix import ProxyFix

from hiring.ground import assets, clock, logs, web
from hiring.ground.config import Settings, load_settings
from hiring.ground.database import db
from hiring.ground.installation import Mark, installation
from hiring.ground.paths import resource
from hiring.ground.serving import THREADS

ROOMS = (
    "hiring.ground",
    "hiring.people",
    "hiring.pipeline",
    "hiring.steps.job_description",
    "hiring.steps.resume_review",
    "hiring.steps.phone_screen",
    "hiring.steps.interview_loop",
    "hiring.steps.written_feedback",
    "hiring.steps.debrief",
    "hiring.steps.reference_check",
    "hiring.steps.offer",
    "hiring.transitions",
    "hiring.exchange",
    "hiring.privacy",
    "hiring.funnel",
    "hiring.careers",
    "hiring.desk",
)
VIEWS = ("views", "seat_views", "sign_in_views", "health")
NAVIGATION = (
    "desk.page",
    "lists.dashboard",
    "requisition.listing",
    "lists.applications",
    "people.index",
    "funnel.page",
    "office.rules",
    "office.settings",
    "mails.page",
    "office.audit",
)
"""Order of the main navigation; who sees which entry is said where it is registered."""
MAX_REQUEST = 12 * 1024 * 1024
"""Bytes; a résumé may be 10 MB."""

_WARM_FIRST = {"pool_size": THREADS, "max_overflow": 0, "pool_use_lifo": True}
"""A connection for each thread that answers pages, none thrown away, and the one used last is taken first.

It has planned what pages ask, and its memory is warm: few of them do most of the work.
"""
_PATIENT_WITH_POSTGRES = _WARM_FIRST | {
    "pool_pre_ping": True,
    "connect_args": {"connect_timeout": 3, "keepalives_idle": 5, "tcp_user_timeout": 10_000},
}
"""A server that is away, or a dead network, is answered within seconds (the last one: milliseconds)."""


_ANEW_EACH_HOUR = _WARM_FIRST | {"pool_recycle": 3600, "connect_args": {"cached_statements": 1024}}
"""A connection of SQLite chooses among indexes by the statistics that it found when it was opened.

It keeps ready what pages ask: of its own accord 128 statements, of which most would be gone when they are asked again.
"""


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application for these settings (default: from the environment)."""
    settings = settings or load_settings()
    logs.configure()
    app = Flask("hiring", template_folder=str(resource("templates")), static_folder="static")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_ANEW_EACH_HOUR
        if settings.database_url.startswith("sqlite")
        else _PATIENT_WITH_POSTGRES,
        NAVIGATION=NAVIGATION,
        MAX_CONTENT_LENGTH=MAX_REQUEST,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_NAME="__Host-hiring" if settings.https else "hiring",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    app.extensions["settings"] = settings
    if settings.https:  # we listen on 127.0.0.1 only, so one proxy of the house stands before us and says who calls
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    db.init_app(app)
    Migrate(app, db, directory=str(resource("migrations")), render_as_batch=True)
    assets.init_app(app)
    web.init_app(app)
    for room in ROOMS:
        _open_room(app, room)
    with app.app_context():
        allow_clock_offset(settings)
    return app


def _open_room(app: Flask, room: str) -> None:
    """Load whatever furniture a room has, and register its routes."""
    _furniture(room, "rules")
    _furniture(room, "models")
    _furniture(room, "erasure")
    _furniture(room, "jobs")
    opened = [views for name in VIEWS if (views := _furniture(room, name))]
    for blueprint in dict.fromkeys(each for views in opened for each in getattr(views, "rooms", None) or [views.room]):
        app.register_blueprint(blueprint)
    for views in opened:
        if hasattr(views, "init_app"):
            views.init_app(app)


def _furniture(room: str, name: str) -> ModuleType | None:
    return import_module(f"{room}.{name}") if find_spec(room) and find_spec(f"{room}.{name}") else None


def allow_clock_offset(settings: Settings) -> None:
    """Let the clock file shift this process's time, where the database is marked demo or test."""
    try:
        row = installation()
    except (OperationalError, ProgrammingError):
        row = None  # not migrated yet
    finally:
        db.session.rollback()
    allowed = row is not None and row.mark is not Mark.LIVE
    clock.allow_offset(settings.clock_file if allowed else None)
