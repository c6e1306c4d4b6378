"""Past histories: small ones of our own for every kind of mess, and the foreign one where its path is given."""

import csv
import os
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hiring.exchange import actions
from hiring.exchange.rules import BadImport, read_mapping
from hiring.funnel.queries import Window, differences, step_figures
from hiring.ground.database import db, writing
from hiring.pipeline.models import Application, Candidate, Requisition, StepVisit
from hiring.pipeline.rules import End, Origin, RequisitionStatus, Step

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
MAPPING = read_mapping(
    {
        "case": "id",
        "activity": "what",
        "timestamp": "when",
        "steps": {
            "Applied": "resume_review",
            "Call": "phone_screen",
            "Coding": "interview_loop",
            "Talk": "interview_loop",
            "Check": "reference_check",
            "Offer": "offer",
        },
        "ends": {"Rejected": "rejected", "Gone": "withdrawn", "Started": "hired"},
        "ignore": ["Mail"],
    }
)


def history(*rows: str) -> bytes:
    """A file of ``case activity time`` rows; a time like 5T10:00 is on that day of January 2020 in UTC."""
    lines = ["id,what,when"]
    for row in rows:
        case, activity, when = row.split()
        day, _, clock = when.partition("T")
        lines.append(f"{case},{activity},2020-01-{int(day):02}T{clock or '09:00'}:00+00:00")
    return "\n".join(lines).encode()


def take(content: bytes, source: str = "old") -> actions.Summary:
    rows, cases = actions.read_events(content, MAPPING)
    with writing():
        return actions.import_history(source, rows, cases, MAPPING, now=NOW)


