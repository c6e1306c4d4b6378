"""The pure question before any erasure."""

from dataclasses import dataclass
from datetime import date

from hiring.ground.rulebook import Refusal, declare

RECORD_HOLD = declare(
    "record.hold",
    "Nothing is erased under a legal hold or before the retention floor of its jurisdiction.",
    step="every step",
    source="retention law of each jurisdiction",
)


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What the rule asks of a candidate's record. ``keep_until``: the retention floor as a date."""

    candidate: str
    held_because: str = ""
    keep_until: date | None = None


def why_not_erase(record: RecordFacts, today: date) -> list[Refusal]:
    """Why a record must still be kept; empty once it may be erased."""
    refusals = []
    if record.held_because:
        refusals.append(
            RECORD_HOLD.refuse(
                f"{record.candidate}'s record is under legal hold: {record.held_because}.",
                mend="an administrator, once counsel lifts the hold",
                way_out="Lift the hold with its reason, then erase.",
            )
        )
    if record.keep_until is not None and today < record.keep_until:
        refusals.append(
            RECORD_HOLD.refuse(
                f"{record.candidate}'s record is kept by law until {record.keep_until.isoformat()}.",
                mend="nobody before that date",
                way_out="Erase it from that date on; expiry proposes it by itself.",
            )
        )
    return refusals
