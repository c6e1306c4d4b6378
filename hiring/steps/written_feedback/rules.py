"""Step 5's vocabularies and questions: who writes, what is complete, who reads, what is final, what was late."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from hiring.ground.figures import Section, number, register
from hiring.ground.rulebook import Kind, Refusal, declare
from hiring.pipeline.rules import Step
from hiring.steps.interview_loop.rules import CURRENT, InterviewState

ERASED = "[erased]"
"""What stands in place of a text once the candidate's data was erased; the only change frozen feedback can take."""


class Rating(StrEnum):
    """How the evidence for one principle or competency stands to the bar."""

    RAISES = "raises"
    MEETS = "meets"
    BELOW = "below"
    NOT_TESTED = "not_tested"

    @property
    def label(self) -> str:
        """As pages say it."""
        return {
            Rating.RAISES: "Raises the bar",
            Rating.MEETS: "Meets the bar",
            Rating.BELOW: "Below the bar",
            Rating.NOT_TESTED: "Not tested",
        }[self]


class Vote(StrEnum):
    """One of four; there is no neutral."""

    STRONGLY_INCLINED = "strongly_inclined"
    INCLINED = "inclined"
    NOT_INCLINED = "not_inclined"
    STRONGLY_NOT_INCLINED = "strongly_not_inclined"

    @property
    def against(self) -> bool:
        """Whether it speaks against hiring."""
        return self in {Vote.NOT_INCLINED, Vote.STRONGLY_NOT_INCLINED}

    @property
    def label(self) -> str:
        """As pages say it."""
        return self.value.replace("_", " ").capitalize()


class FeedbackState(StrEnum):
    """A draft, then final."""

    DRAFT = "draft"
    SUBMITTED = "submitted"


@register
@dataclass(frozen=True, slots=True)
class FeedbackPolicy(Section):
    """Figures of the nudges; when feedback is due stands in the loop's figures."""

    name: ClassVar[str] = "feedback"
    title: ClassVar[str] = "Written Feedback"
    nudge_minutes: int = number(
        5, low=1, high=10, unit="minutes", meaning="The interviewer is reminded before due by", source="own"
    )
    escalation_minutes: int = number(
        15,
        low=0,
        high=240,
        unit="minutes",
        meaning="Recruiter and Bar Raiser are told after due by",
        source="own",
        at_most="escalation_hours",
    )
    escalation_hours: int = number(
        24, low=1, high=120, unit="hours", meaning="Recruiter and Bar Raiser are told again after", source="own"
    )


_STEP = Step.WRITTEN_FEEDBACK
FEEDBACK_OWN = declare(
    "feedback.own", "Only the interviewer writes the feedback, from the start of their interview on.", step=_STEP
)
FEEDBACK_COMPLETE = declare(
    "feedback.complete",
    "Each assigned principle has its question, a STAR example and a rating, or is not tested with a reason; there is a "
    "summary and a vote.",
    step=_STEP,
)
FEEDBACK_BLIND = declare(
    "feedback.blind",
    "Nobody reads the others' feedback before submitting their own, nor a shadow's practice before both are in.",
    step=_STEP,
)
FEEDBACK_FINAL = declare(
    "feedback.final", "Submitted feedback is final; additions are dated, and end when the debrief opens.", step=_STEP
)
FEEDBACK_ON_TIME = declare(
    "feedback.on_time",
    "Feedback is submitted within fifteen minutes after the interview; late is accepted and stays marked late.",
    step=_STEP,
    kind=Kind.RECORD,
)

