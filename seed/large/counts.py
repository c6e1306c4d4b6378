"""What the product counts along with every act, counted anew after many acts at once."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hiring.pipeline.rules import Outcome

ZONE = "Europe/Berlin"
"""The large company's zone."""


def recount(connection: Connection) -> None:
    """Write the funnel's counts, and each requisition's offers and hires, from the applications as they stand."""
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.dbapi_connection
        raw.create_function("company_day", 1, _company_day(ZoneInfo(ZONE)), deterministic=True)
        day = "company_day(substr(first_entered_at, 1, 15))"
    else:
        day = f"(first_entered_at AT TIME ZONE '{ZONE}')::date"
    for statement in (
        "DELETE FROM funnel_count",
        "INSERT INTO funnel_count (requisition_id, step, day, outcome, n) "  # noqa: S608  (a constant's words)
        f"SELECT requisition_id, step, {day}, outcome, count(*) FROM first_entry GROUP BY 1, 2, 3, 4",
        "DELETE FROM funnel_total",
        "INSERT INTO funnel_total (step, day, advanced, rejected, withdrew, moved, open) SELECT step, day, "  # noqa: S608
        + ", ".join(f"sum(CASE WHEN outcome = '{one}' THEN n ELSE 0 END)" for one in Outcome)
        + " FROM funnel_count GROUP BY step, day",
        "UPDATE requisition SET live_offers = coalesce(found.offers, 0), hires = coalesce(found.hires, 0) FROM (SELECT "
        "r.id, count(a.live_offer_id) AS offers, sum(CASE WHEN a.ended = 'hired' THEN 1 ELSE 0 END) AS hires "
        "FROM requisition r LEFT JOIN application a ON a.requisition_id = r.id GROUP BY r.id) AS found "
        "WHERE found.id = requisition.id",
    ):
        connection.exec_driver_sql(statement)


def _company_day(zone: ZoneInfo) -> Callable[[str], str]:
    """The day of an instant's first fifteen letters (to ten minutes: zones shift by no less) in the company's zone."""

    @cache
    def day(instant: str) -> str:
        return datetime.fromisoformat(instant + "0").replace(tzinfo=UTC).astimezone(zone).date().isoformat()

    return day
