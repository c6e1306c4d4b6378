"""When, where and for whom each walked life is copied: the whole company's history, and what is under way.

What one person has to do is the same in a company of any size; what grows is what has ended.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from seed.large.people import FULL, PODS_A_RECRUITER
from seed.large.scenes import LIFE_OF_HISTORY, LOOP_DAY
from seed.telling import Copy

SMALLEST = 300
OPEN = 4
"""Open requisitions of a hiring manager."""
_DAY = 86_400
_FIRST, _LAST = 1250, 75
"""Between so many days ago an application of the history began; recent weeks belong to what is under way."""
_ON_OPEN = 0.4
"""Share of the history that came to requisitions still open."""
_PER_CLOSED = 60
_ENDED = {
    "screen_no": 0.15,
    "withdrew": 0.04,
    "no_hire": 0.024,
    "hired": 0.010,
    "declined": 0.004,
    "vetoed": 0.003,
    "all_against": 0.002,
    "stopped": 0.001,
}
"""Share of the history by life; all others were turned down by their résumé."""
_BUSY = range(-2, 70)
"""Days around the base on which the walked lives have appointments."""
EVERYWHERE = {"fresh": 3, "marked": 1, "to_call": 1, "calling": 1}
"""Under way in every pod, besides what its place among the five of a recruiter gives it."""
_BY_PLACE = (("booked", "checking"), ("writing", "offered"), ("waiting", "accepted"), ("deciding",), ("composing",))


@dataclass(frozen=True, slots=True)
class Plan:
    """How large the company is."""

    applications: int
    walked: int
    """Applications that are there already."""
    pods: int
    closed: int
    """Closed requisitions of a pod."""
    now: datetime
    base: datetime

    @property
    def history(self) -> int:
        """Copies that have ended."""
        return self.applications - self.walked - sum(len(copies) for copies in self.under_way(Random(0)).values())

    @property
    def recruiters(self) -> int:
        return self.pods // PODS_A_RECRUITER

    def requisitions(self) -> list[Copy]:
        """Every requisition but the walked one: the open ones by pod, then the closed ones."""
        found = [self._requisition(number // OPEN, 0.0) for number in range(1, self.pods * OPEN)]
        return found + [
            self._requisition(pod, part / self.closed) for pod in range(self.pods) for part in range(self.closed)
        ]

    def _requisition(self, pod: int, part: float) -> Copy:
        days = int(part * (LIFE_OF_HISTORY - _LAST))
        return Copy(days * _DAY, pod, recruiter=pod // PODS_A_RECRUITER)

    def under_way(self, chance: Random) -> dict[str, list[Copy]]:
        """Copies of what is under way: loops where they were walked in time, so that nobody sits in two at once."""
        found: dict[str, list[Copy]] = {name: [] for name in (*EVERYWHERE, *(one for row in _BY_PLACE for one in row))}
        for pod in range(self.pods):
            recruiter, place = divmod(pod, PODS_A_RECRUITER)
            wanted = [name for name, many in EVERYWHERE.items() for _ in range(many if pod else many - 1)]
            wanted += _BY_PLACE[place] if recruiter else ()
            for number, name in enumerate(wanted):
                early = -chance.randrange(5 * _DAY) if name in {"fresh", "marked", "to_call"} else 0
                found[name].append(Copy(early, pod, 0, pod * OPEN + number % OPEN, recruiter))
        return found

    def ended(self, chance: Random) -> dict[str, list[Copy]]:
        """Copies of what has ended, over the years."""
        numbers = {name: int(self.history * share) for name, share in _ENDED.items()}
        numbers["turned_down"] = self.history - sum(numbers.values())
        found: dict[str, list[Copy]] = {name: [] for name in numbers}
        days = self._working_days()
        loops = self._loop_days(days, chance)
        deals = [name for name in LOOP_DAY for _ in range(numbers[name])]
        chance.shuffle(deals)
        for place, name in enumerate(deals):
            pod = place % self.pods
            day = next(loops[pod // PODS_A_RECRUITER]) - LOOP_DAY[name]
            found[name].append(self._ended(pod, day * _DAY, chance))
        calls = [self._dealt(days, chance) for _ in range(self.pods)]
        for place in range(numbers["screen_no"]):
            pod = place % self.pods
            found["screen_no"].append(self._ended(pod, next(calls[pod]) * _DAY, chance))
        first, last = self._span()
        for name in ("turned_down", "withdrew", "stopped"):
            for place in range(numbers[name]):
                found[name].append(self._ended(place % self.pods, chance.randrange(first * _DAY, last * _DAY), chance))
        return found

    def _span(self) -> tuple[int, int]:
        """The history's first and last day, counted from the base."""
        today = (self.now - self.base).days
        return today - _FIRST, today - _LAST

    def _working_days(self) -> list[int]:
        """Mondays to Fridays of the history, counted from the base, which is a Monday."""
        return [day for day in range(*self._span()) if day % 7 < 5 and day not in _BUSY]

    def _loop_days(self, days: list[int], chance: Random) -> list[Iterator[int]]:
        """By recruiter: who sits on all the loops of five pods has one a day at most."""
        return [self._dealt(days, chance) for _ in range(self.recruiters)]

    @staticmethod
    def _dealt(days: list[int], chance: Random) -> Iterator[int]:
        """Days in an order of chance, each once; raises StopIteration when somebody would sit in two places."""
        return iter(chance.sample(days, len(days)))

    def _ended(self, pod: int, seconds: int, chance: Random) -> Copy:
        first, last = self._span()
        if chance.random() < _ON_OPEN:
            requisition = pod * OPEN + chance.randrange(OPEN)
        else:
            part = (seconds / _DAY - first) / (last - first)
            requisition = self.pods * OPEN + pod * self.closed + min(int(part * self.closed), self.closed - 1)
        return Copy(seconds, pod, chance.randrange(6), requisition, pod // PODS_A_RECRUITER)


def planned(applications: int, walked: int, now: datetime, base: datetime) -> Plan:
    """The plan for that many applications in all."""
    pods = pods_for(applications)
    history = applications - 8 * pods
    return Plan(applications, walked, pods, max(1, history // pods // _PER_CLOSED), now, base)


def pods_for(applications: int) -> int:
    """Pods grow with the applications until the company has its 5,000 people."""
    return min(FULL, applications // 20) // PODS_A_RECRUITER * PODS_A_RECRUITER


def closes_after(plan: Plan) -> timedelta:
    """How long a closed requisition was open."""
    return timedelta(days=(LIFE_OF_HISTORY - _LAST) // plan.closed + 30)
