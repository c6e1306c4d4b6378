"""The rulebook: every rule is an object, every "no" is a Refusal with facts and a way out.

Rooms declare their rules where they decide them; ``rulebook()`` is what the page and the command print.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How hard a rule is: nobody passes a block, a warning asks for a written reason, a record is only noted."""

    BLOCK = "block"
    WARN = "warn"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the process. ``source`` says where it comes from: the book, or our own decision."""

    id: str
    sentence: str
    step: str
    kind: Kind
    source: str

    def refuse(self, facts: str, *, mend: str, way_out: str) -> "Refusal":
        """Say no: ``facts`` with figures and names, ``mend`` who can change it, ``way_out`` what to do next."""
        return Refusal(self, facts, mend, way_out)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule's answer when something may not happen."""

    rule: Rule
    facts: str
    mend: str
    way_out: str


class Refused(Exception):
    """Raised by an action that a rule stops; carries every refusal at once, so that nobody mends one by one."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__("; ".join(f"{r.rule.id}: {r.facts}" for r in self.refusals))


_rules: dict[str, Rule] = {}
_constraints: dict[str, Refusal] = {}

BOOK = "Working Backwards (Bryar, Carr, 2021)"
OWN = "our own"


def declare(rule_id: str, sentence: str, *, step: str, kind: Kind = Kind.BLOCK, source: str = BOOK) -> Rule:
    """Register a rule under its id; declaring an id twice is a programming error."""
    if rule_id in _rules:
        raise ValueError(f"rule {rule_id} is declared twice")
    _rules[rule_id] = Rule(rule_id, sentence, step, kind, source)
    return _rules[rule_id]


def rulebook() -> list[Rule]:
    """All rules, in the order of their declaration (which follows the steps)."""
    return list(_rules.values())


def repeated_by(constraint: str, refusal: Refusal) -> None:
    """Name the database constraint that repeats a rule, so that losing a race is answered with the rule's words.

    ``constraint`` is a text that the driver's message holds: a constraint's name, or ``table.column, table.column`` as
    SQLite says it.
    """
    _constraints[constraint] = refusal


def refusal_for_constraint(message: str) -> Refusal | None:
    """Find the refusal whose constraint the driver's message names."""
    return next((refusal for name, refusal in _constraints.items() if name in message), None)


def ensure(refusals: Iterable[Refusal], reasons: Mapping[str, str] | None = None) -> list[Refusal]:
    """Stop at the first set of unanswered refusals; return the warnings that a written reason passes.

    ``reasons`` maps rule id to the reason given. A block ignores it. Raises Refused.
    """
    reasons = reasons or {}
    passed: list[Refusal] = []
    unanswered: list[Refusal] = []
    for refusal in refusals:
        answered = refusal.rule.kind is Kind.WARN and reasons.get(refusal.rule.id, "").strip()
        (passed if answered else unanswered).append(refusal)
    if unanswered:
        raise Refused(unanswered)
    return passed
