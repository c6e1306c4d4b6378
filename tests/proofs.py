"""What proves each rule: ``proofs.csv`` names the tests, and every one of them is watched while it runs.

Columns: ``allowed`` a test in which the rule lets something pass (it may be the one that sees it refuse as well);
``refused`` the pure rule says no; ``enforced`` an action says no though no page was asked; ``shown`` a page says why. A
name in the table is not believed: whoever is named must have seen the refusal, the exception or the page, and who is
named for ``allowed`` alone must have seen no refusal; else the test itself fails.

What is not checked: that a test named for ``allowed`` asked the rule at all. A rule that refuses leaves a trace, a rule
that lets pass leaves none: its function returns an empty list that names nobody. So ``allowed`` fails only where the
rule refuses; that its question is asked there is for whoever reads the test.
"""

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from hiring.ground.database import Forbidden
from hiring.ground.rulebook import Refusal, Refused, Rule

HERE = Path(__file__).parent
COLUMNS = ("allowed", "refused", "enforced", "shown")
BY_STANDING = {"offer.by_hiring_manager"}
"""Rules about who acts: whoever bypasses the page is answered by their standing (403), before any rule is asked."""
_ON_A_PAGE = re.compile(r'data-(?:seat-)?rule="([^"]+)"')

_seen: dict[str, set[str]] = {column: set() for column in COLUMNS[1:]}


def table() -> list[dict[str, str]]:
    """The committed proofs, one row a rule."""
    with (HERE / "proofs.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _by_test() -> dict[str, list[tuple[str, str]]]:
    named: dict[str, list[tuple[str, str]]] = {}
    for row in table():
        for column in COLUMNS:
            if row[column]:
                named.setdefault(row[column], []).append((row["rule"], column))
    return named


_named = _by_test()
_ids = {row["rule"] for row in table()}


def watch() -> None:
    """Note every refusal that is made or raised from now on; one without facts or a way out is a bug wherever it is."""
    refuse, init = Rule.refuse, Refused.__init__

    def noting(rule: Rule, facts: str, *, mend: str, way_out: str) -> Refusal:
        assert facts.strip() and mend.strip() and way_out.strip(), f"{rule.id} refuses without a reason or a way out"
        _seen["refused"].add(rule.id)
        return refuse(rule, facts, mend=mend, way_out=way_out)

    def raised(self: Refused, refusals: Any) -> None:
        init(self, refusals)
        _seen["enforced"].update(refusal.rule.id for refusal in self.refusals)

    def forbidden(self: Forbidden, *words: object) -> None:
        stop(self, *words)
        _seen["enforced"].update(BY_STANDING)

    stop = Forbidden.__init__
    Forbidden.__init__ = forbidden  # type: ignore[method-assign]
    Rule.refuse = noting  # type: ignore[method-assign]
    Refused.__init__ = raised  # type: ignore[method-assign]


def note_page(words: str) -> None:
    """Note the rules that a page shows."""
    _seen["shown"].update(_ON_A_PAGE.findall(words))


def begin() -> None:
    """Forget what the test before this one saw."""
    for rules in _seen.values():
        rules.clear()


def hold_to_its_word(item: pytest.Item) -> None:
    """Fail a test that the table names, if it did not see what it is named for.

    Of a test whose parameters name rules, each run answers for the rule that it names.
    """
    path = item.path.relative_to(HERE).as_posix() if item.path.is_relative_to(HERE) else ""
    name = getattr(item, "originalname", "")
    given = getattr(item, "callspec", None)
    about = {value for value in given.params.values() if isinstance(value, str)} & _ids if given else set()
    named = _named.get(f"{path}::{name}", [])
    for rule, column in named:
        if column == "allowed":
            told = (rule, "refused") not in named and rule in _seen["refused"]
            assert not told, f"proofs.csv says that {rule} is allowed here; it refused"
        elif rule in about or not about:
            assert rule in _seen[column], f"proofs.csv says that {rule} is {column} here; it was not"
