"""Reads of step 3. Notes and verdicts come only to those who may read them; others see that a call is booked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, Select, bindparam, exists, select

from hiring.ground import policy
from hiring.ground.database import BigId, NotVisible, db
from hiring.ground.reading import once
from hiring.ground.rulebook import Refusal
from hiring.people.asking import MOST, Asker, ask, ask_of, find, objects, unseen
from hiring.people.models import Person, Qualification
from hiring.people.queries import people
from hiring.people.rules import Record, Role
from hiring.pipeline import queries as spine
from hiring.pipeline import readers
from hiring.pipeline.models import Application, Candidate, Requisition, StepVisit
from hiring.pipeline.rules import RequisitionStatus, Sight, Stand, Step, may_see
from hiring.steps.job_description.models import Question
from hiring.steps.job_description.rules import QuestionUse
from hiring.steps.phone_screen import rules
from hiring.steps.phone_screen.models import PhoneScreen, ScreenQuestion
from hiring.steps.phone_screen.rules import CallFacts, ScreenPolicy, ScreenState, ScreenVerdict

_AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Call:
    """One call as a reader may see it; without the right to the notes there is no verdict, summary or question."""

    id: int
    visit_id: int
    version: int
    screener: Person
    starts_at: datetime
    ends_at: datetime
    where: str
    state: ScreenState
    readable: bool
    prepared_at: datetime | None
    verdict: ScreenVerdict | None
    summary: str
    questions: tuple[ScreenQuestion, ...]

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def facts(self) -> CallFacts:
        """What the rules ask of it."""
        return CallFacts(self.starts_at, self.prepared_at)


def calls(application_id: int, stands: Iterable[Stand]) -> list[Call]:
    """All calls of an application, the oldest first, for a reader who stands so towards it."""
    readable = may_see(Sight.MUST_HAVES, stands)
    rows = screens(application_id)
    who = people(row.screener_id for row in rows)
    return [
        Call(
            row.id,
            row.visit_id,
            row.version,
            who[row.screener_id],
            row.starts_at,
            row.ends_at,
            row.where,
            row.state,
            readable,
            row.prepared_at,
            row.verdict if readable else None,
            row.summary if readable else "",
            tuple(row.questions) if readable else (),
        )
        for row in rows
    ]


@once
def screens(application_id: int) -> list[PhoneScreen]:
    """The rows themselves, for actions; the oldest first."""
    return list(objects(_screens, application_id=application_id))


def _screens() -> Select[PhoneScreen]:
    this = PhoneScreen.application_id == bindparam("application_id", type_=BigId)
    return select(PhoneScreen).where(this).order_by(PhoneScreen.id)


def application_of(screen_id: int) -> int:
    """The application of a call; raises NotVisible."""
    found = db.session.scalar(select(PhoneScreen.application_id).where(PhoneScreen.id == screen_id))
    if found is None:
        raise NotVisible(f"phone screen {screen_id}")
    return found


def verdicts_of_held(application_id: int, rows: Iterable[PhoneScreen | Call]) -> list[ScreenVerdict | None]:
    """Verdicts of the calls held in the open visit, the latest last: what was sent back is proven anew."""
    visit = spine.open_visit(application_id)
    return [row.verdict for row in rows if row.state is ScreenState.HELD and visit and row.visit_id == visit.id]


def hiring_manager_able(application: Application) -> bool:
    """Whether the hiring manager is here and may know of this candidate."""
    manager = db.session.get(Person, application.requisition.hiring_manager_id or 0)
    return manager is not None and manager.disabled_at is None and not readers.is_barred(manager, application.candidate)


def likely_screeners(requisition: Requisition) -> Sequence[Row[str, str]]:
    """Trained colleagues of the position's team, to be suggested as screeners: e-mail address and name."""
    return find(_likely_screeners, team_id=requisition.team_id, manager_id=requisition.hiring_manager_id or 0)


def _likely_screeners() -> Select[str, str]:
    trained = (
        exists().where(
            Qualification.person_id == Person.id, Qualification.record == record, Qualification.void_at.is_(None)
        )
        for record in (Record.COURSE, Record.PAIRED_INTERVIEW)
    )
    return (
        select(Person.email, Person.name)
        .where(
            Person.team_id == unseen(bindparam("team_id", type_=BigId)),
            Person.disabled_at.is_(None),
            Person.id != bindparam("manager_id", type_=BigId),
            *trained,
        )
        .order_by(Person.name)
        .limit(50)
    )


