"""The product's application as it is measured: a header tells each answer's queries, and two floors stand beside it.

Neither is part of the product; ``python -m tests.bench.floor`` serves them with the product's own server.
"""

from functools import cache
from typing import Any

import sqlalchemy
from flask import Flask, Response, current_app, g, has_request_context, render_template
from flask.typing import ResponseReturnValue
from jinja2 import Environment, Template
from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, event, insert, select

from hiring.app import create_app as product
from hiring.ground.audit import AuditEntry
from hiring.ground.config import Settings, load_settings
from hiring.ground.database import db, writing
from hiring.ground.serving import serve
from hiring.ground.web import Room, csrf

HEADER = "X-Queries"
COUNTED = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")
"""Beginning and ending a transaction, and asking a connection whether it lives, are not queries of a page."""
room = Room("floor", __name__)
tables = MetaData()
written = Table(
    "bench_written",
    tables,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("text", sqlalchemy.String),
)
PAGE = """{% extends "base.html" %}{% block title %}Floor{% endblock %}
{% block content %}<p>{{ newest.act if newest else "Nothing yet" }}</p>{% endblock %}"""


@cache
def _page(environment: Environment) -> Template:
    """Compiled once, as every template of the product is."""
    return environment.from_string(PAGE)


@room.page("/floor")
def page() -> ResponseReturnValue:
    newest = db.session.scalars(select(AuditEntry).order_by(AuditEntry.position.desc()).limit(1)).first()
    return render_template(_page(current_app.jinja_env), newest=newest)


@room.act("/floor")
def write() -> ResponseReturnValue:
    with writing():
        db.session.execute(insert(written).values(text="one row"))
    return Response(status=204)


def create_app(settings: Settings | None = None) -> Flask:
    """The product, with its floors and its count of queries."""
    app = product(settings)
    csrf.exempt(write)
    app.register_blueprint(room)
    if not event.contains(sqlalchemy.Engine, "before_cursor_execute", _count):
        event.listen(sqlalchemy.Engine, "before_cursor_execute", _count)
    app.after_request(_tell)
    return app


def _count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    if has_request_context() and statement.lstrip().startswith(COUNTED):
        g.queries = g.get("queries", 0) + 1


def _tell(response: Response) -> Response:
    response.headers[HEADER] = str(g.get("queries", 0))
    return response


if __name__ == "__main__":
    serve("tests.bench.floor:create_app", load_settings(), with_worker=False)
