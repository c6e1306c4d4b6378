"""What is walked before anything is copied: one requisition, and an application in every step and of every end.

Those still under way are the landmarks of the large company. Everything happens in the walked pod, through the actions;
an application that is to be continued in several ways is copied where the ways part.
"""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import update

from hiring.desk import actions as desk
from hiring.ground import files
from hiring.ground.database import db, writing
from hiring.ground.files import Received
from hiring.pipeline.models import Candidate, CordAction
from hiring.pipeline.rules import Source
from hiring.steps.debrief import actions as decisions
from hiring.steps.debrief import room_actions as room
from hiring.steps.debrief.rules import Decision, Phase
from hiring.steps.interview_loop import actions as loop
from hiring.steps.interview_loop import queries as loops
from hiring.steps.interview_loop.models import Shadow
from hiring.steps.interview_loop.rules import ConflictKind
from hiring.steps.job_description import actions as descriptions
from hiring.steps.job_description import queries as description_queries
from hiring.steps.job_description import requisition_actions as requisitions
from hiring.steps.job_description.actions import Text
from hiring.steps.job_description.models import Principle
from hiring.steps.job_description.requisition_actions import NewRequisition
from hiring.steps.job_description.rules import Verdict
from hiring.steps.offer import actions as offers
from hiring.steps.offer import onboarding
from hiring.steps.offer.actions import Draft
from hiring.steps.offer.hire_rules import Reached
from hiring.steps.offer.models import HireReview, OnboardingTask
from hiring.steps.phone_screen.rules import ScreenVerdict
from hiring.steps.resume_review import actions as review
from hiring.steps.resume_review.actions import Applicant
from hiring.steps.resume_review.rules import Mark
from hiring.steps.written_feedback import actions as feedback
from hiring.steps.written_feedback.models import Feedback
from hiring.steps.written_feedback.rules import Rating, Vote
from hiring.transitions import actions as transitions
from hiring.transitions import cords
from hiring.transitions.cords import CorrectionStep
from seed.large.bulk import without_guard
from seed.large.copying import Copier
from seed.large.counts import recount
from seed.large.landmarks import candidate_of
from seed.large.lives import Life, newest
from seed.large.people import Staff
from seed.prose import REASONS, RESUME
from seed.telling import Copy
from seed.walk import Walk, act, at_work

DAY = timedelta(days=1)
LIFE_OF_HISTORY = 1330
"""Days since the first requisition was opened."""
LOOP_DAY = {"hired": 14, "all_against": 15, "no_hire": 16, "vetoed": 17, "declined": 18}
"""Days after the base on which the loops were held of those who ended after one."""
POINTS = {
    "role_clear": "Yes: one ledger, one owner.",
    "problem_sharp": "Sharp: the nightly close, with its figures.",
    "must_haves_testable": "Both are needed, and a résumé can show them.",
    "risks": "Two teams own the neighbouring service; say who decides.",
}


class Large(Walk):
    """Walks in the pod; a résumé is stored once, for all."""

    resume: Received | None = None

    def apply(self, requisition_id: int, name: str, at: datetime, source: Source = Source.CAREERS) -> int:
        """Somebody applies."""
        if self.resume is None:
            text = RESUME.format(name="A. Applicant", title="Engineer", years=9)
            self.resume = files.receive(io.BytesIO(text.encode()), "résumé.txt", 1_000_000)
        email = f"{name.lower().replace(' ', '.')}@candidates.example"
        applicant = Applicant(name, email, location="Berlin", time_zone="Europe/Berlin")
        received = self.resume
        application, _ = act(review.apply, requisition_id, applicant, received, source=source, actor_id=None, now=at)
        return application.id


