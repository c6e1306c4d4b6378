"""Pure questions about people: roles, qualification and independence."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar

from hiring.ground.figures import Section, number, register
from hiring.ground.rulebook import OWN, Refusal, declare

BAR_RAISER_PATH = declare(
    "bar_raiser.path",
    "A Bar Raiser is a trained interviewer with enough interviews, nominated, and trained for the role",
    step="People",
    source=OWN,
)
ADMINISTRATOR_STAYS = declare(
    "people.administrator",
    "There is always an administrator: the last one keeps role and access.",
    step="People",
    source=OWN,
)
ATTESTED = declare(
    "qualification.attested",
    "Earlier training is attested with date and source, and never for oneself where another administrator can do it.",
    step="People",
    source=OWN,
)
LAPSING = timedelta(days=90)
"""How long before its last day a certification is shown as lapsing."""


class Role(StrEnum):
    """Standing roles. None of these reads feedback by virtue of the role; Bar Raiser is a certification."""

    ADMINISTRATOR = "administrator"
    RECRUITER = "recruiter"
    COORDINATOR = "coordinator"
    PROGRAMME_OWNER = "programme_owner"
    HEAD_OF_RECRUITING = "head_of_recruiting"


class Record(StrEnum):
    """Kinds of dated qualification records, in the order of the path."""

    COURSE = "course"
    PAIRED_INTERVIEW = "paired_interview"
    INTERVIEWS = "interviews"
    NOMINATION = "nomination"
    BAR_RAISER_TRAINING = "bar_raiser_training"
    CERTIFICATION = "certification"


TRAINING = frozenset({Record.COURSE, Record.NOMINATION, Record.BAR_RAISER_TRAINING})
"""What the programme owner records by hand; interviews are counted when they are held."""


@register
@dataclass(frozen=True, slots=True)
class PeoplePolicy(Section):
    """Figures of the qualification path and of load."""

    name: ClassVar[str] = "people"
    title: ClassVar[str] = "People and load"
    experienced_interviews: int = number(
        10,
        low=1,
        high=100,
        unit="interviews",
        meaning="Interviews that make an interviewer experienced",
        source="own",
        at_most="bar_raiser_interviews",
    )
    bar_raiser_interviews: int = number(
        25, low=5, high=500, unit="interviews", meaning="Interviews before becoming a Bar Raiser", source="own"
    )
    certification_months: int = number(
        24, low=6, high=60, unit="months", meaning="A Bar Raiser certification lasts", source="own"
    )
    interviews_per_week: int = number(
        5, low=1, high=20, unit="interviews", meaning="Interviews per person and ISO week", source="own"
    )
    loops_per_week: int = number(2, low=1, high=10, unit="loops", meaning="Loops per Bar Raiser and ISO week")


@dataclass(frozen=True, slots=True)
class Placed:
    """Where somebody stands on the org chart. ``managers``: ids up the chart, nearest first."""

    id: int
    name: str
    level: int
    team_id: int | None
    managers: tuple[int, ...] = ()
    team_name: str = field(default="", compare=False)

    def reports_to(self, person_id: int) -> bool:
        """Whether that person is anywhere up this one's chain of managers."""
        return person_id in self.managers


@dataclass(frozen=True, slots=True)
class Colleague(Placed):
    """What rules need to know of a person on a given day.

    ``interviews``: held ones, attested ones included. ``certified_until``: the last day of the newest Bar Raiser
    certification, lapsed or not.
    """

    roles: frozenset[Role] = frozenset()
    course: bool = False
    paired: bool = False
    interviews: int = 0
    certified_until: date | None = None
    disabled: bool = False
    guest: bool = False
    time_zone: str = field(default="UTC", compare=False)
    works: tuple[time, time] = field(default=(time(9), time(17, 30)), compare=False)

    @property
    def trained(self) -> bool:
        """Course done and a real interview paired with an experienced interviewer."""
        return self.course and self.paired

    def experienced(self, policy: PeoplePolicy) -> bool:
        """Trained, and enough interviews to have others learn from them."""
        return self.trained and self.interviews >= policy.experienced_interviews

    def certified(self, on: date) -> bool:
        """Whether the Bar Raiser certification is current on that day."""
        return self.certified_until is not None and on <= self.certified_until


