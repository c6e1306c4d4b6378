"""Pages of people: search, one person, training, teams, and what somebody who leaves still owes."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Field

from hiring.ground import clock, policy
from hiring.ground.forms import Form, asked_number
from hiring.ground.web import Problem, Room, navigate, perform
from hiring.people import actions, handover, load, queries, rules
from hiring.people.actions import PersonFacts
from hiring.people.forms import (
    RECORDS,
    ROLES,
    AttestForm,
    CertifyForm,
    DisableForm,
    EditPersonForm,
    EnableForm,
    GrantForm,
    InviteForm,
    PersonForm,
    RecordForm,
    RevokeForm,
    TeamForm,
    VoidForm,
)
from hiring.people.models import Person
from hiring.people.reader import me
from hiring.people.rules import Invalid, PeoplePolicy, Record, Role, Standing

room = Room("people", __name__)
navigate("People", "people.index")
T = TypeVar("T")
Word = TypeVar("Word", bound=StrEnum)
Again = Callable[[Problem], ResponseReturnValue]


def carry_out(
    form: Form, act: Callable[[], T], *, done: str | Callable[[T], str], again: Again, said: str = ""
) -> ResponseReturnValue:
    """As ``perform``; what the org chart cannot hold is shown beside its field."""
    try:
        return perform(form, act, done=done, again=again, said=said)
    except Invalid as invalid:
        field: Field | None = form._fields.get(invalid.field)
        if field is None:
            form.form_errors.append(str(invalid))
        else:
            field.errors = [*field.errors, str(invalid)]
        response = make_response(again(Problem(form.action, invalid=True)))
        response.status_code = 422
        return response


# --- Everybody -----------------------------------------------------------------------------------------------------


@room.page("/people")
def index() -> ResponseReturnValue:
    now = clock.now()
    wanted = queries.Search(
        words=request.args.get("q", "").replace("\x00", "").strip()[:100],
        team_id=asked_number("team"),
        role=_word(Role, request.args.get("role")),
        standing=_word(Standing, request.args.get("standing")),
        after=asked_number("after"),
        gone=request.args.get("gone") == "1",
    )
    found, more = queries.search(wanted, now.date())
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if name != "after" and value}
    return render_template(
        "people/index.html",
        wanted=wanted,
        people=found,
        furthest=queries.furthest((row.id for row in found), now.date()),
        held=queries.roles_of(row.id for row in found),
        team_choices=queries.team_choices(),
        roles=ROLES,
        standings=rules.STANDINGS,
        next_url=url_for(".index", **(kept | {"after": found[-1].id})) if more else None,
        may_manage=rules.may_manage_people(me().roles),
        may_see_training=rules.may_see_training(me().roles),
    )


@room.page("/people/training")
def training() -> ResponseReturnValue:
    actions.ensure_sees_training(me())
    now = clock.now()
    today, figures = now.date(), policy.current()[PeoplePolicy]
    nominated = queries.waiting_for_certification(today)
    after = asked_number("after")
    shown, more = queries.bar_raisers(today, after)
    colleagues = queries.colleagues(nominated, today)
    records = queries.records_of(nominated, today)
    return render_template(
        "people/training.html",
        pairing=queries.waiting_for_pairing(today),
        page=queries.PAGE,
        nominated=[
            (colleagues[each], rules.why_not_certifiable(colleagues[each], records[each], figures))
            for each in nominated
        ],
        lapsing=queries.lapsing(today),
        bar_raisers=shown,
        loads=load.loads([row.id for row in shown], now),
        next_url=url_for(".training", after=shown[-1].id, _anchor="bar-raisers") if more else None,
        figures=figures,
    )


# --- One person ----------------------------------------------------------------------------------------------------


@room.page("/people/<id:person_id>")
def person(person_id: int) -> ResponseReturnValue:
    return _person_page(person_id)


def _person_page(person_id: int, problem: Problem | None = None, sent: Form | None = None) -> ResponseReturnValue:
    now, figures = clock.now(), policy.current()[PeoplePolicy]
    today = now.date()
    shown = queries.person(person_id)
    colleague = queries.colleague(person_id, today)
    records = queries.records_of([person_id], today)[person_id]
    history = queries.qualifications(person_id)
    path = rules.qualification_path(colleague, records, figures, today)
    certified, roles = colleague.certified(today), me().roles
    may_manage, may_train = rules.may_manage_people(roles), rules.may_run_training(roles)
    attested = certified and queries.attested_as_bar_raiser(history, today)
    line = [*colleague.managers, *filter(None, [shown.delegate_id]), *filter(None, (r.with_person_id for r in history))]

    manages = {"grant": GrantForm, "attest": AttestForm, "invite": InviteForm} if may_manage else {}
    trains = {"record": RecordForm, "certify": CertifyForm} if may_train else {}

    def strike(record: Any) -> Form | None:
        strikes = record.void_at is None and rules.may_void(roles, attested=record.attested_source is not None)
        return fresh(VoidForm, record_id=str(record.id)) if strikes else None

    def fresh(shape: type[Form], **data: Any) -> Form:
        same = isinstance(sent, shape) and all(sent[name].data == value for name, value in data.items())
        return sent if sent is not None and same else shape(formdata=None, data=data)

    return render_template(
        "people/person.html",
        person=shown,
        colleague=colleague,
        others=queries.names_and_levels(line),
        reports=queries.reports(person_id),
        path=path,
        following=rules.told_of_path(path, certified=certified, attested=attested),
        attested=attested,
        certified=certified,
        why_not_attest=queries.why_not_attest(me(), person_id) if may_manage else [],
        why_not_without=queries.why_not_without(shown) if may_manage else [],
        standing=rules.STANDINGS[rules.standing(colleague, today)],
        history=[(record, strike(record)) for record in history],
        record_names=RECORDS,
        role_names=ROLES,
        roles=[
            (role, fresh(RevokeForm, role=role.value) if may_manage else None)
            for role in ROLES
            if role in colleague.roles
        ],
        load=load.loads([person_id], now)[person_id],
        figures=figures,
        may_manage=may_manage,
        may_train=may_train,
        certify_blocked=rules.refuse_certification(colleague, records, figures) if may_train else [],
        forms={name: fresh(shape) for name, shape in (manages | trains).items()},
        problem=problem,
    )


@room.page("/people/new")
def new() -> ResponseReturnValue:
    actions.ensure_manages_people(me())
    return _edit_page(PersonForm())


@room.act("/people/new")
def create() -> ResponseReturnValue:
    actions.ensure_manages_people(me())
    form = PersonForm()
    return carry_out(
        form,
        lambda: actions.create_person(me(), _facts(form), clock.now()),
        done=lambda made: url_for(".person", person_id=made.id),
        again=lambda problem: _edit_page(form, problem=problem),
    )


@room.page("/people/<id:person_id>/edit")
def edit(person_id: int) -> ResponseReturnValue:
    actions.ensure_manages_people(me())
    shown = queries.person(person_id)
    return _edit_page(EditPersonForm(obj=shown), shown)


@room.act("/people/<id:person_id>/edit")
def save(person_id: int) -> ResponseReturnValue:
    actions.ensure_manages_people(me())
    form = EditPersonForm()
    return carry_out(
        form,
        lambda: actions.edit_person(me(), person_id, _facts(form), clock.now(), expected_version=form.shown_version),
        done=url_for(".person", person_id=person_id),
        again=lambda problem: _edit_page(form, queries.person(person_id), problem),
    )


def _edit_page(form: Form, shown: Person | None = None, problem: Problem | None = None) -> ResponseReturnValue:
    return render_template("people/edit.html", form=form, person=shown, problem=problem)


def _facts(form: PersonForm) -> PersonFacts:
    return PersonFacts(**{name: form[name].data for name in PersonFacts.__dataclass_fields__})


# --- Acts on one person --------------------------------------------------------------------------------------------


def _on_person(person_id: int, form: Form, act: Callable[[], Any], said: str) -> ResponseReturnValue:
    """Run an act whose form is on the person's page, and say what was done."""
    return carry_out(
        form,
        act,
        done=url_for(".person", person_id=person_id),
        again=lambda problem: _person_page(person_id, problem, form),
        said=said,
    )