class Scenes:
    """The walked lives by name; ``requisition`` is the walked one's."""

    def __init__(self, staff: Staff, now: datetime, chance: Random) -> None:
        self.staff, self.now = staff, now
        self.walk = Large(staff.company, chance)
        self.lives: dict[str, Life] = {}
        self.requisition = Life("requisition")
        monday = now - timedelta(days=600 + now.weekday())
        self.base = at_work(monday, 0, 9)
        """A Monday of long ago, at nine: around it everything is walked that has ended."""

    # --- Who and what ----------------------------------------------------------------------------------------------

    @property
    def requisition_id(self) -> int:
        """The walked requisition's."""
        return self.requisition.one("requisition")

    def play(self, say: Callable[[str], None]) -> None:
        """Walk everything; ``say`` is told what."""
        with self.requisition.goes_on():
            self._open_requisition()
        self._described(self.now - 3 * DAY, self.now - 2 * DAY)
        self._described(self.now - DAY, None)
        say("requisitions")
        for name, scene in (
            ("turned_down", self._turned_down),
            ("withdrew", self._withdrew),
            ("stopped", self._stopped),
            ("screen_no", self._screen_no),
            ("fresh", self._fresh),
            ("marked", self._marked),
            ("to_call", self._to_call),
            ("calling", self._calling),
            ("composing", self._composing),
            ("booked", self._booked),
        ):
            with self._life(name):
                scene(name)
            say(name)
        self._loop_and_after(say)

    def _life(self, name: str) -> AbstractContextManager[Life]:
        life = self.lives.setdefault(name, Life(name))
        return life.goes_on()

    def _at(self, days: int, hour: float = 9) -> datetime:
        """So many days after the base, at an hour of its zone."""
        return self.base + timedelta(days=days, hours=hour - 9)

    def _apply(self, name: str, at: datetime, source: Source = Source.CAREERS) -> int:
        return self.walk.apply(self.requisition_id, candidate_of(name)[0], at, source)

    # --- The requisition -------------------------------------------------------------------------------------------

    def _open_requisition(self) -> None:
        at = self.now - LIFE_OF_HISTORY * DAY
        description_id, reviewer_id = self._described(at, at + DAY)
        reviewer = self.walk.person(reviewer_id)
        act(descriptions.review, reviewer, description_id, Verdict.APPROVE, POINTS, now=at + 2 * DAY)

    def _described(self, at: datetime, submitted: datetime | None) -> tuple[int, int | None]:
        """A new requisition's description and, if it was submitted, who is to review it."""
        cast, team = self.staff.cast, self.staff.company.teams["Team"]
        recruiter, manager = cast["recruiter"], cast["hiring_manager"]
        wanted = NewRequisition("Senior Engineer", team, "Berlin", "DE", manager, recruiter)
        requisition_id = act(requisitions.create, self.walk.person(recruiter), wanted, now=at).id
        for _ in range(3):
            act(requisitions.add_opening, self.walk.person(recruiter), requisition_id, at.date(), now=at)
        found = description_queries.newest(requisition_id)
        if found is None:
            raise RuntimeError("a new requisition begins with a draft")
        description_id = found.id
        principles = db.session.query(Principle).order_by(Principle.place).limit(4)
        text = Text(
            title=wanted.title,
            location="Berlin",
            pay_low=9_800_000,
            pay_high=13_700_000,
            currency="EUR",
            summary="Customers see a balance that is right on the first look, every day, and can ask why.",
            report_ids=[],
            no_reports=True,
            level=7,
            outcomes=["The nightly close needs no hand work", "On-call load falls by half in a year"],
            must_haves=["Five years of building back-end services", "Has run a service with customers' money"],
            principle_ids=[row.id for row in principles],
            competencies=["System Design", "Coding"],
        )
        person = self.walk.person
        act(descriptions.write, person(manager), description_id, text, expected_version=None, now=at)
        if submitted is None:
            return description_id, None
        return description_id, act(descriptions.submit, person(manager), description_id, now=submitted).reviewer_id

    # --- Before the loop -------------------------------------------------------------------------------------------

    def _turned_down(self, name: str) -> None:
        application_id = self._apply(name, self._at(0))
        self.walk.mark(application_id, self._at(1), Mark.NOT_SHOWN)
        recruiter, _ = self.walk.owners(application_id)
        act(review.turn_down, recruiter, application_id, "Thank you for applying.", now=self._at(1, 10))

    def _withdrew(self, name: str) -> None:
        application_id = self._apply(name, self._at(0), Source.SOURCED)
        recruiter, _ = self.walk.owners(application_id)
        act(desk.add_note, recruiter, application_id, "Asked for another week to think.", now=self._at(2))
        act(transitions.withdraw_by_candidate, application_id, "Found something else.", now=self._at(3))

    def _stopped(self, name: str) -> None:
        application_id = self._apply(name, self._at(0), Source.AGENCY)
        recruiter, manager = self.walk.owners(application_id)
        cord = act(cords.pull, recruiter, application_id, "The agency sent a photo.", [manager.id], now=self._at(1))
        cord_id, administrator = cord.id, self.staff.cast["administrator"]
        step = CorrectionStep("Send the clause to all agencies", recruiter.id, self._at(9).date())
        cause, correction = "No word on photos in the agency's contract.", "A clause was added."
        person = self.walk.person(administrator)
        act(cords.clear, person, cord_id, cause, correction, [step], reject="We stop here.", now=self._at(2))
        for row in db.session.query(CordAction.id).filter_by(cord_id=cord_id).all():
            act(cords.finish_step, self.walk.person(administrator), row.id, now=self._at(8))

    def _screen_no(self, name: str) -> None:
        application_id = self._apply(name, self._at(0))
        self.walk.pass_review(application_id, self._at(1))
        self.walk.pass_screen(application_id, self._at(3, 7), ScreenVerdict.NO)

    def _fresh(self, name: str) -> None:
        self._apply(name, self.now - DAY)

    def _marked(self, name: str) -> None:
        application_id = self._apply(name, self.now - 2 * DAY, Source.REFERRED)
        self.walk.mark(application_id, self.now - DAY, Mark.NOT_SHOWN)

    def _to_call(self, name: str) -> None:
        application_id = self._apply(name, self.now - 4 * DAY)
        self.walk.pass_review(application_id, self.now - 3 * DAY)

    def _calling(self, name: str) -> None:
        application_id = self._apply(name, self.now - 4 * DAY)
        self.walk.pass_review(application_id, self.now - 3 * DAY)
        self.walk.book_screen(application_id, at_work(self.now, 1, 9), self.now - DAY)

    # --- The loop and what follows ---------------------------------------------------------------------------------

    def _screened(self, name: str, days: int) -> int:
        application_id = self._apply(name, at_work(self.now, -days, 20))
        self.walk.pass_review(application_id, at_work(self.now, 1 - days, 10))
        self.walk.pass_screen(application_id, at_work(self.now, 2 - days, 7, 30))
        return application_id

    def _composing(self, name: str) -> None:
        application_id = self._screened(name, 8)
        act(loop.compose, self.walk.owners(application_id)[0], application_id, now=self.now - DAY)
        friend, reason = self.staff.company.interviewers[0], "The candidate reported to them before."
        administrator = self.walk.person(self.staff.cast["administrator"])
        kind = ConflictKind.FORMER_REPORT
        act(loop.declare_conflict, administrator, application_id, friend, kind, reason, now=self.now - DAY)

    def _booked(self, name: str) -> None:
        self.walk.confirm(self._screened(name, 9), at_work(self.now, 3, 9), self.now - DAY, shadowed=True)

    def _loop_and_after(self, say: Callable[[str], None]) -> None:
        """One application goes all the way to its hire; the others part from it on the way."""
        walk, trunk = self.walk, "hired"
        with self._part("booked", "writing", self.now - timedelta(hours=4, minutes=50)) as life:
            self._write_some(life.ids["seat"])
        with self._part("booked", trunk, self._at(LOOP_DAY[trunk])) as life:
            application_id = life.one("application")
            self._hold_loop(life.ids["seat"], self._at(14))
        self._part(trunk, "waiting", at_work(self.now, -1, 9))
        for phase, days in ((Phase.READ, -3), (Phase.REVOTE, -4), (Phase.BOARD, -5), (Phase.DISCUSS, -7)):
            with self._part(trunk, phase.value, at_work(self.now, days, 9)) as life:
                walk.debrief(life.one("application"), self.now - timedelta(minutes=30), phase)
        with self._part(trunk, "all_against", self._at(LOOP_DAY["all_against"])) as life:
            self._all_against(life)
        say("loop")
        with self._life(trunk):
            walk.debrief(application_id, self._at(14, 17))
            manager = walk.person(self.staff.cast["hiring_manager"])
            act(room.take_note, manager, application_id, "Depth is not in doubt; scale is.", now=self._at(14, 17.5))
        self._part(trunk, "deciding", at_work(self.now, -2, 9))
        with self._part(trunk, "no_hire", self._at(LOOP_DAY["no_hire"])) as life:
            walk.decide(life.one("application"), self._at(16, 18), Decision.NO_HIRE)
        with self._part(trunk, "vetoed", self._at(LOOP_DAY["vetoed"])) as life:
            walk.veto(life.one("application"), self._at(17, 18))
        with self._life(trunk):
            walk.decide(application_id, self._at(14, 18))
        say("debrief")
        with self._part(trunk, "checking", at_work(self.now, -6, 9)) as life:
            walk.begin_references(life.one("application"), at_work(self.now, -2, 14), calls=1)
        with self._life(trunk):
            walk.clear_references(application_id, self._at(17, 15))
        for name, days in (("offered", -11), ("accepted", -14)):
            with self._part(trunk, name, at_work(self.now, days, 9)) as life:
                self._offer(life.one("application"), at_work(self.now, -5, 11), self.now + 40 * DAY)
                if name == "accepted":
                    self._accept(life.one("application"), at_work(self.now, -3, 15))
        with self._part(trunk, "declined", self._at(LOOP_DAY["declined"])) as life:
            self._offer(life.one("application"), self._at(24), self._at(60))
            _, manager = walk.owners(life.one("application"))
            act(offers.decline, manager, life.one("application"), "Stays where they are.", now=self._at(27))
        with self._life(trunk):
            self._offer(application_id, self._at(19), self._at(60))
            self._accept(application_id, self._at(22))
            self._arrive(application_id)
        say("offers")

    def _part(self, trunk: str, name: str, loop_day: datetime) -> AbstractContextManager[Life]:
        """Copy the trunk as it stands now, to go on by itself; its loop is that of ``loop_day``."""
        source = self.lives[trunk]
        application_id = source.one("application")
        found = loops.loop_for(application_id)
        seats = loops.held_seats(found) if found else []
        starts = [each for seat in seats if (each := loops.current_interview(seat))]
        gap = loop_day - min(each.starts_at for each in starts)
        with writing():
            connection = db.session.connection()
            with without_guard(connection, "feedback_item"):
                copier = Copier(connection, self.staff.house, newest(), ["A. Applicant"])
                copies = [Copy(int(gap.total_seconds()))]
                made = copier.place(source, copies)
                copier.copy(source, copies, made)
                copier.close()
            ids = {table: list(range(made.base[table], made.base[table] + many)) for table, many in made.width.items()}
            self.lives[name] = source.copied(name, ids, gap)
            wanted, email = candidate_of(name)
            candidate = db.session.get_one(Candidate, ids["candidate"][0])
            candidate.name, candidate.name_key = wanted, wanted.casefold()
            candidate.email, candidate.email_key = email, email
            db.session.flush()
            recount(connection)
        return self.lives[name].goes_on()

    def _write_some(self, seats: list[int]) -> None:
        """A loop that ended just now: clocks run, two have written, one has begun."""
        self.walk.hold(seats, self.now)
        for seat_id in seats[:2]:
            self.walk.write(seat_id, Vote.INCLINED)
        self.walk.draft(seats[3], self.now - timedelta(minutes=2))

    def _hold_loop(self, seats: list[int], first: datetime) -> None:
        """A whole loop with a shadow's practice, an amendment and feedback from everybody."""
        walk = self.walk
        for place, seat_id in enumerate(seats):
            walk.hold([seat_id], first + DAY)
            walk.write(seat_id, Vote.INCLINED, minutes=8 + place, rating=Rating.MEETS)
        over = first + timedelta(hours=6)
        shadow = db.session.query(Shadow).filter(Shadow.seat_id.in_(seats)).one()
        trainee, shadow_id = walk.person(shadow.person_id), shadow.id
        practice = "Asked twice for what was theirs."
        act(feedback.write_practice, trainee, shadow_id, practice, final=True, now=over)
        author = walk.person(loops.seat(seats[-1]).person_id)
        act(feedback.amend, author, seats[-1], "The figures were from the second year.", now=over)

    def _all_against(self, life: Life) -> None:
        """Hiring manager and Bar Raiser agree in writing to reject without a meeting."""
        with writing(), without_guard(db.session.connection(), "feedback"):
            db.session.execute(
                update(Feedback).where(Feedback.id.in_(life.ids["feedback"])).values(vote=Vote.NOT_INCLINED)
            )
        application_id = life.one("application")
        for key in ("hiring_manager", "bar_raiser"):
            person = self.walk.person(self.staff.cast[key])
            act(decisions.agree_to_reject, person, application_id, REASONS[3], now=self._at(15, 18))

    def _offer(self, application_id: int, at: datetime, starts: datetime) -> None:
        _, manager = self.walk.owners(application_id)
        manager_id, terms = manager.id, "Thirty days of leave, a learning budget, a laptop of their choice."
        answer = min(at + 21 * DAY, starts - DAY)
        draft = Draft(12_000_000, "EUR", starts.date(), answer.date(), terms)
        person = self.walk.person
        act(offers.prepare, person(manager_id), application_id, draft, now=at)
        act(offers.make, person(manager_id), application_id, "In person, over coffee.", now=at)
        act(offers.record_contact, person(manager_id), application_id, "Asked about the team.", now=at + DAY)

    def _accept(self, application_id: int, at: datetime) -> None:
        act(offers.accept, self.walk.owners(application_id)[1], application_id, now=at)

    def _arrive(self, application_id: int) -> None:
        """The hire starts; the checklist is done, and both reviews are written."""
        recruiter, manager = (one.id for one in self.walk.owners(application_id))
        person = self.walk.person
        for task in db.session.query(OnboardingTask.id).filter_by(application_id=application_id).all():
            act(onboarding.finish_task, person(recruiter), task.id, now=self._at(50))
        act(onboarding.arrive, person(recruiter), application_id, now=self._at(60))
        due = db.session.query(HireReview.id, HireReview.due_on).filter_by(application_id=application_id)
        for place, row in enumerate(due.order_by(HireReview.due_on).all()):
            answers = [(Reached.YES, "It does."), (Reached.PARTLY, "Nearly.")]
            at, lesson = self._at(60 + (91, 366)[place]), "None: the outcomes were clear."
            act(onboarding.write_review, person(manager), row.id, answers, lesson, now=at)
