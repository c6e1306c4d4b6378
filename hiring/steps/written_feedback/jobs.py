"""The worker's part of step 5: one notice per nudge, to the interviewer first, then to recruiter and Bar Raiser."""

from datetime import datetime, timedelta

from sqlalchemy import select

from hiring.ground import outbox, policy
from hiring.ground.database import db, writing
from hiring.ground.jobs import job
from hiring.ground.outbox import Notice
from hiring.people import queries as people
from hiring.pipeline import queries as pipeline
from hiring.pipeline.addressees import Owner, addressees, stand_ins, tell_stand_in
from hiring.steps.written_feedback import due
from hiring.steps.written_feedback.due import Nudge, Owed
from hiring.steps.written_feedback.rules import FeedbackPolicy


@job("feedback.nudge", every=timedelta(seconds=20))
def nudge_writers(now: datetime) -> int:
    """Write the notices whose time has come; returns how many were new."""
    figures = policy.current()[FeedbackPolicy]
    wanted = [
        (key, nudge, recipient, unreached, item, expires_at)
        for item in due.ended(now)
        for nudge, at, expires_at in due.nudges(item.ended_at, item.due_at, figures)
        if at <= now
        for key, recipient, unreached in _recipients(nudge, item)
    ]
    known = _known([key for key, *_ in wanted])
    return sum(_tell(*each, now) for each in wanted if each[0] not in known)


def _recipients(nudge: Nudge, item: Owed) -> list[tuple[str, int, list[str]]]:
    """Key, recipient, and for an administrator who is told instead: why the recruiter is not."""
    key = nudge.key(item.interview_id)
    if not nudge.tells_others:
        return [(key, item.person_id, [])]
    requisition = pipeline.requisition(item.requisition_id)
    to = addressees(requisition, [Owner.RECRUITER], application_id=item.application_id)
    others = {*(one.id for one in to.reached), due.bar_raiser_id(item.loop_id)} - {None, item.person_id}
    found: list[tuple[str, int, list[str]]] = [(f"{key}:{one}", one, []) for one in sorted(filter(None, others))]
    if to.unreached:
        found += [(f"{key}:instead:{one.id}", one.id, to.unreached) for one in stand_ins(item.application_id)]
    return found


def _known(keys: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(keys), 500):
        chunk = keys[start : start + 500]
        found |= {key for key in db.session.scalars(select(Notice.key).where(Notice.key.in_(chunk))) if key}
    return found


def _tell(
    key: str,
    nudge: Nudge,
    recipient_id: int,
    unreached: list[str],
    item: Owed,
    expires_at: datetime | None,
    now: datetime,
) -> bool:
    with writing():
        reader = people.person(recipient_id)
        if reader.disabled_at is not None:
            return False
        words = outbox.compose(
            "written_feedback/late" if nudge.tells_others else "written_feedback/due",
            reader=reader,
            writer=people.person(item.person_id),
            candidate=item.candidate,
            due_at=item.due_at,
            overdue=now >= item.due_at,
            seat_id=item.seat_id,
            application_id=item.application_id,
        )
        about = f"candidate:{item.candidate_id}"
        if unreached:
            requisition = pipeline.requisition(item.requisition_id)
            return tell_stand_in(
                reader,
                requisition,
                words.subject,
                unreached,
                key=key,
                about=about,
                now=now,
                expires_at=expires_at,
            )
        notice = outbox.put(
            "feedback.late" if nudge.tells_others else "feedback.due",
            reader.email,
            *words,
            key=key,
            recipient_id=reader.id,
            about=about,
            now=now,
            expires_at=expires_at,
        )
    return notice is not None