@room.act("/people/<id:person_id>/roles")
def grant(person_id: int) -> ResponseReturnValue:
    actions.ensure_manages_people(me())
    form = GrantForm()
    return _on_person(
        person_id,
        form,
        lambda: actions.grant_role(me(), person_id, Role(form.role.data), clock.now()),
        "The role is given.",
    )


@room.act("/people/<id:person_id>/roles/revoke")
def revoke(person_id: int) -> ResponseReturnValue:
    actions.ensure_manages_people(me())
    form = RevokeForm()
    return _on_person(
        person_id,
        form,
        lambda: actions.revoke_role(me(), person_id, Role(form.role.data), clock.now()),
        "The role is taken back.",
    )


@room.act("/people/<id:person_id>/attestations")
def attest(person_id: int) -> ResponseReturnValue:
    actions.ensure_manages_people(me())
    form = AttestForm()
    return _on_person(
        person_id,
        form,
        lambda: actions.attest(
            me(),
            person_id,
            Record(form.record.data),
            form.on.data,
            clock.now(),
            count=form.count.data,
            source=form.source.data,
        ),
        "The record is kept, shown as attested.",
    )


@room.act("/people/<id:person_id>/records")
def record(person_id: int) -> ResponseReturnValue:
    actions.ensure_runs_training(me())
    form = RecordForm()
    return _on_person(
        person_id,
        form,
        lambda: actions.record_training(
            me(), person_id, Record(form.record.data), form.on.data, clock.now(), note=form.note.data or ""
        ),
        "The record is kept.",
    )


