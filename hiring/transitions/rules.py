"""Pure questions about transitions that no single step owns. Each answers with a rule declared further down."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from hiring.ground.rulebook import Refusal
from hiring.people.rules import Role
from hiring.pipeline.rules import (
    APPLICATION_COOL_OFF,
    APPLICATION_ONCE,
    NEVER_REOPENED,
    REQUISITION_OPEN,
    ApplicationFacts,
    EndReason,
    PipelinePolicy,
    RequisitionFacts,
    Stand,
    Step,
    why_not_clear,
    why_not_cool_off,
    why_not_live,
    why_not_open,
    why_not_own_candidate,
)

OWNERS = frozenset({Stand.REQUISITION_RECRUITER, Stand.HIRING_MANAGER})
WITH_A_TASK = frozenset(
    {
        Stand.REQUISITION_RECRUITER,
        Stand.HIRING_MANAGER,
        Stand.SCREENER,
        Stand.SEAT,
        Stand.BAR_RAISER,
        Stand.SHADOW,
        Stand.COORDINATOR,
        Stand.ADMINISTRATOR,
    }
)


def owns(stands: frozenset[Stand]) -> bool:
    """The requisition's recruiter and hiring manager move its applications."""
    return not stands.isdisjoint(OWNERS)


def may_run(roles: Collection[Role], *, owner: bool) -> bool:
    """A requisition is held, handed over, closed and opened again by its owners and by administrators."""
    return owner or Role.ADMINISTRATOR in roles


def may_see_requisition_moves(roles: Collection[Role], *, owner: bool) -> bool:
    """Whoever may run it, and every recruiter, sees where a requisition stands."""
    return may_run(roles, owner=owner) or Role.RECRUITER in roles


def may_send_back(stands: frozenset[Stand]) -> bool:
    """Owners, and the Bar Raiser who asks for one more interview."""
    return owns(stands) or Stand.BAR_RAISER in stands


def may_pull(stands: frozenset[Stand]) -> bool:
    """Anyone with a task on it may stop the line."""
    return not stands.isdisjoint(WITH_A_TASK)


def why_not_leave_its_place(application: ApplicationFacts) -> list[Refusal]:
    """What neither goes back nor elsewhere: what has ended, is on hold, or whose offer was accepted.

    An accepted offer is ended openly, never undone by a move.
    """
    refusals = why_not_live(application)
    if application.on_hold:
        refusals.append(
            REQUISITION_OPEN.refuse(
                "This application is on hold.",
                mend="the recruiter or the hiring manager",
                way_out="End the hold, then move it.",
            )
        )
    if application.offer_accepted:
        refusals.append(
            REQUISITION_OPEN.refuse(
                "The offer was accepted; an accepted offer does not go back.",
                mend="the hiring manager",
                way_out="Rescind the offer, or let the arrival be confirmed.",
            )
        )
    return refusals


def why_not_send_back(application: ApplicationFacts, requisition: RequisitionFacts) -> list[Refusal]:
    """Beside what holds an application in its place, a closed requisition has no step to go back to.

    A hire at another level is a return too. A cord stops neither: it stops what goes forward.
    """
    return why_not_leave_its_place(application) + why_not_open(requisition)


def why_not_move(application: ApplicationFacts, requisition: RequisitionFacts) -> list[Refusal]:
    """Why an application does not begin elsewhere: nobody walks away from a cord before cause and correction."""
    return why_not_leave_its_place(application) + why_not_clear(requisition, application)


def steps_back(step: Step) -> list[Step]:
    """Where an application in this step may be sent: this step anew, or an earlier one."""
    return [other for other in Step if Step.RESUME_REVIEW.place <= other.place <= step.place]