def stays(case: str) -> list[tuple[str, str | None]]:
    query = (
        select(StepVisit.step, StepVisit.how_left)
        .join(Application, Application.id == StepVisit.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .where(Candidate.name == f"Case {case}")
        .order_by(StepVisit.ordinal)
    )
    return [(step.value, how.value if how else None) for step, how in db.session.execute(query)]


def figures() -> dict[str, tuple[int, int, int, int, int]]:
    return {
        row.step.value: (row.entered, row.advanced, row.rejected, row.withdrew, row.open)
        for row in step_figures(Window())
        if row.entered
    }


def test_events_in_a_row_of_one_step_are_one_visit_and_a_return_opens_a_new_one(app):
    take(history("a Applied 1", "a Call 2", "a Coding 3", "a Talk 4", "a Check 5", "a Coding 6"))
    assert stays("a") == [
        ("resume_review", "advanced"),
        ("phone_screen", "advanced"),
        ("interview_loop", "advanced"),
        ("reference_check", "sent_back"),
        ("interview_loop", None),
    ]


def test_a_step_after_an_end_reopens_so_that_the_last_event_decides(app):
    take(history("a Applied 1", "a Rejected 2", "a Call 3", "b Applied 1", "b Gone 2", "c Applied 1", "c Started 9"))
    query = select(Candidate.name, Application.ended).join(Application.candidate)
    ends = dict(db.session.execute(query).all())
    assert ends == {"Case a": None, "Case b": End.WITHDRAWN, "Case c": End.HIRED}
    assert stays("a") == [("resume_review", "rejected"), ("phone_screen", None)]
    assert figures() == {"resume_review": (3, 2, 0, 1, 0), "phone_screen": (1, 0, 0, 0, 1)}


def test_events_of_the_same_second_keep_the_order_of_their_rows(app):
    take(history("a Applied 1", "a Check 2", "a Call 2", "a Rejected 2"))
    assert [step for step, _ in stays("a")] == ["resume_review", "reference_check", "phone_screen"]
    assert figures()["reference_check"] == (1, 0, 1, 0, 0)


def test_ignored_activities_leave_no_trace_and_a_case_without_a_step_is_counted_but_left_out(app):
    summary = take(history("a Applied 1", "a Mail 2", "b Mail 1", "c Rejected 1"))
    assert (summary.new, summary.without_step) == (1, 1)
    assert stays("a") == [("resume_review", None)]


def test_an_imported_history_stands_on_a_closed_requisition_without_owners(app):
    take(history("a Applied 1"), source="legacy")
    requisition = db.session.scalars(select(Requisition)).one()
    assert (requisition.origin, requisition.status) == (Origin.IMPORTED, RequisitionStatus.CLOSED)
    assert requisition.hiring_manager_id is None
    assert requisition.recruiter_id is None


def test_a_second_run_changes_nothing(app):
    content = history("a Applied 1", "a Applied 1", "a Call 2", "b Applied 1", "b Rejected 3")
    take(content)
    before = (stays("a"), stays("b"), figures())
    again = take(content)
    assert (again.new, again.extended, again.unchanged) == (0, 0, 2)
    assert (stays("a"), stays("b"), figures()) == before


def test_a_later_file_extends_a_case(app):
    take(history("a Applied 1", "a Call 2"))
    summary = take(history("a Applied 1", "a Call 2", "a Rejected 5"))
    assert (summary.new, summary.extended) == (0, 1)
    assert stays("a") == [("resume_review", "advanced"), ("phone_screen", "rejected")]
    assert figures()["phone_screen"] == (1, 0, 1, 0, 0)
    assert list(differences()) == []


def test_a_changed_beginning_is_refused_and_nothing_is_kept(app):
    take(history("a Applied 1", "a Call 2"))
    with pytest.raises(BadImport, match="case a: its beginning differs"):
        take(history("a Applied 1", "a Coding 2", "b Applied 1"))
    assert stays("b") == []


def test_every_bad_row_is_named_by_its_number(app):
    content = (
        b"id,what,when\n"
        b"a,Applied,2020-01-01T09:00:00\n"
        b"b,Dance,2020-01-01T09:00:00+00:00\n"
        b",Applied,2020-01-01T09:00:00+00:00\n"
        b"c,Applied,yesterday\n"
    )
    with pytest.raises(BadImport) as bad:
        take(content)
    assert bad.value.faults == [
        "row 1: the time '2020-01-01T09:00:00' has no zone",
        "row 2: the activity 'Dance' is neither mapped nor ignored",
        "row 3: the column 'id' is empty",
        "row 4: 'yesterday' is not a time (ISO 8601, like 2015-01-05T00:00:08+00:00)",
    ]


def test_a_broken_last_row_leaves_nothing_behind(app):
    with pytest.raises(BadImport, match="row 3"):
        take(history("a Applied 1", "b Applied 1") + b"\nc,Applied,broken")
    assert db.session.scalar(select(func.count()).select_from(Application)) == 0
    assert db.session.scalar(select(func.count()).select_from(Requisition)) == 0


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"case": None}, "'case'"),
        ({"steps": {"Applied": "triage"}}, "no step 'triage'"),
        ({"steps": {"Applied": "job_description"}}, "no step 'job_description'"),
        ({"ends": {"Rejected": "fired"}}, "no end 'fired'"),
        ({"ignore": ["Applied"]}, "mapped and ignored"),
    ],
)
def test_a_mapping_that_means_nothing_is_refused_by_name(change, fault):
    raw = {"case": "id", "activity": "what", "timestamp": "when", "steps": {"Applied": "resume_review"}}
    with pytest.raises(BadImport, match=fault):
        read_mapping(raw | change)


def test_a_missing_column_is_named(app):
    with pytest.raises(BadImport, match="no column 'when'"):
        actions.read_events(b"id,what\na,Applied\n", MAPPING)


FOREIGN = os.environ.get("HIRING_FOREIGN_HISTORY")
FOREIGN_STEPS = {
    "Hand In Job Application": "resume_review",
    "Telephonic Screening": "phone_screen",
    "Screening Interview": "phone_screen",
    "Coding Interview": "interview_loop",
    "ML Interview": "interview_loop",
    "Frontend Interview": "interview_loop",
    "Backend Interview": "interview_loop",
    "Behavioral Interview": "interview_loop",
    "Background Check": "reference_check",
    "Extensive Background Check": "reference_check",
    "Make Job Offer": "offer",
}
ORDER = [
    "resume_review",
    "phone_screen",
    "interview_loop",
    "written_feedback",
    "debrief",
    "reference_check",
    "offer",
]


