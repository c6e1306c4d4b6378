"""The acts of the machine that touch several steps, a whole requisition, its description, or people."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from hiring.people import actions as people
from hiring.people.rules import Record, Role
from hiring.pipeline.rules import Part, RequisitionStatus, Source, Step
from hiring.steps.job_description import actions as descriptions
from hiring.steps.job_description import requisition_actions as requisitions
from hiring.steps.job_description.requisition_rules import OpeningAct
from hiring.steps.job_description.rules import POINTS, Status, Verdict
from hiring.steps.resume_review import actions as resumes
from hiring.transitions import actions as transitions
from hiring.transitions import cords
from hiring.transitions import owners as handing_over
from tests.torture.acts import Moment, act, anybody, owners
from tests.torture.scene import Scene

# --- Ends, returns, holds ------------------------------------------------------------------------------------------


@act("application.withdraw", lambda s: s.live, owners, weight=1)
def withdraw(m: Moment) -> None:
    transitions.withdraw(m.actor, m.id, "They called.", now=m.now)


@act("application.withdraw_self", lambda s: s.live, anybody, weight=1)
def withdraw_by_candidate(m: Moment) -> None:
    transitions.withdraw_by_candidate(m.id, "Another offer.", now=m.now)


@act("application.hold", lambda s: s.live, owners, weight=1)
def hold(m: Moment) -> None:
    transitions.hold(m.actor, m.id, "They are ill.", now=m.now)


@act("application.resume", lambda s: s.app.held_at, owners, weight=6)
def resume(m: Moment) -> None:
    transitions.resume(m.actor, m.id, now=m.now)


@act("application.send_back", lambda s: s.live, lambda s: s.may(s.owners | s.raisers))
def send_back(m: Moment) -> None:
    to = m.pick("to", list(Step)[::-1])
    transitions.send_back(m.actor, m.id, to, "Something is missing.", now=m.now)


@act("application.reopen", lambda s: not s.live, owners, weight=8)
def reopen(m: Moment) -> None:
    transitions.reopen(m.actor, m.id, "They called again.", now=m.now)


@act("application.move", lambda s: s.live, owners, weight=1)
def move_to(m: Moment) -> None:
    to = m.pick("to", m.rows.all("requisition"))
    transitions.move_to(m.actor, m.id, to.id, "It suits them better.", now=m.now)


# --- Cords ---------------------------------------------------------------------------------------------------------


def _with_a_task(scene: Scene) -> Collection[int]:
    playing = scene.parts(*Part) if not scene.past else set()
    return scene.may(scene.bookers | scene.administrators | playing)


@act("cord.pull", lambda s: s.live, _with_a_task, weight=1)
def pull(m: Moment) -> None:
    cords.pull(m.actor, m.id, "A protected topic was asked.", _named(m), now=m.now)


def _named(m: Moment) -> list[int]:
    return m.pick("named", [[], [m.somebody("named")]])


def _with_a_task_there(scene: Scene) -> Collection[int]:
    """Owners of the requisition, administrators, and who plays a part in any of its live applications."""
    live = {one.id for one in scene.rows.all("application", requisition_id=scene.requisition.id) if one.ended is None}
    parts = {
        one.person_id for one in scene.rows.all("participation") if one.until is None and one.application_id in live
    }
    return (scene.owners | scene.administrators | parts).intersection(scene.people.here)


@act("cord.pull_all", lambda s: True, _with_a_task_there, weight=1)
def pull_requisition(m: Moment) -> None:
    cords.pull_requisition(m.actor, m.scene.requisition.id, "Nobody was trained.", _named(m), now=m.now)


def _clearers(scene: Scene) -> Collection[int]:
    """Administrators, and the application's Bar Raiser, who neither pulled one nor are named in it."""
    found: set[int] = set()
    for cord in scene.cords:
        named = {one.person_id for one in scene.rows.all("cord_named", cord_id=cord.id)}
        raisers = scene.raisers if cord.application_id and not scene.past else set()
        inside = scene.inside if cord.application_id else set()
        found |= (scene.administrators | raisers) - named - {cord.pulled_by} - inside
    return found.intersection(scene.people.here)


