"""What this room does: keep a draft, submit it for good, add an amendment, practise as a shadow, erase texts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm.attributes import flag_modified

from hiring.ground import audit, outbox, personal, policy
from hiring.ground.database import Stale, db, lock, surely
from hiring.ground.rulebook import Refusal, ensure
from hiring.people.models import Person
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as spine_queries
from hiring.pipeline.models import Application
from hiring.steps.interview_loop.course import carry_on, note_submitted, note_writing
from hiring.steps.interview_loop.models import Loop, Seat, Shadow
from hiring.steps.written_feedback import queries, rules
from hiring.steps.written_feedback.due import Nudge
from hiring.steps.written_feedback.models import Amendment, Feedback, FeedbackItem, PracticeFeedback
from hiring.steps.written_feedback.queries import Kit
from hiring.steps.written_feedback.rules import ERASED, Entry, FeedbackState, ItemEntry

_ITEM_TEXTS = (*rules.PARTS, "not_tested_reason")


def save_draft(
    actor: Person, seat_id: int, entry: Entry, *, now: datetime, expected_version: int | None = None
) -> Feedback:
    """Keep what was written so far; raises NotVisible, Refused, Stale. Not audited: a draft is the author's alone.

    ``expected_version`` is what the page showed, 0 where there was no draft yet. Saving what already stands is not
    stale, so that a repeated save does no harm.
    """
    queries.kit(actor, seat_id, now=now)
    lock(Seat, seat_id)
    kit = queries.kit(actor, seat_id, now=now)
    ensure(rules.why_not_write(kit.facts, actor.id, actor.name, now))
    return _write(actor, kit, entry, now=now, expected_version=expected_version)


def submit(
    actor: Person, seat_id: int, entry: Entry, *, now: datetime, expected_version: int | None = None
) -> Feedback:
    """Freeze the feedback; the last one moves the application on. Raises NotVisible, Refused, Stale.

    Submitting the same words again is answered with what stands.
    """
    kit = queries.kit(actor, seat_id, now=now)
    application = spine_queries.lock_application(kit.application.id)
    lock(Seat, seat_id)
    kit = queries.kit(actor, seat_id, now=now)
    draft = queries.own_draft(actor, seat_id)
    if draft is not None and draft.state is FeedbackState.SUBMITTED and _same(draft, entry, kit):
        return draft
    ensure(rules.why_not_write(kit.facts, actor.id, actor.name, now))
    ensure(rules.why_not_complete(entry, kit.names))
    feedback = _write(actor, kit, entry, now=now, expected_version=expected_version)
    db.session.flush()
    late = rules.why_late(actor.name, now, kit.due_at) if kit.due_at else []
    feedback.state, feedback.submitted_at, feedback.late = FeedbackState.SUBMITTED, now, bool(late)
    feedback.due_at = kit.due_at
    db.session.flush()
    note_submitted(application, kit.seat, now)
    db.session.flush()
    outbox.withdraw([Nudge.AT_DUE.key(surely(kit.interview, "interview").id)], now)
    version = policy.current().version
    audit.record(actor.id, "feedback.submit", "seat", seat_id, at=now, late=bool(late), policy_version=version)
    words = " ".join(["Submitted written feedback.", *(refusal.facts for refusal in late)])
    spine.say(words, application=application, actor_id=actor.id, now=now)
    carry_on(application, now)
    return feedback


def amend(actor: Person, seat_id: int, text: str, *, now: datetime) -> Amendment:
    """Add a dated amendment to one's own submitted feedback; raises NotVisible, Refused."""
    kit = queries.kit(actor, seat_id, now=now)
    application = spine_queries.lock_application(kit.application.id)
    lock(Loop, kit.seat.loop_id)
    lock(Seat, seat_id)
    kit = queries.kit(actor, seat_id, now=now)
    ensure(why_not_amend(actor, kit))
    feedback_id = db.session.scalars(select(Feedback.id).where(Feedback.seat_id == seat_id)).one()
    amendment = Amendment(feedback_id=feedback_id, text=text, at=now)
    db.session.add(amendment)
    db.session.flush()
    audit.record(actor.id, "feedback.amend", "seat", seat_id, at=now, amendment=amendment.id)
    spine.say("Added to their written feedback.", application=application, actor_id=actor.id, now=now)
    return amendment


def why_not_amend(actor: Person, kit: Kit) -> list[Refusal]:
    """The rule that ends amendments, with the facts of this seat; page and action ask it alike."""
    return rules.why_not_amend(
        kit.facts,
        actor.id,
        actor.name,
        step=kit.application.step,
        ended=kit.application.ended is not None,
        opened_at=kit.loop.debrief_opened_at,
    )


