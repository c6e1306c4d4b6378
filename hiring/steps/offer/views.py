"""Step 8's pages and acts: the offer (pay, restricted), onboarding (no pay), reviews of the hire."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from hiring.ground import clock, policy
from hiring.ground.days import plain_day
from hiring.ground.forms import Form
from hiring.ground.rulebook import Refusal
from hiring.ground.web import Problem, Room, perform
from hiring.people.models import Person
from hiring.people.reader import me
from hiring.pipeline.desk_items import DeskItem, desk_source, rare_desk_source
from hiring.pipeline.models import Application
from hiring.pipeline.rules import Stand
from hiring.steps.offer import actions, forms, hire_views, queries, rules
from hiring.steps.offer.queries import Running, Seen
from hiring.steps.offer.rules import OfferPolicy, OfferState

room = Room("offer", __name__)
F = TypeVar("F", bound=Form)
_FORMS: dict[str, type[Form]] = {
    kind.action: kind
    for kind in (
        forms.PrepareForm,
        forms.AskForm,
        forms.GrantForm,
        forms.RefuseForm,
        forms.MakeForm,
        forms.ContactForm,
        forms.ExtendForm,
        forms.AcceptForm,
        forms.DeclineForm,
        forms.LapseForm,
        forms.RenegeForm,
        forms.RescindForm,
    )
}


# --- The offer -----------------------------------------------------------------------------------------------------


@room.page("/applications/<id:application_id>/offer")
def page(application_id: int) -> ResponseReturnValue:
    return _page(application_id)


def _page(application_id: int, problem: Problem | None = None, sent: Form | None = None) -> ResponseReturnValue:
    now = clock.now()
    seen = queries.seen_by(me(), application_id, now=now)
    application, offer = seen.application, seen.live
    told = offer or seen.offer
    return render_template(
        "steps/offer/page.html",
        application=application,
        hiring_manager=_manager_of(application),
        offer=offer,
        state=offer.state.value if offer else "",
        terms=queries.terms_of(application, offer) if offer else None,
        description=queries.description_of(application),
        runs=rules.may_run(seen.stands),
        makes=Stand.HIRING_MANAGER in seen.stands,
        excepts=Stand.ADMINISTRATOR in seen.stands and offer is not None and offer.exception_waits,
        form=lambda action: sent if sent is not None and sent.action == action else _fresh(_FORMS[action], seen),
        blocked=_blocked(seen, now),
        silence=queries.why_no_contact(offer, now),
        contact_due=offer.last_contact + timedelta(days=policy.current()[OfferPolicy].contact_days)
        if offer and offer.last_contact
        else None,
        past=queries.past_offers(application_id) if rules.may_run(seen.stands) else [],
        names=queries.names(
            [told.exception_asked_by, told.excepted_by, told.made_by, *(each.by for each in told.contacts)]
            if told
            else []
        ),
        problem=problem,
    )


def _manager_of(application: Application) -> str:
    manager_id = application.requisition.hiring_manager_id
    return queries.names([manager_id]).get(manager_id or 0, "the hiring manager")


def _fresh(kind: type[Form], seen: Seen) -> Form:
    """An untouched form; the terms start from what stands now, else from the description's currency."""
    offer = seen.live
    data: dict[str, object] = {"version": str(offer.version)} if offer else {}
    if kind is forms.PrepareForm:
        if offer is not None:
            data |= {name: getattr(offer, name) for name in ("pay", "currency", "starts_on", "answer_by", "terms")}
        else:
            description = queries.description_of(seen.application)
            data |= {"currency": description.currency if description else ""}
    return kind(formdata=None, data=data)


def _blocked(seen: Seen, now: datetime) -> Callable[[str], list[Refusal]]:
    """Why not, by form: the same questions that the actions ask, put only for what the page shows this reader."""
    application, offer = seen.application, seen.live
    state = offer.state if offer else None
    manager_id, manager = application.requisition.hiring_manager_id, _manager_of(application)
    terms = queries.terms_of(application, offer) if offer else None
    excepting = rules.why_not_except(offer.exception_asked_by if offer else None, manager_id, me().id)
    questions: dict[str, Callable[[], list[Refusal]]] = {
        "offer.prepare": lambda: queries.why_not_prepare(application, offer),
        "offer.ask_exception": lambda: rules.why_not_ask(
            state, terms, waits=offer is not None and offer.exception_waits
        ),
        "offer.grant_exception": lambda: excepting,
        "offer.refuse_exception": lambda: excepting,
        "offer.make": lambda: [
            *rules.why_not_maker(seen.stands, manager),
            *queries.why_not_make(application, offer, now),
        ],
        "offer.contact": lambda: rules.why_not_in(state, rules.OUT, "A contact is recorded"),
        "offer.extend": lambda: queries.why_not_extend(application, offer, None, now),
        "offer.accept": lambda: queries.why_not_answer(application, offer, now, accept=True),
        "offer.decline": lambda: queries.why_not_answer(application, offer, now, accept=False),
        "offer.lapse": lambda: queries.why_not_lapse(application, offer, now),
        "offer.renege": lambda: rules.why_not_in(state, {OfferState.ACCEPTED}, "A yes is taken back"),
        "offer.rescind": lambda: rules.why_not_in(state, rules.OUT, "An offer is rescinded"),
    }
    return lambda form: questions[form]()


def _act(
    application_id: int, kind: type[F], act: Callable[[F, Person, datetime], object], *, done: str = ""
) -> ResponseReturnValue:
    form = kind()
    return perform(
        form,
        lambda: act(form, me(), clock.now()),
        done=done or url_for(".page", application_id=application_id),
        again=lambda problem: _page(application_id, problem, form),
    )