@act("cord.clear", lambda s: s.cords, _clearers, weight=6)
def clear(m: Moment) -> None:
    cord = m.pick("cord", m.scene.cords)
    step = cords.CorrectionStep("Train everybody", m.somebody("owner"), m.today + timedelta(days=14))
    reject = m.likely("reject", "", "We stop here.")
    steps = m.pick("steps", [[], [step]])
    cords.clear(m.actor, cord.id, "No kit was sent.", "Kits go out before.", steps, reject=reject, now=m.now)


def _their_cords(scene: Scene) -> list[Any]:
    return [
        one
        for one in scene.rows.all("cord")
        if one.application_id == scene.id or one.requisition_id == scene.requisition.id
    ]


def _corrections(scene: Scene) -> list[Any]:
    ids = {one.id for one in _their_cords(scene)}
    return [one for one in scene.rows.all("cord_action") if one.cord_id in ids]


@act(
    "cord.step_done",
    _corrections,
    lambda s: s.administrators | {one.owner_id for one in _corrections(s)},
)
def finish_step(m: Moment) -> None:
    cords.finish_step(m.actor, m.pick("step", _corrections(m.scene)).id, now=m.now)


# --- The requisition -----------------------------------------------------------------------------------------------


def _runs(scene: Scene) -> Collection[int]:
    return (scene.owners | scene.administrators).intersection(scene.people.here)


def _closed(scene: Scene) -> bool:
    return bool(scene.requisition.status is RequisitionStatus.CLOSED)


@act("requisition.hold", lambda s: not s.requisition.held_at, _runs, weight=1)
def hold_requisition(m: Moment) -> None:
    transitions.hold_requisition(m.actor, m.scene.requisition.id, "No budget.", now=m.now)


@act("requisition.resume", lambda s: s.requisition.held_at, _runs, weight=8)
def resume_requisition(m: Moment) -> None:
    transitions.resume_requisition(m.actor, m.scene.requisition.id, now=m.now)


@act("requisition.close", lambda s: not _closed(s), _runs, weight=1)
def close_requisition(m: Moment) -> None:
    here = m.scene.requisition
    live = [one.id for one in m.rows.all("application", requisition_id=here.id) if one.ended is None]
    others = [str(one.id) for one in m.rows.all("requisition") if one.id != here.id]
    choice = m.likely("choice", "reject", *others)
    decided = dict.fromkeys(live, "reject") | dict.fromkeys(live[-1:], choice)
    transitions.close_requisition(m.actor, here.id, decided, "The position is closed.", now=m.now)


@act("requisition.reopen", _closed, _runs, weight=8)
def reopen_requisition(m: Moment) -> None:
    transitions.reopen_requisition(m.actor, m.scene.requisition.id, now=m.now)


@act("requisition.owner", lambda s: not _closed(s), _runs)
def change_owner(m: Moment) -> None:
    shown = m.likely("shown", m.scene.requisition.owners_version, m.scene.requisition.owners_version - 1)
    recruiters = sorted(m.scene.people.holders(Role.RECRUITER))
    manager = m.pick("manager", [None, *m.scene.people.here])
    recruiter = m.pick("recruiter", [None, *recruiters, *m.scene.people.here])
    handing_over.change_owner(
        m.actor,
        m.scene.requisition.id,
        hiring_manager_id=manager,
        recruiter_id=recruiter,
        now=m.now,
        shown=shown,
    )


def _approvers(scene: Scene) -> Collection[int]:
    return (scene.recruiter | scene.administrators).intersection(scene.people.here)


@act("opening.add", lambda s: not _closed(s), _approvers, weight=1)
def add_opening(m: Moment) -> None:
    requisitions.add_opening(m.actor, m.scene.requisition.id, m.today, now=m.now)


