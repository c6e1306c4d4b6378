"""Whether a reason alone may reject: asked in whichever step somebody says no. Pure, like ``rules``.

It stands in the spine because what was sent back to an early step may have been interviewed already.
"""

from datetime import datetime

from hiring.ground.rulebook import OWN, Refusal, declare
from hiring.pipeline.rules import Step

WITH_EVIDENCE = declare(
    "reject.with_evidence",
    "After the first interview began, a rejection comes from the debrief, from a cleared cord, or, when every vote is "
    "against, from the written agreement of hiring manager and Bar Raiser.",
    step=Step.DEBRIEF,
    source=OWN,
)


def why_not_reject(step: Step, interviewed_at: datetime | None, ended: str | None = None) -> list[Refusal]:
    """Why a reason alone does not reject: an interview has begun (when the first one did), or the loop is over."""
    if ended is not None:
        facts = f"This application has ended: {ended}."
        return [WITH_EVIDENCE.refuse(facts, mend="nobody", way_out="There is nothing left to reject.")]
    if interviewed_at is None and step.place <= Step.INTERVIEW_LOOP.place:
        return []
    began = "No interview began"
    if interviewed_at is not None:
        began = f"The first interview began on {interviewed_at:%Y-%m-%d at %H:%M} UTC"
    if step.place > Step.DEBRIEF.place:
        taken_back = ", or rescind an offer that is out" if step is Step.OFFER else ""
        return [
            WITH_EVIDENCE.refuse(
                f"{began}, and the debrief decided for a hire; the application is in {step.label}.",
                mend="the hiring manager or the requisition's recruiter",
                way_out=f"Send it back to the debrief with a reason, which decides anew{taken_back}; or pull the cord, "
                "and its correction may reject.",
            )
        ]
    return [
        WITH_EVIDENCE.refuse(
            f"{began}; the application is in {step.label}.",
            mend="the hiring manager and the Bar Raiser",
            way_out="Go on to the debrief, which may decide no hire; or, when all feedback is in and every vote is "
            "against, both agree in writing; or pull the cord, and its correction may reject.",
        )
    ]
