"""Which days somebody can mean who writes one into a form: pure, asked beside every field that takes a day."""

from dataclasses import dataclass
from datetime import date

from hiring.ground.working_time import months_after


@dataclass(frozen=True, slots=True)
class Reach:
    """How many years a day may lie before today, and after it; 0 allows today itself."""

    back: int = 0
    ahead: int = 0


APPOINTMENT = Reach(ahead=2)
COMING = Reach(ahead=5)
"""What is still to be done."""
AROUND = Reach(back=5, ahead=5)
"""What may have begun; a rule of its own may be stricter."""
RECORD = Reach(back=40)
"""What has happened to somebody in their working life."""


def why_not_day(day: date, today: date, reach: Reach) -> str | None:
    """Why nobody means this day, with both days; None where somebody may."""
    if months_after(today, -12 * reach.back) <= day <= months_after(today, 12 * reach.ahead):
        return None
    years, past = (reach.back, True) if day < today else (reach.ahead, False)
    if years:
        return f"{plain_day(day)} is more than {years} years {'before' if past else 'after'} today, {plain_day(today)}."
    return f"{plain_day(day)} {'has passed' if past else 'has not come yet'}; today is {plain_day(today)}."


def plain_day(day: date | None) -> str:
    """A calendar day, like 3 Mar 2026."""
    return f"{day.day} {day:%b %Y}" if day else "—"