@act("opening.change", lambda s: not _closed(s), _approvers)
def change_opening(m: Moment) -> None:
    opening = m.pick("opening", m.rows.all("opening", requisition_id=m.scene.requisition.id))
    requisitions.change_opening(m.actor, opening.id, m.pick("act", list(OpeningAct)), now=m.now)


# --- The description -----------------------------------------------------------------------------------------------


@act("description.new", lambda s: not _closed(s), lambda s: s.owners, weight=1)
def new_version(m: Moment) -> None:
    descriptions.new_version(m.actor, m.scene.requisition.id, now=m.now)


def _descriptions(scene: Scene, *statuses: Status) -> list[Any]:
    found = scene.rows.all("job_description", requisition_id=scene.requisition.id)
    return [one for one in found if one.status in statuses]


@act("description.submit", lambda s: _descriptions(s, Status.DRAFT), lambda s: s.manager, weight=6)
def submit_description(m: Moment) -> None:
    found = m.pick("description", _descriptions(m.scene, Status.DRAFT))
    descriptions.submit(m.actor, found.id, expected_version=m.version(found), now=m.now)


def _reviewers(scene: Scene) -> Collection[int]:
    return {
        one.reviewer_id
        for row in _descriptions(scene, Status.IN_REVIEW)
        for one in scene.rows.all("description_review", description_id=row.id)
        if one.replaced_at is None and one.verdict is None
    }


@act("description.review", lambda s: _descriptions(s, Status.IN_REVIEW), _reviewers, weight=8)
def review(m: Moment) -> None:
    found = m.pick("description", _descriptions(m.scene, Status.IN_REVIEW))
    verdict = m.likely("verdict", Verdict.APPROVE, *Verdict)
    descriptions.review(m.actor, found.id, verdict, dict.fromkeys(POINTS, "It is."), now=m.now)


@act(
    "description.reassign",
    lambda s: _descriptions(s, Status.IN_REVIEW),
    lambda s: s.administrators - s.manager,
    weight=1,
)
def reassign(m: Moment) -> None:
    found = m.pick("description", _descriptions(m.scene, Status.IN_REVIEW))
    descriptions.reassign(m.actor, found.id, "They are away.", now=m.now)


def _newer(scene: Scene) -> bool:
    return bool(scene.live and scene.app.description_id != scene.requisition.description_id)


@act("description.adopt", _newer, lambda s: s.recruiter, weight=4)
def adopt(m: Moment) -> None:
    found = m.pick("description", _descriptions(m.scene, Status.APPROVED))
    descriptions.adopt(m.actor, found.id, [m.id], now=m.now)


@act("level.propose", lambda s: s.live, owners, weight=1)
def propose_level(m: Moment) -> None:
    transitions.propose_level(m.actor, m.id, m.pick("level", [6, 8, 7]), now=m.now)


@act(
    "level.adopt",
    lambda s: s.live and any(one.application_id == s.id for one in _descriptions(s, Status.APPROVED)),
    owners,
    weight=8,
)
def adopt_level(m: Moment) -> None:
    found = m.pick("description", m.rows.all("job_description", application_id=m.id))
    transitions.adopt_level(m.actor, m.id, found.id, now=m.now)


# --- Applying ------------------------------------------------------------------------------------------------------


@act("resume.apply", lambda s: True, anybody, weight=1)
def apply(m: Moment) -> None:
    """On the careers page, signed in or not: somebody new, somebody known, or the colleague themselves."""
    known = [(one.name, one.email) for one in m.rows.all("candidate")]
    number = m.new()
    name, email = m.pick("applicant", [(f"New {number}", f"new{number}@candidates.example"), *known])
    requisition = m.pick("requisition", m.rows.all("requisition"))
    applicant = resumes.Applicant(name, email, time_zone="Europe/Berlin")
    resumes.apply(requisition.id, applicant, None, source=Source.CAREERS, actor_id=None, now=m.now)


