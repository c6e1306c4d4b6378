"""Working days, ISO weeks and intervals: pure arithmetic on instants, zones and holiday lists."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import holidays

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Interval:
    """Half-open stretch of time; two that only touch do not overlap."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Interval") -> bool:
        """Whether they share an instant."""
        return self.start < other.end and other.start < self.end


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """All IANA zone names known here."""
    return frozenset(available_timezones())


@lru_cache(maxsize=64)
def _holidays(country: str) -> "holidays.HolidayBase":
    return holidays.country_holidays(country) if country else holidays.HolidayBase()


def is_working_day(day: date, country: str) -> bool:
    """Monday to Friday and no public holiday of the country (ISO 3166 code; empty: no list)."""
    return day.weekday() < _SATURDAY and day not in _holidays(country)


def next_working_day(day: date, country: str) -> date:
    """The first working day after ``day``."""
    day += timedelta(days=1)
    while not is_working_day(day, country):
        day += timedelta(days=1)
    return day


def working_days_between(start: date, end: date, country: str) -> int:
    """Working days after ``start`` up to and with ``end``; 0 when ``end`` is not later."""
    count, day = 0, start
    while day < end:
        day += timedelta(days=1)
        count += is_working_day(day, country)
    return count


def months_after(day: date, months: int) -> date:
    """The same day some calendar months later; a day that the month lacks becomes the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def local_day(instant: datetime, zone: str) -> date:
    """The calendar day of an instant in a zone."""
    return instant.astimezone(ZoneInfo(zone)).date()


def iso_week(instant: datetime, zone: str) -> str:
    """The ISO week of an instant in a zone, like ``2026-W47``."""
    year, week, _ = instant.astimezone(ZoneInfo(zone)).isocalendar()
    return f"{year}-W{week:02}"
