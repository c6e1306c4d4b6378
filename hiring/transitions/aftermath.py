"""What is possible with an application that has ended: the same rules that the acts ask, in one answer."""

from dataclasses import dataclass
from datetime import date, datetime

from hiring.ground import policy
from hiring.ground.rulebook import Refusal
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Application
from hiring.pipeline.rules import APPLICATION_ONCE, End, PipelinePolicy
from hiring.transitions import actions, rules


@dataclass(frozen=True, slots=True)
class Aftermath:
    """``reopen_until``: None where it is not reopened, for ``why_not_reopen``.

    ``apply_from``: today where the candidate may apply to the requisition again at once; None where they may not, for
    ``why_not_apply``.
    """

    reopen_until: datetime | None
    why_not_reopen: tuple[Refusal, ...]
    apply_from: date | None
    why_not_apply: tuple[Refusal, ...]

    @property
    def another_goes_on(self) -> bool:
        """Whether the candidate has another application to the requisition under way."""
        return any(refusal.rule == APPLICATION_ONCE for refusal in self.why_not_apply)


def after_end(application: Application, now: datetime) -> Aftermath | None:
    """What is possible now; None for what goes on, here or elsewhere, and for a hire."""
    if application.ended_at is None or application.ended in {End.MOVED, End.HIRED}:
        return None
    against = actions.why_not_reopen(application, now)
    candidate, requisition = application.candidate, application.requisition
    barring = pipeline.why_not_apply(requisition, candidate.id, candidate.person_id, today=now.date())
    cool_off_until = pipeline.cool_off_until(candidate.id, requisition.id)
    last = rules.last_reopening(application.ended_at, policy.current()[PipelinePolicy])
    return Aftermath(
        reopen_until=None if against else last,
        why_not_reopen=tuple(against),
        apply_from=rules.first_day_to_apply(barring, cool_off_until, now.date()),
        why_not_apply=tuple(barring),
    )