def _write(actor: Person, kit: Kit, entry: Entry, *, now: datetime, expected_version: int | None) -> Feedback:
    row = queries.own_draft(actor, kit.seat.id)
    if row is not None and _same(row, entry, kit):
        return row
    if row is None:
        row = Feedback(
            seat_id=kit.seat.id, author_id=actor.id, state=FeedbackState.DRAFT, started_at=now, saved_at=now, items=[]
        )
        db.session.add(row)
        note_writing(kit.seat, now)
    elif expected_version is not None and expected_version != row.version:
        raise Stale("this draft", _theirs(row, entry, kit), own=True)
    written = {item.item_id: item for item in entry.items}
    known = {item.item_id: item for item in row.items}
    for item_id in kit.names:
        said = written.get(item_id, ItemEntry(item_id))
        item = known.get(item_id)
        if item is None:
            item = FeedbackItem(item_id=item_id)
            row.items.append(item)
        for part in _ITEM_TEXTS:
            setattr(item, part, getattr(said, part))
        item.rating = said.rating
    row.summary, row.vote, row.saved_at = entry.summary, entry.vote, now
    row.due_at = kit.due_at
    if row.id is not None:
        flag_modified(row, "saved_at")  # so that the version moves on even when only an item changed
    db.session.flush()
    return row


def _same(row: Feedback, entry: Entry, kit: Kit) -> bool:
    stands = queries.entry_of(row)
    blank = {item_id: ItemEntry(item_id) for item_id in kit.names}
    return (stands.summary, stands.vote) == (entry.summary, entry.vote) and (
        blank | {item.item_id: item for item in stands.items}
        == blank | {item.item_id: item for item in entry.items if item.item_id in blank}
    )


def _theirs(row: Feedback, entry: Entry, kit: Kit) -> dict[str, str]:
    """What the newer draft says where it differs, by label, with its version so that the author may go on."""
    stands = queries.entry_of(row)
    mine = {item.item_id: item for item in entry.items}
    current = {
        f"{kit.names[item.item_id]}, {words}": getattr(item, part)
        for item in stands.items
        for part, words in (rules.PARTS | {"not_tested_reason": "why not tested"}).items()
        if item.item_id in kit.names and getattr(item, part) != getattr(mine.get(item.item_id), part, "")
    }
    current |= {
        f"{kit.names[item.item_id]}, rating": item.rating.label if item.rating else "none"
        for item in stands.items
        if item.item_id in kit.names and item.rating is not getattr(mine.get(item.item_id), "rating", None)
    }
    if stands.summary != entry.summary:
        current["summary"] = stands.summary
    if stands.vote is not entry.vote:
        current["vote"] = stands.vote.label if stands.vote else "none"
    return current | {"version": str(row.version)}


# --- Practice of shadows -----------------------------------------------------------------------------------------


def write_practice(actor: Person, shadow_id: int, text: str, *, final: bool, now: datetime) -> PracticeFeedback:
    """Keep, or with ``final`` submit, a shadow's practice; raises NotVisible, Refused."""
    queries.practice_for(actor, shadow_id, now=now)
    lock(Shadow, shadow_id)
    practice = queries.practice_for(actor, shadow_id, now=now)
    ensure(rules.why_not_practise(practice.facts, actor.id, actor.name, now))
    row = queries.own_practice(shadow_id)
    if row is None:
        row = PracticeFeedback(shadow_id=shadow_id, author_id=actor.id, state=FeedbackState.DRAFT, saved_at=now)
        db.session.add(row)
    row.text, row.saved_at = text, now
    if final:
        row.state, row.submitted_at = FeedbackState.SUBMITTED, now
        audit.record(actor.id, "feedback.practise", "shadow", shadow_id, at=now)
    db.session.flush()
    return row


# --- Personal data -----------------------------------------------------------------------------------------------


def _export(candidate_id: int) -> Iterable[dict[str, Any]]:
    """What was written about a candidate, unread by whoever prepares the export."""
    applications = db.session.scalars(select(Application.id).where(Application.candidate_id == candidate_id))
    for application_id in list(applications):
        for view in queries.everything_about(application_id):
            yield {
                "summary": view.summary,
                "vote": view.vote.value,
                "submitted_at": view.submitted_at.isoformat(),
                "items": [
                    {"item": item.item, "rating": item.rating.value if item.rating else None}
                    | {part: getattr(item, part) for part in _ITEM_TEXTS}
                    for item in view.items
                ],
                "amendments": [amendment.text for amendment in view.amendments],
            }


def _erase(candidate_id: int) -> None:
    """Put ERASED in place of every text about a candidate; votes, ratings and times stay, so that counts stay right."""
    seats = (
        select(Seat.id)
        .join(Loop, Loop.id == Seat.loop_id)
        .join(Application, Application.id == Loop.application_id)
        .where(Application.candidate_id == candidate_id)
    )
    theirs = select(Feedback.id).where(Feedback.seat_id.in_(seats))
    shadows = select(Shadow.id).where(Shadow.seat_id.in_(seats))
    for statement in (
        update(Feedback).where(Feedback.seat_id.in_(seats)).values(summary=ERASED),
        update(FeedbackItem).where(FeedbackItem.feedback_id.in_(theirs)).values(dict.fromkeys(_ITEM_TEXTS, ERASED)),
        update(Amendment).where(Amendment.feedback_id.in_(theirs)).values(text=ERASED),
        update(PracticeFeedback).where(PracticeFeedback.shadow_id.in_(shadows)).values(text=ERASED),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))


personal.own(
    "written_feedback",
    [
        "feedback.summary",
        *(f"feedback_item.{part}" for part in _ITEM_TEXTS),
        "amendment.text",
        "practice_feedback.text",
    ],
    export=_export,
    erase=_erase,
)