@room.act("/people/<id:person_id>/certification")
def certify(person_id: int) -> ResponseReturnValue:
    actions.ensure_runs_training(me())
    now = clock.now()
    return _on_person(
        person_id,
        CertifyForm(),
        lambda: actions.certify(me(), person_id, now.date(), now),
        "Certified. The rotation may draw them from today on.",
    )


@room.act("/people/<id:person_id>/records/void")
def void(person_id: int) -> ResponseReturnValue:
    actions.ensure_sees_training(me())
    form = VoidForm()
    return _on_person(
        person_id,
        form,
        lambda: actions.void_record(me(), int(form.record_id.data), form.reason.data, clock.now()),
        "The record no longer counts.",
    )


@room.act("/people/<id:person_id>/invitation")
def invite(person_id: int) -> ResponseReturnValue:
    actions.ensure_manages_people(me())
    return _on_person(
        person_id,
        InviteForm(),
        lambda: actions.invite(me(), person_id, clock.now()),
        "The link is on its way to their mailbox. It works once, within three days.",
    )


# --- Leaving -------------------------------------------------------------------------------------------------------


@room.page("/people/<id:person_id>/handover")
def leaving(person_id: int) -> ResponseReturnValue:
    actions.ensure_manages_people(me())
    return _handover_page(person_id)


def _handover_page(person_id: int, problem: Problem | None = None, sent: Form | None = None) -> ResponseReturnValue:
    return render_template(
        "people/handover.html",
        person=queries.person(person_id),
        owed=handover.debts(person_id, me()),
        why_not_without=queries.why_not_without(queries.person(person_id)),
        disable_form=sent if isinstance(sent, DisableForm) else DisableForm(formdata=None),
        enable_form=EnableForm(formdata=None),
        problem=problem,
    )


@room.act("/people/<id:person_id>/disable")
def disable(person_id: int) -> ResponseReturnValue:
    actions.ensure_manages_people(me())
    form = DisableForm()
    return carry_out(
        form,
        lambda: actions.disable_person(me(), person_id, clock.now()),
        done=url_for(".leaving", person_id=person_id),
        again=lambda problem: _handover_page(person_id, problem, form),
    )


@room.act("/people/<id:person_id>/enable")
def enable(person_id: int) -> ResponseReturnValue:
    actions.ensure_manages_people(me())
    form = EnableForm()
    return carry_out(
        form,
        lambda: actions.enable_person(me(), person_id, clock.now()),
        done=url_for(".person", person_id=person_id),
        again=lambda problem: _handover_page(person_id, problem, form),
    )


# --- Teams ---------------------------------------------------------------------------------------------------------


@room.page("/teams")
def teams() -> ResponseReturnValue:
    return _teams_page(TeamForm())


def _teams_page(form: TeamForm, problem: Problem | None = None) -> ResponseReturnValue:
    found, more = queries.teams(asked_number("after"))
    return render_template(
        "people/teams.html",
        teams=found,
        next_url=url_for(".teams", after=found[-1].id) if more else None,
        form=form,
        may_manage=rules.may_manage_people(me().roles),
        problem=problem,
    )


@room.act("/teams")
def create_team() -> ResponseReturnValue:
    actions.ensure_manages_people(me())
    form = TeamForm()
    return carry_out(
        form,
        lambda: actions.create_team(me(), form.name.data.strip(), form.department.data.strip()),
        done=url_for(".teams"),
        again=lambda problem: _teams_page(form, problem),
    )


def _word(words: type[Word], text: str | None) -> Word | None:
    return next((word for word in words if word.value == text), None)