def recount(path: Path) -> dict[str, dict[str, int]]:
    """The funnel counted straight from the raw file, by the words of the definition and without the product."""
    events: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8") as stream:
        for number, row in enumerate(csv.DictReader(stream)):
            events[row["case"]].append((row["timestamp"], number, row["activity"]))
    counts = {
        step: dict.fromkeys(("entered", "advanced", "rejected", "withdrew", "moved", "open"), 0) for step in ORDER
    }
    for rows in events.values():
        rows.sort()
        entries = [FOREIGN_STEPS[activity] for _, _, activity in rows if activity in FOREIGN_STEPS]
        rejected = rows[-1][2] == "Application Rejected"
        for step in set(entries):
            after = entries[entries.index(step) + 1 :]
            advanced = any(ORDER.index(other) > ORDER.index(step) for other in after)
            counts[step]["entered"] += 1
            counts[step]["advanced" if advanced else "rejected" if rejected else "open"] += 1
    return counts


@pytest.mark.skipif(not FOREIGN, reason="HIRING_FOREIGN_HISTORY names no file")
def test_the_foreign_history_imports_and_its_funnel_equals_a_recount_from_the_raw_file(app):
    path = Path(str(FOREIGN))
    mapping = read_mapping(
        {
            "case": "case",
            "activity": "activity",
            "timestamp": "timestamp",
            "steps": FOREIGN_STEPS,
            "ends": {"Application Rejected": "rejected"},
        }
    )
    rows, cases = actions.read_events(path.read_bytes(), mapping)
    with pytest.raises(BadImport, match=f"row {rows + 1}"):
        actions.read_events(path.read_bytes() + b"\n9999,Make Job Offer,soon\n", mapping)
    with writing():
        summary = actions.import_history("foreign", rows, cases, mapping, now=NOW)
    assert (summary.rows, summary.new) == (12778, 2000)
    found = {
        row.step.value: {
            name: getattr(row, name) for name in ("entered", "advanced", "rejected", "withdrew", "moved", "open")
        }
        for row in step_figures(Window())
        if row.step is not Step.JOB_DESCRIPTION
    }
    assert found == recount(path)
    assert list(differences()) == []
    with writing():
        again = actions.import_history("foreign", rows, cases, mapping, now=NOW)
    assert again.unchanged == summary.new


def test_a_second_end_overrules_the_first_in_the_visit_as_well(app):
    take(history("a Applied 1", "a Rejected 2", "a Gone 3"))
    assert stays("a") == [("resume_review", "withdrawn")]
    assert figures()["resume_review"] == (1, 0, 0, 1, 0)


def test_another_mapping_of_the_same_events_is_a_changed_beginning(app):
    take(history("a Applied 1", "a Call 2"))
    other = read_mapping(
        {
            "case": "id",
            "activity": "what",
            "timestamp": "when",
            "steps": {"Applied": "resume_review", "Call": "interview_loop"},
        }
    )
    rows, cases = actions.read_events(history("a Applied 1", "a Call 2", "a Call 3"), other)
    with pytest.raises(BadImport, match="case a: its beginning differs"), writing():
        actions.import_history("old", rows, cases, other, now=NOW)


@pytest.mark.parametrize("change", [{"steps": {"Applied": ["resume_review"]}}, {"ignore": [["Mail"]]}])
def test_a_mapping_of_the_wrong_shape_is_refused_in_words(change):
    raw = {"case": "id", "activity": "what", "timestamp": "when", "steps": {"Applied": "resume_review"}}
    with pytest.raises(BadImport):
        read_mapping(raw | change)