@act("resume.apply_inside", lambda s: True, anybody, weight=1)
def apply_inside(m: Moment) -> None:
    requisition = m.pick("requisition", m.rows.all("requisition"))
    me = resumes.Applicant(m.actor.name, m.actor.email, time_zone=m.actor.time_zone)
    resumes.apply(
        requisition.id, me, None, source=Source.INTERNAL, actor_id=m.actor_id, now=m.now, person_id=m.actor_id
    )


@act("resume.add", lambda s: True, lambda s: s.people.holders(Role.RECRUITER), weight=1)
def add_by_hand(m: Moment) -> None:
    known = [(one.name, one.email) for one in [*m.rows.all("candidate"), *m.rows.all("person")]]
    name, email = m.pick("applicant", known)
    source, by = Source.REFERRED, m.somebody("referrer")
    resumes.add_by_hand(
        m.actor,
        m.pick("requisition", m.rows.all("requisition")).id,
        resumes.Applicant(name, email, time_zone="Europe/Berlin"),
        None,
        source=source,
        source_detail="We worked together.",
        referrer_id=by,
        now=m.now,
    )


@act("resume.merge", lambda s: True, lambda s: s.people.holders(Role.RECRUITER), weight=1)
def merge(m: Moment) -> None:
    """Two records that bear one name or address."""
    mine = m.rows.get("candidate", m.scene.app.candidate_id)
    same = [one for one in m.rows.all("candidate") if one.id != mine.id and one.name == mine.name]
    resumes.merge(m.actor, mine.id, m.pick("duplicate", same or m.rows.all("candidate")).id, now=m.now)


# --- People --------------------------------------------------------------------------------------------------------


def _administrators(scene: Scene) -> Collection[int]:
    return scene.people.holders(Role.ADMINISTRATOR)


def _one_of_them(m: Moment) -> int:
    """Somebody who has something to do with the application, or anybody."""
    near = sorted(m.scene.may(m.scene.owners | {one.person_id for one in m.scene.seats}))
    return m.pick("whom", [*near, *m.scene.people.here])


@act("person.disable", lambda s: True, _administrators, weight=1)
def disable(m: Moment) -> None:
    people.disable_person(m.actor, _one_of_them(m), m.now)


@act("person.enable", lambda s: len(s.people.here) < len(s.rows.all("person")), _administrators, weight=4)
def enable(m: Moment) -> None:
    gone = [one.id for one in m.rows.all("person") if one.disabled_at is not None]
    people.enable_person(m.actor, m.pick("whom", gone), m.now)


@act("person.grant", lambda s: True, _administrators, weight=1)
def grant(m: Moment) -> None:
    people.grant_role(m.actor, m.somebody(), m.pick("role", list(Role)), m.now)


@act("person.revoke", lambda s: True, _administrators, weight=1)
def revoke(m: Moment) -> None:
    held = [one for one in m.rows.all("role_grant") if one.until is None]
    grant = m.pick("grant", held)
    people.revoke_role(m.actor, grant.person_id, grant.role, m.now)


@act("person.edit", lambda s: True, _administrators, weight=1)
def edit(m: Moment) -> None:
    """Another manager, or another level."""
    whom = m.rows.get("person", _one_of_them(m))
    facts = people.PersonFacts(
        whom.name,
        whom.email,
        whom.title,
        m.pick("level", [whom.level, 5, 8]),
        manager_id=m.pick("manager", [whom.manager_id, *m.scene.people.here]),
        team_id=whom.team_id,
        time_zone=whom.time_zone,
        country=whom.country,
    )
    people.edit_person(m.actor, whom.id, facts, m.now, expected_version=m.version(whom))


@act("person.uncertify", lambda s: True, _administrators, weight=1)
def uncertify(m: Moment) -> None:
    records = [one for one in m.rows.all("qualification", record=Record.CERTIFICATION) if one.void_at is None]
    people.void_record(m.actor, m.pick("record", records).id, "It was a mistake.", m.now)
