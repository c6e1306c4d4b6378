"""The rulebook: what the code registers, what is committed, and what the process asks for are one and the same."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from hiring.cli import cli
from hiring.ground.rulebook import Kind, rulebook
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


@pytest.mark.parametrize("rule_id", [row["id"] for row in committed()])
def test_every_rule_is_named_by_a_test_that_asks_it(rule_id):
    named = [
        path
        for path in HERE.rglob("test_*.py")
        if path != Path(__file__) and f'"{rule_id}"' in path.read_text(encoding="utf-8")
    ]
    assert named, f"no test names {rule_id}"


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