def bank() -> list[str]:
    """Questions of the bank that are meant for phone screens."""
    return [row.text for row in find(_bank)]


def _bank() -> Select[str]:
    asked = (Question.use == QuestionUse.PHONE_SCREEN, Question.generic.is_(False))
    return select(Question.text).where(*asked).order_by(Question.id).limit(100)


def rate(requisition: Requisition) -> list[Refusal]:
    """The finding screen.rate for a requisition, from its latest decided screens."""
    figures = policy.current()[ScreenPolicy]
    verdicts = [row.verdict for row in find(_verdicts, requisition_id=requisition.id, most=figures.rate_window)]
    return rules.why_odd_rate(verdicts.count(ScreenVerdict.YES), len(verdicts), requisition.code, figures)


def _verdicts() -> Select[ScreenVerdict | None]:
    return (
        select(PhoneScreen.verdict)
        .join(Application, Application.id == PhoneScreen.application_id)
        .where(
            Application.requisition_id == bindparam("requisition_id", type_=BigId),
            PhoneScreen.verdict.is_not(None),
        )
        .order_by(PhoneScreen.decided_at.desc(), PhoneScreen.id.desc())
        .limit(MOST)
    )


@dataclass(frozen=True, slots=True)
class Owed:
    """A call that its screener attends, or has not said the outcome of yet. ``over``: it has begun or was held."""

    application_id: int
    candidate: str
    starts_at: datetime
    ends_at: datetime
    over: bool


def owed_by(person_id: int, now: datetime, ahead: timedelta | None = _AHEAD) -> list[Owed]:
    """Calls of a screener within the days ahead (None: all), and those without an outcome or a verdict."""
    if not readers.ties(person_id).takes_part:
        return []
    until = None if ahead is None else now + ahead
    return [
        Owed(row[0], row[1], row[2], row[3], row[4] is ScreenState.HELD or row[2] <= now)
        for row in ask_of(_owed_by, person_id)
        if until is None or row[2] <= until
    ]


def _owed_by(asker: Asker) -> Select[int, str, datetime, datetime, ScreenState]:
    return (
        select(
            PhoneScreen.application_id,
            Candidate.name,
            PhoneScreen.starts_at,
            PhoneScreen.ends_at,
            PhoneScreen.state,
        )
        .join(Application, Application.id == PhoneScreen.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .where(
            PhoneScreen.screener_id == asker.id,
            PhoneScreen.state.in_([ScreenState.BOOKED, ScreenState.HELD]),
            PhoneScreen.verdict.is_(None),
            Application.ended.is_(None),
            Application.step == Step.PHONE_SCREEN,
        )
        .order_by(PhoneScreen.starts_at)
    )


@dataclass(frozen=True, slots=True)
class ToBook:
    """An application in this step with no call ahead, and none held in this visit that waits for its verdict."""

    application_id: int
    candidate: str
    since: datetime


def to_book(recruiter: Person) -> list[ToBook]:
    """What a recruiter has to book or move on, the oldest first; 20 at most."""
    return [ToBook(*row) for row in ask(_to_book, recruiter)] if recruiter.has(Role.RECRUITER) else []


def _to_book(asker: Asker) -> Select[int, str, datetime]:
    waits = exists().where(
        PhoneScreen.application_id == Application.id,
        PhoneScreen.visit_id == StepVisit.id,
        StepVisit.left_at.is_(None),
        PhoneScreen.verdict.is_(None),
        PhoneScreen.state.in_([ScreenState.BOOKED, ScreenState.HELD]),
    )
    recruited = (readers.recruited_by(asker), Requisition.status == RequisitionStatus.OPEN)
    return (
        select(Application.id, Candidate.name, Application.step_entered_at)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .where(
            Application.requisition_id.in_(select(Requisition.id).where(*recruited)),
            Application.step == Step.PHONE_SCREEN,
            Application.ended.is_(None),
            ~waits,
            readers.visible_applications(asker),
        )
        .order_by(Application.step_entered_at)
        .limit(20)
    )
