"""Takes applications of the demo company through the product's own actions, at times of our choosing.

Every act is one transaction with its own ``now``, so rules, audit, timeline and notices are what they would have been.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select

from hiring.ground import files
from hiring.ground.database import db, writing
from hiring.ground.working_time import is_working_day
from hiring.people.models import Person
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Requisition
from hiring.pipeline.rules import Source
from hiring.steps.debrief import actions as decisions
from hiring.steps.debrief import room_actions as debrief
from hiring.steps.debrief.rules import BoardMark, Decision, Phase
from hiring.steps.interview_loop import actions as loop
from hiring.steps.interview_loop import course, staffing
from hiring.steps.interview_loop import queries as loops
from hiring.steps.interview_loop.models import Seat
from hiring.steps.interview_loop.rules import SeatKind
from hiring.steps.job_description import queries as descriptions
from hiring.steps.phone_screen import actions as screen
from hiring.steps.phone_screen.actions import Plan
from hiring.steps.phone_screen.models import PhoneScreen
from hiring.steps.phone_screen.rules import ScreenState, ScreenVerdict
from hiring.steps.reference_check import actions as references
from hiring.steps.reference_check.rules import ReferenceOutcome
from hiring.steps.resume_review import actions as review
from hiring.steps.resume_review.actions import Applicant
from hiring.steps.resume_review.rules import Mark
from hiring.steps.written_feedback import actions as feedback
from hiring.steps.written_feedback.rules import Entry, ItemEntry, Rating, Vote
from seed.company import Company
from seed.prose import EVIDENCE, QUESTIONS, REASONS, RESUME, SUMMARIES

P = ParamSpec("P")
T = TypeVar("T")
_SLOT = timedelta(minutes=45)
_ZONE = ZoneInfo("Europe/Berlin")


def at_work(now: datetime, days: int, hour: int, minute: int = 0) -> datetime:
    """That time of the office on a working day so many working days from now; a negative number looks back."""
    day, step = now.astimezone(_ZONE).date(), timedelta(days=1 if days > 0 else -1)
    while days:
        day += step
        days -= step.days if is_working_day(day, "DE") else 0
    return datetime.combine(day, time(hour, minute), _ZONE).astimezone(now.tzinfo)


def act(action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """One act, committed."""
    with writing():
        return action(*args, **kwargs)


@dataclass
class Walk:
    """Drives applications; ``company`` is who there is, ``chance`` is seeded, so that every demo is the same."""

    company: Company
    chance: Random

    def person(self, person_id: int | None) -> Person:
        """Somebody's row, loaded afresh."""
        return db.session.get_one(Person, person_id)

    def owners(self, application_id: int) -> tuple[Person, Person]:
        """Recruiter and hiring manager of the application's requisition."""
        requisition = pipeline.application(application_id).requisition
        return self.person(requisition.recruiter_id), self.person(requisition.hiring_manager_id)

    def apply(self, requisition_id: int, name: str, at: datetime, source: Source = Source.CAREERS) -> int:
        """Somebody applies with a résumé; returns the application's id."""
        title = db.session.get_one(Requisition, requisition_id).title
        text = RESUME.format(name=name, title=title, years=self.chance.randint(4, 15))
        received = files.receive(io.BytesIO(text.encode()), f"{name} résumé.txt", 1_000_000)
        email = f"{name.lower().replace(' ', '.')}@candidates.example"
        applicant = Applicant(name, email, location="Berlin", time_zone="Europe/Berlin")
        application, _ = act(review.apply, requisition_id, applicant, received, source=source, actor_id=None, now=at)
        return application.id

    def mark(self, application_id: int, at: datetime, mark: Mark = Mark.MET) -> None:
        """The recruiter holds the résumé against the must-haves."""
        recruiter, _ = self.owners(application_id)
        description = descriptions.description(pipeline.application(application_id).description_id or 0)
        marks: dict[int, tuple[Mark | None, str]] = {row.id: (Mark.MET, "") for row in description.must_haves}
        marks[description.must_haves[-1].id] = (mark, "" if mark is Mark.MET else "Nothing in the résumé shows it.")
        act(review.save_marks, recruiter, application_id, marks, expected=None, now=at)

    def pass_review(self, application_id: int, at: datetime) -> None:
        """All must-haves met: on to the phone screen."""
        self.mark(application_id, at)
        act(review.pass_on, self.owners(application_id)[0], application_id, now=at)

    def book_screen(self, application_id: int, starts_at: datetime, at: datetime) -> int:
        """The recruiter books the hiring manager's call, with questions chosen; returns the screen's id."""
        recruiter, manager = self.owners(application_id)
        plan = Plan(starts_at=starts_at, minutes=30, where="by telephone")
        screen_id = act(screen.book, recruiter, application_id, plan, now=at).id
        act(screen.choose_questions, self.person(manager.id), screen_id, list(QUESTIONS[:3]), now=at)
        return screen_id

    def pass_screen(self, application_id: int, starts_at: datetime, verdict: ScreenVerdict = ScreenVerdict.YES) -> None:
        """The hiring manager calls, takes notes and decides."""
        screen_id = self.book_screen(application_id, starts_at, starts_at - timedelta(hours=5))
        manager = self.owners(application_id)[1]
        after = starts_at + timedelta(minutes=40)
        act(screen.report, manager, screen_id, ScreenState.HELD, now=after)
        parts = dict(zip(("situation", "task", "action", "result"), EVIDENCE[screen_id % len(EVIDENCE)], strict=True))
        notes = {row.id: parts for row in db.session.get_one(PhoneScreen, screen_id).questions}
        summary = SUMMARIES[0] if verdict is ScreenVerdict.YES else SUMMARIES[-1]
        act(screen.save_notes, self.person(manager.id), screen_id, notes, summary, expected=None, now=after)
        message = (
            "Thank you for the call. We will not go on with your application." if verdict is ScreenVerdict.NO else ""
        )
        act(screen.decide, self.person(manager.id), screen_id, verdict, go_on=True, message=message, now=after)

    def compose(self, application_id: int, first: datetime, at: datetime, others: int = 2) -> list[int]:
        """Compose a whole loop of slots one after the other from ``first``; returns seat ids in their order."""
        recruiter, _ = self.owners(application_id)
        act(loop.compose, recruiter, application_id, now=at)
        for person_id in self._free(application_id, first, others):
            act(loop.add_seat, self.person(recruiter.id), application_id, person_id, now=at)
        application = pipeline.application(application_id)
        items = [item.id for item in descriptions.description(application.description_id or 0).items]
        found = loops.loop_for(application_id)
        seats = [seat.id for seat in loops.held_seats(found)] if found else []
        for place, seat_id in enumerate(seats):
            wanted = [items[(place * 2 + step) % len(items)] for step in range(2)]
            questions = {item: QUESTIONS[(place + item) % len(QUESTIONS)] for item in wanted}
            starts = first + place * timedelta(minutes=60)
            act(loop.plan, self.person(recruiter.id), seat_id, wanted, questions, now=at)
            act(
                loop.set_slot,
                self.person(recruiter.id),
                seat_id,
                starts,
                starts + _SLOT,
                where=f"Room {place + 1}",
                now=at,
            )
        return seats

    def confirm(
        self, application_id: int, first: datetime, at: datetime, others: int = 2, *, shadowed: bool = False
    ) -> list[int]:
        """Compose, book the debrief an hour after the last interview, confirm.

        ``shadowed``: a trainee of the right level sits in with the Bar Raiser.
        """
        seats = self.compose(application_id, first, at, others)
        recruiter, _ = self.owners(application_id)
        if shadowed:
            level = descriptions.description(pipeline.application(application_id).description_id or 0).level
            trainee = next(one for one in self.company.trainees if self.person(one).level >= level)
            mentored = next(one for one in seats if loops.seat(one).kind is SeatKind.BAR_RAISER)
            act(loop.add_shadow, self.person(recruiter.id), mentored, trainee, now=at)
            self.company.trainees.remove(trainee)
            self.company.trainees.insert(0, trainee)
        over = first + len(seats) * timedelta(minutes=60)
        act(
            loop.book_debrief,
            recruiter,
            application_id,
            over + timedelta(minutes=30),
            over + timedelta(minutes=90),
            now=at,
        )
        reasons = dict.fromkeys(
            ("loop.load", "loop.night", "loop.two_or_three", "loop.balance", "loop.debrief_booked"), REASONS[0]
        )
        act(loop.confirm, self.person(recruiter.id), application_id, now=at, reasons=reasons)
        return seats

    def _free(self, application_id: int, first: datetime, wanted: int) -> list[int]:
        """Trained colleagues of the right level without anything on that day, least loaded by chance."""
        application = pipeline.application(application_id)
        level = descriptions.description(application.description_id or 0).level
        found = loops.loop_for(application_id)
        seated = {seat.person_id for seat in loops.held_seats(found)} if found else set()
        day = (first - timedelta(hours=3), first + timedelta(hours=12))
        taken = seated.union(self.company.managers.values(), self.company.cast.values(), self.company.bar_raisers)
        interviewers = Person.id.in_(self.company.interviewers)
        senior = set(db.session.scalars(select(Person.id).where(interviewers, Person.level >= level)))
        pool = [one for one in self.company.interviewers if one in senior and one not in taken]
        self.chance.shuffle(pool)
        busy = {booking.person_id for booking in pipeline.bookings(pool, None, *day)}
        free = [one for one in pool if one not in busy]
        return free[:wanted]

    def hold(self, seats: list[int], until: datetime) -> None:
        """Interviews whose end has passed close by themselves, as the worker would do it."""
        for seat_id in seats:
            interview = loops.current_interview(loops.seat(seat_id))
            if interview is not None and interview.ends_at <= until:
                act(course.close_interview, interview.id, interview.ends_at)

    def write(self, seat_id: int, vote: Vote, minutes: int = 9, rating: Rating = Rating.MEETS) -> None:
        """One seat submits complete feedback some minutes after its interview."""
        seat: Seat = loops.seat(seat_id)
        interview = loops.current_interview(seat)
        if interview is None:
            return
        person_id, ends_at = seat.person_id, interview.ends_at
        act(
            feedback.submit,
            self.person(person_id),
            seat_id,
            self._entry(seat, vote, rating),
            now=ends_at + timedelta(minutes=minutes),
        )

    def draft(self, seat_id: int, at: datetime) -> None:
        """One seat has begun to write."""
        seat = loops.seat(seat_id)
        entry = self._entry(seat, Vote.INCLINED, Rating.MEETS)
        act(feedback.save_draft, self.person(seat.person_id), seat_id, Entry(entry.items[:1]), now=at)

    def _entry(self, seat: Seat, vote: Vote, rating: Rating) -> Entry:
        items = []
        for place, assignment in enumerate(seat.assignments):
            situation, task, action, result = EVIDENCE[(seat.id + place) % len(EVIDENCE)]
            question = assignment.question or QUESTIONS[0]
            items.append(ItemEntry(assignment.item_id, question, situation, task, action, result, rating))
        summary = SUMMARIES[-1] if vote.against else SUMMARIES[seat.id % (len(SUMMARIES) - 1)]
        return Entry(tuple(items), summary, vote)

    def whole_loop(self, application_id: int, first: datetime, votes: list[Vote] | None = None) -> list[int]:
        """Confirm a loop two days ahead of ``first``, hold it and write as it goes; ends in the debrief."""
        seats = self.confirm(application_id, first, first - timedelta(days=2))
        for place, seat_id in enumerate(seats):
            self.hold([seat_id], first + timedelta(days=1))
            vote = votes[place % len(votes)] if votes else Vote.INCLINED
            self.write(
                seat_id, vote, minutes=self.chance.randint(5, 14), rating=Rating.BELOW if vote.against else Rating.MEETS
            )
        return seats

    def debrief(self, application_id: int, at: datetime, until: Phase = Phase.DECIDE) -> None:
        """Bring everybody together and go through the phases up to ``until``."""
        bar_raiser = loops.bar_raiser_of(application_id)
        found = loops.loop_for(application_id)
        if bar_raiser is None or found is None:
            return
        chair, people = bar_raiser.id, [seat.person_id for seat in loops.held_seats(found)]
        act(debrief.open_debrief, self.person(chair), application_id, now=at, reasons={"debrief.prompt": REASONS[0]})
        for person_id in people:
            if person_id != chair:
                act(debrief.attend, self.person(person_id), application_id, now=at)
        for phase in (Phase.READ, Phase.REVOTE, Phase.BOARD, Phase.DISCUSS, Phase.DECIDE):
            act(debrief.advance, self.person(chair), application_id, None, now=at)
            at += timedelta(minutes=1)
            if phase is Phase.READ:
                for person_id in people:
                    act(debrief.start_reading, self.person(person_id), application_id, now=at)
                at += timedelta(minutes=6)
            if phase is until:
                return
            if phase is Phase.REVOTE:
                for person_id in people:
                    act(debrief.revote, self.person(person_id), application_id, Vote.INCLINED, now=at)
            if phase is Phase.BOARD:
                for item in staffing.items_of(pipeline.application(application_id)):
                    act(
                        debrief.mark,
                        self.person(chair),
                        application_id,
                        item.id,
                        BoardMark.MET,
                        EVIDENCE[item.id % len(EVIDENCE)][2],
                        now=at,
                    )

    def decide(self, application_id: int, at: datetime, decision: Decision = Decision.HIRE) -> None:
        """The hiring manager decides; a hire gets the Bar Raiser's concurrence."""
        manager = self.owners(application_id)[1]
        act(decisions.decide, manager, application_id, decision, REASONS[1], now=at)
        bar_raiser = loops.bar_raiser_of(application_id)
        if decision is Decision.HIRE and bar_raiser is not None:
            act(decisions.concur, bar_raiser, application_id, REASONS[2], now=at)

    def veto(self, application_id: int, at: datetime) -> None:
        """The Bar Raiser vetoes."""
        bar_raiser = loops.bar_raiser_of(application_id)
        items = [item.name for item in staffing.items_of(pipeline.application(application_id))]
        if bar_raiser is not None:
            act(decisions.veto, bar_raiser, application_id, REASONS[3], items[:1], now=at)

    def begin_references(self, application_id: int, at: datetime, calls: int = 2) -> None:
        """Consent, two people to call, and as many calls as asked."""
        manager_id = self.owners(application_id)[1].id
        act(
            references.record_consent,
            self.person(manager_id),
            application_id,
            "by mail",
            current_employer_named=False,
            now=at,
        )
        for place, name in enumerate(("Rosa Referee", "Rolf Referee")):
            row = act(
                references.add_reference,
                self.person(manager_id),
                application_id,
                name=name,
                relation="led the same team for two years",
                contact=f"+49 30 555 01{place}",
                current_employer=False,
                now=at,
            )
            if place < calls:
                act(
                    references.record_call,
                    self.person(manager_id),
                    row.id,
                    would_hire_again=True,
                    percentile=85 + place,
                    notes=REASONS[4],
                    now=at,
                )

    def clear_references(self, application_id: int, at: datetime) -> None:
        """References done and clear: on to the offer."""
        self.begin_references(application_id, at)
        manager = self.owners(application_id)[1]
        act(references.decide, manager, application_id, ReferenceOutcome.CLEAR, "", now=at)
