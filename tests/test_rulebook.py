"""The rulebook: what the code registers, what is committed, and what the process asks for are one and the same."""

import ast
import csv
import json
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from hiring.cli import cli
from hiring.ground.rulebook import Kind, rulebook
from tests import proofs
from tests.cast import sign_in

HERE = Path(__file__).parent
BOOK = {
    "block": """jd.complete jd.reviewed requisition.open application.once application.cool_off
        resume.against_description screen.prepared screen.decided loop.size loop.required loop.bar_raiser_certified
        loop.bar_raiser_independent loop.level loop.direct_report loop.trained loop.shadow loop.distinct loop.conflict
        loop.principles loop.double_booked loop.writing_time loop.evidence feedback.own feedback.complete feedback.blind
        feedback.final debrief.complete debrief.chair debrief.read debrief.revote debrief.board decision.hiring_manager
        decision.concurrence decision.veto reject.with_evidence reference.done offer.decided offer.by_hiring_manager
        offer.range offer.single andon.clear record.hold""",
    "warn": """resume.off_target screen.rate loop.two_or_three loop.balance loop.load loop.debrief_booked debrief.prompt
        offer.contact""",
    "record": "feedback.on_time",
}

NOT_PROVEN = {
    "resume.off_target": {"enforced"},  # a finding about many decisions: it is shown, and stops none of them
    "screen.rate": {"enforced"},  # likewise
    "record.hold": {"enforced", "shown"},  # nothing is erased yet, so no action and no page asks it
}
"""What a rule lacks, and why; a rule that learns it leaves this list."""


def committed() -> list[dict[str, str]]:
    with (HERE / "rulebook.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def registered() -> list[dict[str, str]]:
    return [
        {
            "id": rule.id,
            "kind": rule.kind.value,
            "step": str(rule.step),
            "sentence": rule.sentence,
            "source": rule.source,
        }
        for rule in rulebook()
    ]


def test_the_committed_rulebook_is_what_the_code_registers(app):
    def by_id(row: dict[str, str]) -> str:
        return row["id"]

    assert sorted(registered(), key=by_id) == sorted(committed(), key=by_id)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_rule_that_the_process_asks_for_is_there_with_its_kind(app, kind):
    found = {rule.id for rule in rulebook() if rule.kind is kind}
    assert set(BOOK[kind.value].split()) <= found


def test_every_rule_that_says_no_has_its_proofs(app):
    kinds = {row["id"]: row["kind"] for row in committed()}
    assert [row["rule"] for row in proofs.table()] == [rule for rule, kind in kinds.items() if kind != Kind.RECORD]
    missing = {row["rule"]: {column for column in proofs.COLUMNS if not row[column]} for row in proofs.table()}
    assert {rule: columns for rule, columns in missing.items() if columns} == NOT_PROVEN


@pytest.mark.parametrize("row", proofs.table(), ids=lambda row: row["rule"])
def test_a_proof_is_a_test_that_names_its_rule(row):
    rule = row["rule"]
    for column in proofs.COLUMNS:
        if row[column]:
            path, _, name = row[column].partition("::")
            words = words_of(path).get(name)
            assert words is not None, f"{rule}, {column}: there is no {row[column]}"
            assert column == "allowed" or any(rule in text for text in words), f"{row[column]} does not name {rule}"
            assert (column == "refused") <= path.endswith("test_rules.py"), f"{rule}: asked of the rule alone"
            assert (column == "enforced") <= (not path.endswith("test_rules.py")), f"{rule}: asked of an action"
    if row["allowed"] == row["refused"]:
        source = source_of(row["allowed"])
        assert "[]" in source or "{}" in source, f"{row['allowed']} lets nothing pass"


def test_a_rule_that_only_records_is_named_by_a_test():
    for row in committed():
        if row["kind"] == Kind.RECORD:
            assert any(f'"{row["id"]}"' in path.read_text(encoding="utf-8") for path in HERE.glob("steps/*/test_*.py"))


def test_whoever_is_named_without_having_seen_it_fails():
    row = proofs.table()[0]
    path, _, name = row["refused"].partition("::")
    proofs.begin()
    with pytest.raises(AssertionError, match=row["rule"]):
        proofs.hold_to_its_word(SimpleNamespace(path=HERE / path, originalname=name))


@cache
def functions(path: str) -> tuple[ast.Module, dict[str, ast.FunctionDef]]:
    """A file of tests, and its tests by name."""
    tree = ast.parse((HERE / path).read_text(encoding="utf-8"))
    return tree, {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


@cache
def words_of(path: str) -> dict[str, set[str]]:
    """The texts in each test of a file: its own, its parameters' and those of constants of the file that it uses."""
    tree, tests = functions(path)
    constants: dict[str, set[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            constants[ast.unparse(target)] = texts(node.value)
    used = {name: {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} for name, node in tests.items()}
    return {name: texts(node).union(*(constants.get(one, set()) for one in used[name])) for name, node in tests.items()}


def texts(node: ast.AST) -> set[str]:
    """Texts below a node; a pattern's escaped dots are dots."""
    found = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return {text.replace("\\.", ".") for text in found}


def source_of(proof: str) -> str:
    """The text of a test."""
    path, _, name = proof.partition("::")
    return ast.unparse(functions(path)[1][name])


def test_the_page_shows_every_rule_by_step(client, cast):
    page = sign_in(client, cast.olga).get("/rulebook").text
    for rule in rulebook():
        assert f'id="{rule.id}"' in page


def test_the_command_prints_every_rule_as_json(app, tmp_path):

    result = CliRunner().invoke(cli, ["rulebook", "--format", "json"], env={"HIRING_DATA_DIR": str(tmp_path)})
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)["rules"]
    assert [
        {key: rule[key] for key in ("id", "kind", "step", "sentence", "source")} for rule in printed
    ] == registered()