def why_not_independent(
    bar_raiser: Placed, hiring_manager: Placed, recruiter_id: int | None, position_team_id: int | None
) -> list[str]:
    """Facts that make a Bar Raiser dependent on the hiring manager; empty when independent.

    Not the hiring manager, not the recruiter, not in the hiring manager's team, nor in their chain of managers or
    reports. A hiring manager without a manager has everybody below them, so there only direct reports and the
    position's own team count.
    """
    who, manager = bar_raiser.name, hiring_manager.name
    facts = []
    if bar_raiser.id == hiring_manager.id:
        facts.append(f"{who} is the hiring manager.")
    if bar_raiser.id == recruiter_id:
        facts.append(f"{who} is the recruiter of this requisition.")
    if not hiring_manager.managers:
        if bar_raiser.managers[:1] == (hiring_manager.id,):
            facts.append(f"{who} reports directly to the hiring manager {manager}.")
        if position_team_id is not None and bar_raiser.team_id == position_team_id and not facts:
            facts.append(f"{who} is in the position's team.")
        return facts
    if bar_raiser.id != hiring_manager.id and bar_raiser.team_id == hiring_manager.team_id is not None:
        facts.append(f"{who} is in the hiring manager's team {hiring_manager.team_name}.".replace("  ", " "))
    if hiring_manager.reports_to(bar_raiser.id):
        facts.append(f"{who} is in the chain of managers above {manager}.")
    if bar_raiser.reports_to(hiring_manager.id):
        facts.append(f"{who} is in the reporting line below {manager}.")
    return facts


def why_not_certifiable(colleague: Colleague, records: frozenset[Record], policy: PeoplePolicy) -> list[str]:
    """Facts that stand between an interviewer and a Bar Raiser certification."""
    facts = []
    if not colleague.trained:
        facts.append(f"{colleague.name} is not a trained interviewer yet.")
    if colleague.interviews < policy.bar_raiser_interviews:
        facts.append(f"{colleague.name} has held {colleague.interviews} of {policy.bar_raiser_interviews} interviews.")
    if Record.NOMINATION not in records:
        facts.append(f"{colleague.name} has not been nominated.")
    if Record.BAR_RAISER_TRAINING not in records:
        facts.append(f"{colleague.name} has not done the Bar Raiser training.")
    return facts


def refuse_certification(colleague: Colleague, records: Set[Record], policy: PeoplePolicy) -> list[Refusal]:
    """The same facts as the rulebook's answer: who can mend them, and the way out."""
    facts = why_not_certifiable(colleague, frozenset(records), policy)
    if not facts:
        return []
    return [
        BAR_RAISER_PATH.refuse(
            " ".join(facts),
            mend="The programme owner records what has been done; an administrator attests what was done before.",
            way_out="Finish and record what is missing, then certify.",
        )
    ]


class Standing(StrEnum):
    """How far somebody is on the path, in one word."""

    UNTRAINED = "untrained"
    IN_TRAINING = "in_training"
    INTERVIEWER = "interviewer"
    BAR_RAISER = "bar_raiser"


STANDINGS = {
    Standing.UNTRAINED: "Not trained yet",
    Standing.IN_TRAINING: "In training",
    Standing.INTERVIEWER: "Interviewer",
    Standing.BAR_RAISER: "Bar Raiser",
}


def standing(colleague: Colleague, on: date) -> Standing:
    """The furthest stage reached and still valid on that day."""
    return furthest(certified=colleague.certified(on), course=colleague.course, paired=colleague.paired)


def furthest(*, certified: bool, course: bool, paired: bool) -> Standing:
    """The furthest stage, from what is valid."""
    if certified:
        return Standing.BAR_RAISER
    if course and paired:
        return Standing.INTERVIEWER
    return Standing.IN_TRAINING if course else Standing.UNTRAINED


@dataclass(frozen=True, slots=True)
class Milestone:
    """One milestone of the qualification path: whether it is reached, and the figure or day behind that."""

    title: str
    done: bool
    facts: str


