"""Receipts: kept while a page may still be submitted again, then swept."""

from datetime import timedelta

from flask import Flask

from hiring.ground import jobs, receipts
from hiring.ground.database import writing
from tests.conftest import NOON


def test_receipts_older_than_thirty_days_are_swept(app: Flask) -> None:
    ages = {"new": timedelta(0), "kept": timedelta(days=30), "old": timedelta(days=30, seconds=1)}
    with writing():
        for key, age in ages.items():
            receipts.keep(key, "1", "sample.note", "/done", NOON - age)
    assert receipts.sweep(NOON) == 1
    assert [key for key in ages if receipts.find(key, "1", "sample.note") == "/done"] == ["new", "kept"]
    assert receipts.sweep(NOON) == 0


def test_the_worker_sweeps_receipts_daily() -> None:
    assert [each.every for each in jobs.registered() if each.run is receipts.sweep] == [timedelta(days=1)]