PARTS = {
    "question": "question asked",
    "situation": "situation",
    "task": "task",
    "action": "action",
    "result": "result",
}
"""The texts of an item, in order, as sentences name them."""


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """What an interviewer wrote about one assigned principle or competency."""

    item_id: int
    question: str = ""
    situation: str = ""
    task: str = ""
    action: str = ""
    result: str = ""
    rating: Rating | None = None
    not_tested_reason: str = ""

    def missing(self) -> list[str]:
        """The parts still to write; a part of blanks counts as missing."""
        if self.rating is Rating.NOT_TESTED:
            return [] if self.not_tested_reason.strip() else ["reason why it was not tested"]
        parts = [words for part, words in PARTS.items() if not getattr(self, part).strip()]
        return parts if self.rating else [*parts, "rating"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A whole feedback as written so far."""

    items: tuple[ItemEntry, ...] = ()
    summary: str = ""
    vote: Vote | None = None


def why_not_complete(entry: Entry, names: Mapping[int, str]) -> list[Refusal]:
    """Which parts are missing; ``names`` are the assigned items by id. Entries for others are ignored."""
    written = {item.item_id: item for item in entry.items}
    gaps = {name: written.get(item_id, ItemEntry(item_id)).missing() for item_id, name in names.items()}
    facts = [f"{name}: {_list(missing)} missing." for name, missing in gaps.items() if missing]
    if not entry.summary.strip():
        facts.append("The summary is missing.")
    if entry.vote is None:
        facts.append("The vote is missing.")
    if not facts:
        return []
    return [
        FEEDBACK_COMPLETE.refuse(
            " ".join(facts),
            mend="you, the interviewer",
            way_out="Write what is missing, or rate it “not tested” and say why; a saved draft keeps the rest.",
        )
    ]


@dataclass(frozen=True, slots=True)
class SeatFacts:
    """What rules ask of one seat's feedback. ``starts_at`` is null while nothing is booked."""

    holder_id: int
    holder: str
    candidate: str
    interview: InterviewState | None = None
    starts_at: datetime | None = None
    due_at: datetime | None = None
    submitted_at: datetime | None = None


def why_not_write(seat: SeatFacts, writer_id: int, writer: str, now: datetime) -> list[Refusal]:
    """Why this person may not write into this seat's feedback now."""
    if writer_id != seat.holder_id:
        return [
            FEEDBACK_OWN.refuse(
                f"{seat.holder} held this interview; you are {writer}.",
                mend=seat.holder,
                way_out=f"{seat.holder} writes it; if they cannot, an administrator vacates the seat.",
            )
        ]
    if seat.submitted_at is not None:
        return [
            _final(f"{seat.holder} submitted this feedback on {stamp(seat.submitted_at)}.", "Add a dated amendment.")
        ]
    if seat.starts_at is None or seat.interview not in CURRENT:
        happened = seat.interview.value.replace("_", " ") if seat.interview else "no interview is booked"
        return [
            FEEDBACK_OWN.refuse(
                f"There is no interview of {seat.candidate} to write about: {happened}.",
                mend="the recruiter or the coordinator",
                way_out="They book the interview again; feedback opens when it begins.",
            )
        ]
    if now < seat.starts_at:
        return [
            FEEDBACK_OWN.refuse(
                f"The interview of {seat.candidate} begins on {stamp(seat.starts_at)}.",
                mend="nobody: evidence comes from the interview",
                way_out="Prepare with the kit; writing opens when the interview begins.",
            )
        ]
    return []


def why_not_amend(
    seat: SeatFacts, writer_id: int, writer: str, *, step: Step, ended: bool, opened_at: datetime | None
) -> list[Refusal]:
    """Why submitted feedback takes no addition now; ``opened_at``: when the debrief began to read."""
    if writer_id != seat.holder_id:
        return [
            FEEDBACK_OWN.refuse(
                f"{seat.holder} wrote this feedback; you are {writer}.",
                mend=seat.holder,
                way_out=f"Ask {seat.holder} to add it.",
            )
        ]
    if seat.submitted_at is None:
        return [_final("This feedback is still a draft.", "Change the draft itself, then submit it.")]
    if ended:
        return [_final("The application has ended.", "Say it to the recruiter; the feedback stays as submitted.")]
    if step.place < Step.DEBRIEF.place:
        return []
    if step is Step.DEBRIEF and opened_at is None:
        return []
    opened = f" on {stamp(opened_at)}" if opened_at else ""
    return [_final(f"The debrief opened{opened}.", "Say it in the debrief, where it is noted down.")]


def _final(facts: str, way_out: str) -> Refusal:
    return FEEDBACK_FINAL.refuse(facts, mend="nobody: what was submitted stays", way_out=way_out)


@dataclass(frozen=True, slots=True)
class ReaderFacts:
    """What decides whether somebody reads the others' feedback. ``missing``: names of held seats not yet submitted."""

    holds_seat: bool
    submitted: bool
    requisition_recruiter: bool
    missing: tuple[str, ...]


def why_not_read_others(reader: ReaderFacts) -> list[Refusal]:
    """Why this reader sees nothing of the others' feedback: no role opens it, only one's own submission does.

    The requisition's recruiter without a seat reads once the last is in.
    """
    if reader.holds_seat:
        if reader.submitted:
            return []
        return [
            FEEDBACK_BLIND.refuse(
                "Your own feedback is not submitted yet.",
                mend="you",
                way_out="Submit yours first; then you read what the others have submitted.",
            )
        ]
    if not reader.requisition_recruiter:
        return [
            FEEDBACK_BLIND.refuse(
                "You hold no seat on this loop.",
                mend="nobody: feedback is read by those who interviewed",
                way_out="The debrief's record tells those entitled what was decided.",
            )
        ]
    if reader.missing:
        return [
            FEEDBACK_BLIND.refuse(
                f"Still missing: {', '.join(reader.missing)}.",
                mend=_list(list(reader.missing), plural=None),
                way_out="You read all feedback once the last of it is in.",
            )
        ]
    return []


@dataclass(frozen=True, slots=True)
class PracticeFacts:
    """What decides about a shadow's practice feedback."""

    trainee_id: int
    trainee: str
    mentor_id: int
    mentor: str
    submitted: bool
    mentor_submitted: bool
    starts_at: datetime | None = None


def why_not_read_practice(practice: PracticeFacts, reader_id: int, *, programme_owner: bool) -> list[Refusal]:
    """Why this reader does not see the practice text (yet)."""
    if reader_id == practice.trainee_id:
        return []
    if reader_id != practice.mentor_id and not programme_owner:
        return [
            FEEDBACK_BLIND.refuse(
                f"This is the practice of {practice.trainee}.",
                mend="nobody",
                way_out=f"{practice.mentor} and the programme owner talk it through with {practice.trainee}.",
            )
        ]
    missing = [
        name
        for name, done in ((practice.trainee, practice.submitted), (practice.mentor, practice.mentor_submitted))
        if not done
    ]
    if missing:
        return [
            FEEDBACK_BLIND.refuse(
                f"Not submitted yet: {' and '.join(missing)}.",
                mend=" and ".join(missing),
                way_out="It opens when both the practice and the mentor's own feedback are in.",
            )
        ]
    return []


def why_not_practise(practice: PracticeFacts, writer_id: int, writer: str, now: datetime) -> list[Refusal]:
    """Why this person may not write this practice feedback now."""
    if writer_id != practice.trainee_id:
        return [
            FEEDBACK_OWN.refuse(
                f"{practice.trainee} shadowed this interview; you are {writer}.",
                mend=practice.trainee,
                way_out=f"{practice.trainee} writes it.",
            )
        ]
    if practice.submitted:
        return [_final("This practice feedback is submitted.", f"Talk it through with {practice.mentor}.")]
    if practice.starts_at is None or now < practice.starts_at:
        begins = f"begins on {stamp(practice.starts_at)}" if practice.starts_at else "is not booked"
        return [
            FEEDBACK_OWN.refuse(
                f"The interview that you shadow {begins}.",
                mend="nobody: evidence comes from the interview",
                way_out="Writing opens when the interview begins.",
            )
        ]
    return []


def why_late(holder: str, submitted_at: datetime, due_at: datetime) -> list[Refusal]:
    """The record of a late submission; empty when it came in time."""
    if submitted_at <= due_at:
        return []
    minutes = -(-int((submitted_at - due_at).total_seconds()) // 60)
    return [
        FEEDBACK_ON_TIME.refuse(
            f"{holder} submitted {minutes} min after it was due ({stamp(due_at)}).",
            mend="nobody: it is only noted",
            way_out="Nothing to do; the feedback is accepted.",
        )
    ]


def stamp(instant: datetime) -> str:
    """An instant in a refusal's facts; the page tells it in the reader's zone."""
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _list(words: list[str], plural: str | None = "") -> str:
    """``a, b and c``, with the verb that fits unless ``plural`` is None."""
    text = " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
    return text if plural is None else f"{text} {'are' if len(words) > 1 else 'is'}"