def qualification_path(
    colleague: Colleague, records: Set[Record], policy: PeoplePolicy, on: date
) -> tuple[Milestone, ...]:
    """The whole path of somebody, in order; the first one not done is what comes next."""
    held, needed = colleague.interviews, policy.bar_raiser_interviews
    experienced = policy.experienced_interviews
    until = colleague.certified_until
    last = "not certified yet"
    if until is not None:
        last = f"until {until.isoformat()}" if on <= until else f"lapsed on {until.isoformat()}"
    return (
        Milestone("Half-day interviewing course", colleague.course, "opens shadowing"),
        Milestone("A real interview, paired with an experienced interviewer", colleague.paired, "opens seats on loops"),
        Milestone(f"{experienced} interviews held", held >= experienced, f"{held} of {experienced}; may mentor"),
        Milestone("Nominated as Bar Raiser", Record.NOMINATION in records, "by the programme owner"),
        Milestone(f"{needed} interviews held", held >= needed, f"{held} of {needed}"),
        Milestone("Bar Raiser training", Record.BAR_RAISER_TRAINING in records, "recorded by the programme owner"),
        Milestone("Certified Bar Raiser", colleague.certified(on), last),
    )


def told_of_path(path: Sequence[Milestone], *, certified: bool, attested: bool) -> str:
    """What the path comes to, in a sentence: what comes next, or what a standing certification has not on record."""
    missing = [milestone for milestone in path if not milestone.done]
    if not missing:
        return "The whole path is done."
    if not certified:
        return f"Next: {missing[0].title} ({missing[0].facts})."
    how = "Bar Raiser as attested" if attested else "Bar Raiser"
    return f"{how}. Not on record here: {', '.join(one.title for one in missing)}; a certification here asks for it."


def may_manage_people(roles: Collection[Role]) -> bool:
    """Who keeps the org chart, grants roles, attests earlier training and disables people."""
    return Role.ADMINISTRATOR in roles


def may_run_training(roles: Collection[Role]) -> bool:
    """Who records training and certifies Bar Raisers."""
    return Role.PROGRAMME_OWNER in roles


def may_see_training(roles: Collection[Role]) -> bool:
    """Who sees who waits for what, and which certifications lapse."""
    return may_run_training(roles) or may_manage_people(roles)


def may_void(roles: Collection[Role], *, attested: bool) -> bool:
    """Who may strike a record: whoever may have made it."""
    return may_manage_people(roles) if attested else may_run_training(roles)


def why_not_manager(person_id: int | None, person_name: str, manager_id: int, above: Collection[int]) -> str | None:
    """Why somebody cannot manage this person; ``above`` are the managers of that manager. None: they can."""
    if person_id is None:
        return None
    if person_id == manager_id:
        return f"{person_name} cannot be their own manager."
    if person_id in above:
        return f"{person_name} is above this manager in the org chart; nobody can report to their own report."
    return None


def why_not_without(person_id: int, person_name: str, administrators: Collection[int]) -> list[Refusal]:
    """Why this person must stay an administrator; empty when another one remains."""
    if set(administrators) != {person_id}:
        return []
    return [
        ADMINISTRATOR_STAYS.refuse(
            f"{person_name} is the last administrator.",
            mend=f"{person_name} (administrator)",
            way_out="Make somebody else an administrator first.",
        )
    ]


def why_not_attest(actor_id: int | None, person_id: int, administrators: Mapping[int, str]) -> list[Refusal]:
    """Why this administrator does not attest it: for oneself only the only one does. ``administrators``: names by id.

    ``actor_id`` null: the command line, where nobody is signed in.
    """
    others = [name for one, name in administrators.items() if one != actor_id]
    if actor_id != person_id or not others:
        return []
    return [
        ATTESTED.refuse(
            "This is about yourself.",
            mend=" or ".join(f"{name} (administrator)" for name in sorted(others)[:3]),
            way_out="Have another administrator attest it, with its date and where it is known from.",
        )
    ]


@dataclass(frozen=True, slots=True)
class Load:
    """What a week holds for somebody: interviews, and loops as Bar Raiser."""

    interviews: int = 0
    loops: int = 0

    def __add__(self, other: "Load") -> "Load":
        return Load(self.interviews + other.interviews, self.loops + other.loops)

    def over(self, policy: PeoplePolicy) -> bool:
        """Whether one of the weekly caps is passed."""
        return self.interviews > policy.interviews_per_week or self.loops > policy.loops_per_week


class Invalid(ValueError):
    """An input that the org chart cannot hold; ``field`` names the form's field, ``str`` is the sentence beside it."""

    def __init__(self, field_name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field_name


@dataclass(frozen=True, slots=True)
class Debt:
    """Something a leaving person still owes, for the handover list: what, since or by when, and where it is done.

    ``application_id``: the application that it names or leads to, so that the candidate's inside does not read it;
    never left out, so that no room forgets to say.
    """

    what: str
    when: datetime | None
    url: str
    application_id: int | None
