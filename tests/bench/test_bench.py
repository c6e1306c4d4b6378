"""The bench itself: no page is forgotten, the floors are what they say, and a broken promise is seen."""

import csv
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from hiring.ground.config import Settings
from hiring.ground.database import db, schema_change
from tests.bench.floor import HEADER, create_app, tables, written
from tests.bench.pages import FLOOR, PAGES
from tests.bench.report import missed_by_load, missed_by_pages
from tests.cast import Cast, sign_in

ROUTES = Path(__file__).parents[1] / "routes.csv"


def test_every_page_of_the_route_table_is_measured_and_named_once() -> None:
    with ROUTES.open(newline="") as file:
        routed = {row["endpoint"] for row in csv.DictReader(file) if row["method"] == "GET"}
    assert {page.endpoint for page in PAGES} == routed
    names = [page.name for page in [FLOOR, *PAGES]]
    assert len(set(names)) == len(names)


def test_the_floors_ask_one_query_beside_the_layouts_and_commit_one_row(
    app: Flask, cast: Cast, settings: Settings
) -> None:
    db.session.remove()
    measured = create_app(settings)
    measured.test_client_class = app.test_client_class
    with measured.app_context():
        with schema_change():
            tables.create_all(db.engine)
        client = sign_in(measured.test_client(), cast.rita)
        layout, floor = client.get("/account"), client.get("/floor")
        assert int(floor.headers[HEADER]) == int(layout.headers[HEADER]) + 1
        assert client.post("/floor").status_code == 204
        assert db.session.scalar(select(func.count()).select_from(written)) == 1
        db.session.remove()
        with schema_change():
            tables.drop_all(db.engine)
        db.engine.dispose()


GOOD = {"p50": 10.0, "p95": 20.0, "queries": [5]}


@pytest.mark.parametrize(
    ("large", "words"),
    [
        ({}, []),
        ({"queries": [6]}, ["5 queries, then 6"]),
        ({"queries": [5, 6]}, ["5 queries, then 5 or 6"]),
        ({"p50": 13.5}, ["p50 grows 1.35 times, at most 1.3"]),
        ({"p50": 12.5}, ["p50 is 3.12 times the floor page's, at most 3"]),
        ({"p95": 150.0}, ["p95 is 150 ms, to stay under 150"]),
    ],
)
def test_a_page_that_breaks_a_promise_is_told(large: dict[str, object], words: list[str]) -> None:
    floor = {"p50": 4.0 if "p50" in large and large["p50"] == 12.5 else 5.0, "p95": 8.0, "queries": [4]}
    costs = {"10,000": {"page": GOOD, FLOOR.name: floor}, "1,000,000": {"page": GOOD | large, FLOOR.name: floor}}
    assert list(missed_by_pages(costs)) == [f"page: {each}" for each in words]


@pytest.mark.parametrize(
    ("latency", "answers", "memory", "words"),
    [
        ({"p95": 200.0, "p99": 500.0}, {"200": 9, "303": 1}, {"first": 100.0, "last": 110.0}, []),
        ({"p95": 201.0, "p99": 400.0}, {"200": 9}, {"first": 100.0, "last": 100.0}, ["p95 is 201 ms, at most 200"]),
        ({"p95": 100.0, "p99": 501.0}, {"200": 9}, {"first": 100.0, "last": 100.0}, ["p99 is 501 ms, at most 500"]),
        ({"p95": 1.0, "p99": 1.0}, {"200": 9, "500": 1}, {"first": 1.0, "last": 1.0}, ["answers {'500': 1}"]),
        ({"p95": 1.0, "p99": 1.0}, {}, {"first": 100.0, "last": 111.0}, ["memory grows from 100 to 111 MB"]),
    ],
)
def test_a_load_that_breaks_a_promise_is_told(
    latency: dict[str, float], answers: dict[str, int], memory: dict[str, float], words: list[str]
) -> None:
    load = {"latency": {"all": latency}, "answers": answers, "memory": memory}
    assert list(missed_by_load(load)) == [f"mixed load: {each}" for each in words]
