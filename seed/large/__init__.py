"""The large company: 10,000 or 1,000,000 applications of 5,000 people and 2,000 open requisitions, in minutes.

``build(applications, now, progress)`` fills an empty, newly migrated database, marked as a demo's so that the named
cast can sign in without passwords (``hiring seed large --applications 10000`` does the same). ``landmarks()`` finds, in
any such database, the ids that pages are opened with: ``landmarks().people["recruiter"]`` and
``landmarks().ids["application_id"]["deciding"]``, by route parameter and name.

A few lives are walked through the product's own actions (``scenes``), so every row is what the product writes. Then
they are copied inside the database (``copying``) as often as the ``plan`` says: other people, requisitions and days.
What one person has to do (open requisitions, applications under way, seats) is the same at every size; the history
grows. Copies share the walked texts, names in them included; candidates and people have names of their own. Counts, the
audit chain and whatever else is maintained are written anew (``counts``, ``chain``); all constraints are in force again
at the end, and were asked of every row (``bulk``). From 300 applications on; under 10,000 there are fewer people.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from time import monotonic

from hiring.ground.database import writing
from hiring.ground.installation import Mark
from seed import fresh
from seed.large import aftermath, bulk, chain
from seed.large.chain import Told
from seed.large.copying import Copier
from seed.large.counts import ZONE
from seed.large.landmarks import Landmarks, landmarks
from seed.large.lives import newest
from seed.large.people import hire, names
from seed.large.plan import SMALLEST, planned, pods_for
from seed.large.scenes import Scenes
from seed.telling import Copy

__all__ = ["SMALLEST", "Landmarks", "build", "landmarks"]

Progress = Callable[[str, int, float], None]
"""Told what was done, how many of it, and after how many seconds in all."""


def build(applications: int, now: datetime, progress: Progress) -> None:
    """Fill an empty, migrated database; raises ValueError for fewer than 300 applications."""
    if applications < SMALLEST:
        raise ValueError(f"a large company has at least {SMALLEST} applications")
    now, begun, chance = now.astimezone(UTC).replace(microsecond=0), monotonic(), Random(2021)

    def say(what: str, many: int = 0) -> None:
        progress(what, many, monotonic() - begun)

    bulk.hasten()
    pods = pods_for(applications)
    fresh.build("Large & Co", ZONE, now - timedelta(days=1500), Mark.DEMO)
    with writing():
        staff = hire(pods, now)
    scenes = Scenes(staff, now, chance)
    scenes.play(lambda what: say(f"walked: {what}"))
    aftermath.settle_walked()
    plan = planned(applications, len(scenes.lives), now, scenes.base)
    free, lives, pod = newest(), scenes.lives, staff.pod()
    with bulk.unhindered(say) as connection:
        copier = Copier(connection, staff.house, free, names())
        house = copier.house
        house.others, house.other_teams = copier.next["person"], copier.next["team"]
        copies = [Copy(0, number) for number in range(1, plan.pods)]
        copier.copy(pod, copies, copier.place(pod, copies))
        say("people", 10 * plan.pods)
        wanted = [("requisitions", scenes.requisition, plan.requisitions())]
        wanted += [
            (name, lives[name], copies) for name, copies in (plan.under_way(chance) | plan.ended(chance)).items()
        ]
        told = {name: Told(life, copies, copier.place(life, copies)) for name, life, copies in wanted}
        copier.requisitions = (scenes.requisition, told["requisitions"].made)
        with chain.telling(copier, [*told.values()]) as log:
            for name, one in told.items():
                copier.copy(one.life, one.copies, one.made)
                say(name, len(one.copies))
            say("audit entries", log.write())
        aftermath.finish(copier, plan, staff, say)
        copier.close()
    say("all constraints asked and in force")
