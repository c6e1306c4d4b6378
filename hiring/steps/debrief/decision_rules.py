"""Who decides, concurs and vetoes in step 6, and who may agree to reject without a meeting."""

from collections.abc import Collection
from dataclasses import dataclass

from hiring.ground.rulebook import OWN, Refusal, declare
from hiring.pipeline.rejection import WITH_EVIDENCE
from hiring.pipeline.rules import Step
from hiring.steps.debrief.room_rules import (
    ANOTHER,
    BOARD,
    OVER,
    has_ended,
    why_not_all_in,
    why_not_evidenced,
    why_not_marked,
)
from hiring.steps.debrief.rules import Decision, Phase, Table, names

HIRING_MANAGER = declare(
    "decision.hiring_manager",
    "Only the hiring manager decides, once, after the discussion; a hire needs their clear yes, and unsure is no.",
    step=Step.DEBRIEF,
)
DISSENT = declare(
    "debrief.dissent",
    "Whoever was present, and neither decided nor concurred nor vetoed, may put their dissent on record once, after "
    "the decision, and commits to it.",
    step=Step.DEBRIEF,
    source=OWN,
)
CONCURRENCE = declare(
    "decision.concurrence", "A hire needs the Bar Raiser's recorded concurrence; silence is none.", step=Step.DEBRIEF
)
VETO = declare(
    "decision.veto",
    "The loop's Bar Raiser may veto from the debrief on until an offer is accepted, with a written reason that names "
    "what it rests on; nobody overrides it.",
    step=Step.DEBRIEF,
)


def why_not_decider(table: Table, person_id: int) -> list[Refusal]:
    """Why somebody is not the one who decides."""
    if table.hiring_manager_id == person_id:
        return why_not_evidenced(HIRING_MANAGER, table, person_id, "deciding")
    facts = f"The decision belongs to {table.hiring_manager}."
    way_out = "Tell the room what you think; dissent is recorded as disagree-and-commit."
    return [HIRING_MANAGER.refuse(facts, mend=table.hiring_manager, way_out=way_out)]


def why_not_decide(table: Table, decision: Decision | None = None) -> list[Refusal]:
    """Why the hiring manager cannot decide so now; without ``decision``: why they cannot decide at all."""
    if table.ended is not None:
        return [HIRING_MANAGER.refuse(has_ended(table), mend="nobody", way_out="Nothing is left to decide.")]
    if table.decision is not None:
        facts = f"The decision is recorded: {table.decision.label.lower()}."
        return [HIRING_MANAGER.refuse(facts, mend="nobody", way_out="It stands, unless the debrief reconvenes.")]
    if table.phase is Phase.DONE:
        return [HIRING_MANAGER.refuse(OVER, mend="the recruiter", way_out=ANOTHER)]
    if table.phase is not Phase.DECIDE:
        facts = f"This debrief is in {table.phase.label}." if table.phase else "The debrief has not been opened."
        way_out = f"Wait until {table.bar_raiser} has led it to Decide."
        return [HIRING_MANAGER.refuse(facts, mend=table.bar_raiser, way_out=way_out)]
    return [
        *why_not_all_in(table),
        *why_not_marked(table),
        *(why_not_settled(table) if decision is Decision.HIRE else []),
    ]


def why_not_settled(table: Table) -> list[Refusal]:
    """What was not shown and keeps a hire waiting."""
    if not table.unsettled:
        return []
    one_more = "Send the application back for one more interview that tests it"
    return [
        BOARD.refuse(
            f"Not shown and not accepted: {names([item.name for item in table.unsettled])}.",
            mend=table.bar_raiser,
            way_out=f"{one_more}, or have the Bar Raiser accept the gap in writing."
            if table.decision is None
            else f"{one_more}; the next debrief decides again.",
        )
    ]


def why_not_concur(table: Table) -> list[Refusal]:
    """Why there is nothing for the Bar Raiser to concur with, or what evidence they would concur without.

    The board is asked again, as it stands for the description that the application is held against now.
    """
    if table.phase is Phase.DECIDE and table.decision is Decision.HIRE and not table.concurred and table.ended is None:
        return [*why_not_all_in(table), *why_not_marked(table), *why_not_settled(table)]
    mend, way_out = "nobody", "Concurrence answers a hire decision that waits for it."
    if table.ended is not None:
        facts = has_ended(table)
    elif table.decision is None:
        facts, mend = "The hiring manager has not decided.", table.hiring_manager
    elif table.concurred:
        facts, way_out = "Concurrence is on record.", "It stands, unless the debrief reconvenes."
    else:
        facts = "The decision is no hire."
    return [CONCURRENCE.refuse(facts, mend=mend, way_out=way_out)]