def why_not_reopen(
    application: ApplicationFacts,
    requisition: RequisitionFacts,
    *,
    active_elsewhere: bool,
    cool_off_until: date | None,
    person_id: int | None,
    now: datetime,
    policy: PipelinePolicy,
) -> list[Refusal]:
    """Reopening within the policy's days with a reason; never after a veto, a no-hire, or a hire.

    ``cool_off_until``: the latest that any application of the candidate to the requisition left behind; an older one
    is no way around what a later one came to. ``person_id``: the colleague who the candidate is.
    """
    refusals = why_not_open(requisition) + why_not_own_candidate(requisition, person_id)
    if application.end is None or application.ended_at is None:
        return [
            APPLICATION_ONCE.refuse(
                "This application has not ended.", mend="nobody needs to", way_out="Go on where it stands."
            )
        ]
    if application.end_reason in NEVER_REOPENED:
        what = {EndReason.VETO: "a veto", EndReason.NO_HIRE: "a no-hire", EndReason.ALL_AGAINST: "votes all against"}
        refusals.append(
            APPLICATION_COOL_OFF.refuse(
                f"It ended by {what[application.end_reason]}, which is never reopened.",
                mend="nobody",
                way_out="The candidate may apply anew after the date on record.",
            )
        )
    else:
        refusals += why_not_cool_off(requisition, cool_off_until, now.date())
    if now > last_reopening(application.ended_at, policy):
        refusals.append(
            APPLICATION_COOL_OFF.refuse(
                f"It ended on {application.ended_at.date().isoformat()}; "
                f"ends are reopened within {policy.reopen_days} days.",
                mend="nobody: the time is over",
                way_out="Start a new application.",
            )
        )
    if application.end_reason in {EndReason.MOVED, EndReason.ARRIVED}:
        refusals.append(
            APPLICATION_ONCE.refuse(
                "It was moved to another requisition."
                if application.end_reason is EndReason.MOVED
                else "It was a hire.",
                mend="nobody",
                way_out="Go on with what followed from it.",
            )
        )
    if active_elsewhere:
        refusals.append(
            APPLICATION_ONCE.refuse(
                f"The candidate has another active application to {requisition.code}.",
                mend=requisition.recruiter,
                way_out="Go on with that one.",
            )
        )
    return refusals


def last_reopening(ended_at: datetime, policy: PipelinePolicy) -> datetime:
    """Until when an end may be reopened."""
    return ended_at + timedelta(days=policy.reopen_days)


def first_day_to_apply(against: Sequence[Refusal], cool_off_until: date | None, today: date) -> date | None:
    """From which day on the candidate may apply again; None where more than a date stands against it now."""
    if any(refusal.rule != APPLICATION_COOL_OFF for refusal in against):
        return None
    return cool_off_until if against else today


def first_unproven(met: Sequence[str], asked: Sequence[str]) -> Step:
    """Where a moved application begins: résumé review, unless every must-have of the new description was met before.

    ``met``: texts of must-haves marked met on the old application; ``asked``: those of the new description. A phone
    screen is always held anew, because its questions belong to the position.
    """
    known = {text.strip().casefold() for text in met}
    proven = bool(asked) and all(text.strip().casefold() in known for text in asked)
    return Step.PHONE_SCREEN if proven else Step.RESUME_REVIEW


def why_begun(step: Step) -> str:
    """Why a moved application began in that step, in a sentence: it tells how the must-haves were marked."""
    if step is Step.PHONE_SCREEN:
        return f"It began in {step.label}: every must-have was met before."
    return f"It began in {step.label}: its must-haves were not proven yet."


@dataclass(frozen=True, slots=True)
class ClosingCase:
    """One live application of a requisition about to close, and what was chosen for it.

    ``stays``: what keeps it from moving elsewhere, see ``why_not_move``.
    """

    application_id: int
    candidate: str
    step: Step
    accepted: bool
    choice: str
    stays: tuple[Refusal, ...] = ()

    @property
    def moves(self) -> bool:
        """Whether it was chosen to begin on another requisition."""
        return not self.accepted and self.choice.isdigit()


def decision(choice: str) -> str:
    """A choice as it was sent: ``reject`` or the id of a requisition to move to; anything else decides nothing."""
    return choice if choice == "reject" or (choice.isascii() and choice.isdigit()) else ""


def why_not_decide_all(code: str, hidden: int, deciders: Sequence[str]) -> list[Refusal]:
    """Nobody closes over the head of a colleague close to them: of their application they may know nothing.

    ``hidden``: how many live applications wait for a choice that is not theirs; ``deciders``: who may see them all.
    """
    if not hidden:
        return []
    return [
        REQUISITION_OPEN.refuse(
            f"{code} still has {hidden} live application{'s' if hidden > 1 else ''} that you may not see.",
            mend=" or ".join(deciders) or "an administrator, once one is named who is not close to the candidate",
            way_out="Ask them to close the requisition, or to end what you may not see first.",
        )
    ]


def why_not_close(code: str, cases: Sequence[ClosingCase]) -> list[Refusal]:
    """Closing asks for each live application: move it, or reject it; accepted offers are exempt."""
    held = [
        replace(refusal, facts=f"{case.candidate}: {refusal.facts}")
        for case in cases
        if case.moves
        for refusal in case.stays
    ]
    undecided = [case.candidate for case in cases if not case.accepted and not case.choice]
    if not undecided:
        return held
    return [
        *held,
        REQUISITION_OPEN.refuse(
            f"{code} still has {len(undecided)} live applications without a decision: "
            f"{', '.join(undecided[:5])}{' and others' if len(undecided) > 5 else ''}.",
            mend="the requisition's recruiter",
            way_out="Choose for each: move to another requisition, or reject as position closed.",
        ),
    ]
