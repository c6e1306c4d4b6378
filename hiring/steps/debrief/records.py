"""The debrief as its record keeps it, in plain values."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hiring.people import queries as people
from hiring.people.models import Person
from hiring.pipeline.models import Application
from hiring.steps.debrief import queries
from hiring.steps.debrief.models import BoardEntry, Meeting
from hiring.steps.written_feedback import queries as feedback


def record(application: Application, meeting: Meeting) -> dict[str, Any]:
    """The debrief as plain values: what is frozen when it is done, and what the memo prints. Instants are ISO texts."""
    after = queries.revotes(meeting) if queries.revealed(meeting) else {}
    first = feedback.first_votes(application.id)
    ids = {meeting.chair_id, meeting.decided_by, meeting.concurred_by, *(row.person_id for row in meeting.attendances)}
    ids |= {row.by for row in meeting.board} | {row.author_id for row in meeting.notes}
    known = people.people(one for one in ids if one is not None)
    opened, again = meeting.gathered_at, queries.reconvened(meeting, application.id)
    tested = feedback.tested(row.item_id for row in meeting.board)
    return {
        "candidate": application.candidate.name,
        "position": application.requisition.title,
        "led_by": known[meeting.chair_id].name,
        "reconvened": {"at": again.at.isoformat(), "why": again.why} if again else None,
        "present": [
            {
                "name": known[row.person_id].name,
                "at": _iso(row.present_at),
                "reading_since": _iso(row.reading_since if row.reading_since and row.reading_since >= opened else None),
                "left_at": _iso(row.absent_at),
                "left_reason": row.absent_reason,
            }
            for row in meeting.attendances
            if row.present_at is not None
        ],
        "votes": [
            {
                "name": one.name,
                "before": one.vote.value,
                "after": after[one.person_id].value if one.person_id in after else None,
            }
            for one in first
        ],
        "board": [
            _marked(row, known)
            | {
                "item": tested[item_id].name,
                "earlier": [_marked(one, known) for one in meeting.board if one.item_id == item_id and one is not row],
            }
            for item_id, row in sorted(meeting.marks.items())
        ],
        "notes": [{"by": known[n.author_id].name, "at": n.at.isoformat(), "text": n.text} for n in meeting.notes],
        "decision": _said(meeting.decision, meeting.reason, meeting.decided_by, meeting.decided_at, known),
        "concurrence": _said(
            meeting.concurred_by and "concurs",
            meeting.concurrence_note,
            meeting.concurred_by,
            meeting.concurred_at,
            known,
        ),
        "times": {
            "opened": meeting.gathered_at.isoformat(),
            "revotes_shown": _iso(meeting.revealed_at),
            "done": _iso(meeting.done_at),
        },
    }


def _marked(row: BoardEntry, known: Mapping[int, Person]) -> dict[str, Any]:
    return {
        "mark": row.mark.value,
        "evidence": row.evidence,
        "by": known[row.by].name,
        "accepted": row.accepted_reason,
    }


def _said(
    what: object, words: str, by: int | None, at: datetime | None, known: Mapping[int, Person]
) -> dict[str, Any] | None:
    if by is None:
        return None
    return {"what": str(what), "words": words, "by": known[by].name, "at": _iso(at)}


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