def why_not_dissent(table: Table, person_id: int, *, dissented: bool) -> list[Refusal]:
    """Why somebody cannot put their dissent on record now."""
    seat = table.seat_of(person_id)
    if dissented:
        facts, way_out = "Your dissent is on record.", "It stands as you wrote it; commit to the decision."
    elif seat is None or not seat.present:  # whoever was not there does not learn whether there is a decision
        facts, way_out = "You were not present in this debrief.", "Tell the Bar Raiser what you would have said."
    elif table.decision is None:
        facts, way_out = "There is no decision yet.", "Say it in the discussion."
    elif person_id in table.spoke:
        facts, way_out = "You decided, concurred or vetoed yourself.", "Your own reason stands on record; it is enough."
    else:
        return []
    return [DISSENT.refuse(facts, mend="nobody", way_out=way_out)]


@dataclass(frozen=True, slots=True)
class VetoFacts:
    """What the veto asks beyond the table. ``read``: a debrief of this application got as far as Read."""

    step: Step
    read: bool
    vetoed: bool
    offer_accepted: bool
    tested: frozenset[str]


def why_not_vetoer(table: Table, person_id: int) -> list[Refusal]:
    """Why the veto is not this person's."""
    if table.bar_raiser_id == person_id:
        return why_not_evidenced(VETO, table, person_id, "vetoing")
    facts = f"The veto belongs to {table.bar_raiser} alone."
    return [VETO.refuse(facts, mend=table.bar_raiser, way_out="Tell them what worries you.")]


def why_not_veto(table: Table, facts: VetoFacts, rests_on: Collection[str] | None = None) -> list[Refusal]:
    """Why the Bar Raiser cannot veto now; ``rests_on`` names what the reason rests on (None: not asked yet)."""
    if facts.vetoed:
        return [
            VETO.refuse("A veto is on record for this application.", mend="nobody", way_out="It stands; nothing to do.")
        ]
    if table.ended is not None:
        words = has_ended(table)
        return [VETO.refuse(words, mend="nobody", way_out="There is nothing left to veto.")]
    if facts.offer_accepted:
        return [
            VETO.refuse(
                "The candidate has accepted the offer; the veto ended with that.",
                mend="nobody",
                way_out="Pull the Andon cord if the process went wrong.",
            )
        ]
    if facts.step.place < Step.DEBRIEF.place or not facts.read:
        words = f"The application is in {facts.step.label}, and its debrief has not begun to read."
        return [VETO.refuse(words, mend=table.bar_raiser, way_out="Open the debrief and read first.")]
    if rests_on is not None and (not rests_on or not facts.tested.issuperset(rests_on)):
        words = "The reason names none of what was tested." if not rests_on else "The reason names what was not tested."
        choose = f"Name at least one of: {names(sorted(facts.tested))}."
        return [VETO.refuse(words, mend=table.bar_raiser, way_out=choose)]
    return []


# --- Rejecting ---------------------------------------------------------------------------------------------------


def why_not_agree(table: Table, person_id: int, *, all_against: bool, agreed: bool) -> list[Refusal]:
    """Why this person cannot agree in writing to reject; ``agreed``: they did already.

    Who may agree is the hiring manager and the Bar Raiser in force, see ``may_agree``. Their own feedback comes first,
    for the answer tells of the others' votes; how many are against is told to nobody.
    """

    def refuse(facts: str, way_out: str) -> list[Refusal]:
        return [WITH_EVIDENCE.refuse(facts, mend=f"{table.hiring_manager} and {table.bar_raiser}", way_out=way_out)]

    if table.ended is not None:
        return refuse(has_ended(table), "There is nothing left to reject.")
    unread = why_not_evidenced(WITH_EVIDENCE, table, person_id, "agreeing")
    if unread:
        return unread
    if table.missing_feedback:
        who = names([seat.name for seat in table.missing_feedback])
        return refuse(f"Feedback is missing from {who}.", "Wait until the last is in.")
    if not all_against:
        return refuse("Not every vote is against.", "Hold the debrief; it decides.")
    if table.phase is not None and table.phase is not Phase.GATHER:
        return refuse("The debrief has begun.", "Decide in the room.")
    if agreed:
        return refuse("Your agreement is on record.", "The application ends when the other one agrees too.")
    return []


def may_agree(table: Table, person_id: int) -> bool:
    """Whether somebody is one of the two whose written agreement rejects without a meeting."""
    return person_id in {table.hiring_manager_id, table.bar_raiser_id}