@room.act("/applications/<id:application_id>/offer/prepare")
def prepare(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.PrepareForm,
        lambda form, who, now: actions.prepare(
            who, application_id, form.draft, expected_version=form.shown_version, now=now
        ),
    )


@room.act("/applications/<id:application_id>/offer/exception")
def ask_exception(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.AskForm,
        lambda form, who, now: actions.ask_exception(
            who, application_id, form.text.data or "", expected_version=form.shown_version, now=now
        ),
    )


@room.act("/applications/<id:application_id>/offer/exception/grant")
def grant_exception(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.GrantForm,
        lambda form, who, now: actions.answer_exception(
            who, application_id, form.text.data or "", grant=True, expected_version=form.shown_version, now=now
        ),
        done=url_for("desk.page"),  # the page closes for administrators with their answer
    )


@room.act("/applications/<id:application_id>/offer/exception/refuse")
def refuse_exception(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.RefuseForm,
        lambda form, who, now: actions.answer_exception(
            who, application_id, form.text.data or "", grant=False, expected_version=form.shown_version, now=now
        ),
        done=url_for("desk.page"),
    )


@room.act("/applications/<id:application_id>/offer/make")
def make(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.MakeForm,
        lambda form, who, now: actions.make(
            who, application_id, form.text.data or "", expected_version=form.shown_version, now=now
        ),
    )


@room.act("/applications/<id:application_id>/offer/contact")
def contact(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.ContactForm,
        lambda form, who, now: actions.record_contact(who, application_id, form.text.data or "", now=now),
    )


@room.act("/applications/<id:application_id>/offer/extend")
def extend(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.ExtendForm,
        lambda form, who, now: actions.extend(
            who, application_id, form.answer_by.data, expected_version=form.shown_version, now=now
        ),
    )


@room.act("/applications/<id:application_id>/offer/accept")
def accept(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.AcceptForm,
        lambda form, who, now: actions.accept(
            who, application_id, reasons=form.reasons(), expected_version=form.shown_version, now=now
        ),
    )


@room.act("/applications/<id:application_id>/offer/decline")
def decline(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.DeclineForm,
        lambda form, who, now: actions.decline(
            who, application_id, form.text.data or "", expected_version=form.shown_version, now=now
        ),
    )


@room.act("/applications/<id:application_id>/offer/lapse")
def lapse(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.LapseForm,
        lambda form, who, now: actions.lapse(who, application_id, expected_version=form.shown_version, now=now),
    )


@room.act("/applications/<id:application_id>/offer/renege")
def renege(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.RenegeForm,
        lambda form, who, now: actions.renege(
            who, application_id, form.text.data or "", expected_version=form.shown_version, now=now
        ),
    )


@room.act("/applications/<id:application_id>/offer/rescind")
def rescind(application_id: int) -> ResponseReturnValue:
    return _act(
        application_id,
        forms.RescindForm,
        lambda form, who, now: actions.rescind(
            who,
            application_id,
            form.text.data or "",
            form.message.data or "",
            expected_version=form.shown_version,
            now=now,
        ),
    )


# --- What is due ---------------------------------------------------------------------------------------------------


@desk_source
def due(person: Person, now: datetime) -> list[DeskItem]:
    """Offers to prepare, make, follow and confirm; reviews of hires, exceptions asked."""
    figures = policy.current()[OfferPolicy]
    found = [
        replace(_offer_item(person, row, figures), application_id=row.application_id) for row in queries.running(person)
    ]
    for review in queries.reviews_owed(person.id, now.date() + queries.REVIEW_AHEAD):
        url = url_for("hire.reviews", application_id=review.application_id)
        title = f"Review of {review.name}: {review.at.label}"
        end, about = _end_of(review.due_on, person), review.application_id
        found.append(DeskItem(title, "Against the outcomes promised", url, end, "review", application_id=about))
    for asked in queries.exceptions_asked(person):
        url = url_for("offer.page", application_id=asked.application_id)
        title = f"Pay exception for {asked.name}"
        found.append(DeskItem(title, f"{asked.title}: grant or refuse", url, None, "exception"))
    return found


@rare_desk_source(queries.tasks_undone)
def tasks_on_the_desk(person: Person, _now: datetime) -> list[DeskItem]:
    """Onboarding tasks."""
    found = []
    for task in queries.tasks_owed(person.id):
        url = url_for("hire.onboarding_page", application_id=task.application_id)
        detail, end, about = f"Onboarding of {task.name}", _end_of(task.due_on, person), task.application_id
        found.append(DeskItem(task.what, detail, url, end, "onboarding", application_id=about))
    return found


def _offer_item(person: Person, row: Running, figures: OfferPolicy) -> DeskItem:
    """The next move over one application, with its deadline."""
    name, url, detail = row.candidate, url_for("offer.page", application_id=row.application_id), row.title
    if row.state is None:
        return DeskItem(f"Prepare the offer to {name}", detail, url, None, "offer")
    if row.state is OfferState.PREPARED:
        manages = row.hiring_manager_id == person.id
        title = f"Make the offer to {name}" if manages else f"Offer to {name} is prepared"
        return DeskItem(title, detail, url, None, "offer")
    if row.state is OfferState.MADE:
        last = row.last_contact
        until = last + timedelta(days=figures.contact_days) if last else None
        title = f"Stay in touch with {name}"
        return DeskItem(title, f"{detail}; answer by {plain_day(row.answer_by)}", url, until, "offer")
    url = url_for("hire.onboarding_page", application_id=row.application_id)
    due_at = _end_of(row.starts_on, person)
    return DeskItem(f"Confirm the arrival of {name}", detail, url, due_at, "onboarding")


def _end_of(day: date, person: Person) -> datetime:
    """The last second of a day where the person is."""
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(person.time_zone)).astimezone(UTC)


rooms = [room, hire_views.room]
