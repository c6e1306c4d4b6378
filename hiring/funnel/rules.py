"""Pure figures: outcomes add up to entered, pass-through with its interval, maturity, who may look."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import sqrt

from hiring.people.rules import Role
from hiring.pipeline.rules import Outcome, Step

_Z95 = 1.959963984540054
GREY_BELOW_MATURITY = 0.8
GREY_BELOW_PEOPLE = 20


@dataclass(frozen=True, slots=True)
class StepFigures:
    """One step's row: the five outcomes of everybody's first-ever entry."""

    step: Step
    advanced: int = 0
    rejected: int = 0
    withdrew: int = 0
    moved: int = 0
    open: int = 0

    @property
    def entered(self) -> int:
        """The sum of the five outcomes."""
        return self.advanced + self.rejected + self.withdrew + self.moved + self.open

    @property
    def decided(self) -> int:
        """Entered and no longer open."""
        return self.entered - self.open

    @property
    def pass_through(self) -> float | None:
        """Advanced ÷ decided; None before anybody is decided."""
        return self.advanced / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson 95 % interval of the pass-through."""
        return wilson(self.advanced, self.decided) if self.decided else None

    @property
    def maturity(self) -> float | None:
        """Decided ÷ entered."""
        return self.decided / self.entered if self.entered else None

    @property
    def grey(self) -> bool:
        """Too young or too few to be read: under 80 % maturity or under 20 people."""
        return self.entered < GREY_BELOW_PEOPLE or (self.maturity or 0) < GREY_BELOW_MATURITY


def figures(counts: Mapping[tuple[Step, Outcome], int]) -> list[StepFigures]:
    """One row for each of the eight steps, in order."""
    return [
        StepFigures(step, **{outcome.value: counts.get((step, outcome), 0) for outcome in Outcome}) for step in Step
    ]


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Wilson score interval at 95 % for a proportion; ``trials`` is at least 1."""
    share, z2 = successes / trials, _Z95**2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = _Z95 * sqrt(share * (1 - share) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    return max(0.0, centre - half), min(1.0, centre + half)


def may_see_funnel(roles: Collection[Role], *, is_hiring_manager: bool) -> bool:
    """Company-wide counts: everybody who works on the process, as a standing role or as a hiring manager."""
    working = {Role.HEAD_OF_RECRUITING, Role.RECRUITER, Role.ADMINISTRATOR, Role.PROGRAMME_OWNER, Role.COORDINATOR}
    return is_hiring_manager or not working.isdisjoint(roles)
