"""Use cases of step 3: book a call, prepare it, take notes, say what happened, decide, go on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm.attributes import flag_modified

from hiring.ground import audit, outbox, personal
from hiring.ground.database import Stale, check_version, db, lock, surely
from hiring.ground.rulebook import ensure
from hiring.people.models import Person
from hiring.people.queries import colleague, person
from hiring.people.rules import Invalid
from hiring.pipeline import actions as spine
from hiring.pipeline import queries as spine_queries
from hiring.pipeline import readers, rejection
from hiring.pipeline.models import Application, Candidate
from hiring.pipeline.rules import EndReason, Part, Stand, Step
from hiring.steps.phone_screen import queries, rules
from hiring.steps.phone_screen.models import PhoneScreen, ScreenQuestion
from hiring.steps.phone_screen.rules import CallFacts, ScreenerFacts, ScreenState, ScreenVerdict
from hiring.steps.resume_review.actions import reject

WHO_BOOKS = "A recruiter, a coordinator or the hiring manager books phone screens."
WHO_PREPARES = "The screener, the hiring manager or the requisition's recruiter chooses the questions."
WHO_DECIDES = "Only the screener writes the notes and decides."
PARTS = ("situation", "task", "action", "result")


@dataclass(frozen=True, slots=True)
class Plan:
    """A call to be booked; no ``screener_id`` means the hiring manager."""

    starts_at: datetime
    minutes: int
    where: str
    screener_id: int | None = None


def book(actor: Person, application_id: int, plan: Plan, *, expected: int | None = None, now: datetime) -> PhoneScreen:
    """Book the next call, or move the one that is booked; tells candidate and screener.

    ``expected``: the version of the call that the page showed as booked, 0 where it showed none. Raises Invalid beside
    ``starts_at``, Stale, and Refused by screen.screener.
    """
    application, stands = spine_queries.held_for(actor, application_id, now=now)
    spine.require(rules.may_book(stands), WHO_BOOKS)
    _in_this_step(application)
    ensure(spine_queries.why_not_move(application))
    earlier = queries.screens(application_id)
    booked = next((row for row in earlier if row.state is ScreenState.BOOKED), None)
    _ensure_seen(actor, booked, expected)
    if plan.starts_at <= now:
        raise Invalid("starts_at", "This time has already passed.")
    screener, named_by = _screener(actor, application, stands, plan.screener_id, earlier, now)
    ends_at = plan.starts_at + timedelta(minutes=plan.minutes)
    candidate = application.candidate
    inside = {screener.id} | ({candidate.person_id} if candidate.person_id else set())
    spine.lock_people(inside)
    _ensure_free(actor, candidate, screener, plan.starts_at, ends_at, booked)
    screen = booked or _new(application, earlier)
    if booked is not None:
        spine.unbook(booked.source)
        if booked.screener_id != screener.id:
            _tell_screener(booked, application, "phone_screen/cancelled", now=now)
    previous, screen.screener_id, screen.named_by = screen.screener_id, screener.id, named_by
    screen.starts_at, screen.ends_at, screen.zone, screen.where = plan.starts_at, ends_at, actor.time_zone, plan.where
    db.session.add(screen)
    db.session.flush()
    if booked is not None and previous != screener.id:
        _end_part(application.id, previous, now=now)
    spine.join(application.id, screener.id, Part.SCREENER, now=now)
    for whom in [{"person_id": each} for each in sorted(inside)] + [{"candidate_id": candidate.id}]:
        spine.book(screen.starts_at, ends_at, purpose="phone screen", source=screen.source, **whom)
    _tell_candidate(screen, application, "phone_screen/booked", now=now)
    _tell_screener(screen, application, "phone_screen/booked", now=now)
    audit.record(actor.id, "screen.book", "application", application.id, at=now, screen=screen.id, screener=screener.id)
    spine.say(
        f"Phone screen {'moved' if booked else 'booked'}, held by {screener.name}.",
        application=application,
        actor_id=actor.id,
        now=now,
    )
    return screen


def _ensure_seen(actor: Person, booked: PhoneScreen | None, expected: int | None) -> None:
    """Nobody moves a call that their page did not show, nor books anew where it showed one to be moved."""
    if booked is not None:
        start = f"{booked.starts_at.astimezone(ZoneInfo(actor.time_zone)):%Y-%m-%d %H:%M}"
        minutes = str(int((booked.ends_at - booked.starts_at).total_seconds() // 60))
        current = {"starts_at": start, "minutes": minutes, "where": booked.where or "—"}
        current |= {"screener": person(booked.screener_id).email, "version": str(booked.version)}
        check_version(booked, expected, current)
    elif expected is not None and expected > 0:
        raise Stale("the call", {"starts_at": "—", "version": "0"})


def _new(application: Application, earlier: Sequence[PhoneScreen]) -> PhoneScreen:
    """A new call; the questions chosen for one that did not take place are kept for it."""
    visit = surely(spine_queries.open_visit(application.id), "visit")
    screen = PhoneScreen(application_id=application.id, visit_id=visit.id, state=ScreenState.BOOKED, questions=[])
    last = earlier[-1] if earlier else None
    if last is not None and last.state is not ScreenState.HELD and last.prepared_at is not None:
        screen.prepared_at = last.prepared_at
        screen.questions = [ScreenQuestion(place=item.place, text=item.text) for item in last.questions]
    return screen


def _screener(
    actor: Person,
    application: Application,
    stands: Iterable[Stand],
    named_id: int | None,
    earlier: Sequence[PhoneScreen],
    now: datetime,
) -> tuple[Person, int | None]:
    """Who holds the call and who named them; raises Refused by screen.screener."""
    manager = person(surely(application.requisition.hiring_manager_id, "hiring manager"))
    screener = person(named_id) if named_id is not None else manager
    named_before = [row.named_by for row in earlier if row.screener_id == screener.id and row.named_by is not None]
    naming = rules.may_name(stands, hiring_manager_able=queries.hiring_manager_able(application))
    ensure(
        rules.why_not_screener(
            ScreenerFacts(
                screener.name,
                hiring_manager=screener.id == manager.id,
                trained=colleague(screener.id, now.date()).trained,
                named=naming or bool(named_before),
                inside=readers.is_barred(screener, application.candidate),
                disabled=screener.disabled_at is not None,
            ),
            manager.name,
        )
    )
    if screener.id == manager.id:
        return screener, None
    return screener, actor.id if naming else named_before[-1]


def _ensure_free(
    actor: Person,
    candidate: Candidate,
    screener: Person,
    starts_at: datetime,
    ends_at: datetime,
    moved: PhoneScreen | None,
) -> None:
    ids = {screener.id} | ({candidate.person_id} if candidate.person_id else set())
    zone = ZoneInfo(actor.time_zone)
    words = []
    for row in spine_queries.bookings(ids, candidate.id, starts_at, ends_at):
        if moved is not None and row.source == moved.source:
            continue
        who = screener.name if row.person_id == screener.id else candidate.name
        start, end = row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
        words.append(f"{who} is booked from {start:%H:%M} to {end:%H:%M} ({row.purpose}).")
    if words:
        raise Invalid("starts_at", " ".join([*words, "Choose another time."]))


def choose_questions(
    actor: Person, screen_id: int, texts: Sequence[str], *, expected: int | None = None, now: datetime
) -> None:
    """Set the questions of a booked call; notes on those that stay are kept.

    Raises Stale with the questions as they are, and Refused by screen.prepared or screen.noted.
    """
    application, screen, stands = _call(actor, screen_id, now=now)
    spine.require(rules.may_prepare(stands), WHO_PREPARES)
    if screen.state is not ScreenState.BOOKED:
        raise Stale("this phone screen")
    ensure(rules.why_not_prepare(CallFacts(screen.starts_at, screen.prepared_at), now))
    known = {item.text: item for item in screen.questions}
    current = {"Questions": "\n".join(known), "version": str(screen.version)}
    check_version(screen, expected, current, replaces=bool(known))
    wanted = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    ensure(rules.why_not_drop([item.text for item in screen.questions if item.has_notes and item.text not in wanted]))
    screen.questions = [known.get(text) or ScreenQuestion(text=text) for text in wanted]
    for place, item in enumerate(screen.questions, 1):
        item.place = place
    screen.prepared_at = now if wanted else None
    audit.record(actor.id, "screen.prepare", "application", application.id, at=now, screen=screen.id)
    db.session.flush()


def save_notes(
    actor: Person,
    screen_id: int,
    notes: Mapping[int, Mapping[str, str]],
    summary: str,
    *,
    expected: int | None,
    now: datetime,
) -> None:
    """Write the screener's notes, by question id and STAR part; raises Stale with both texts."""
    application, screen, _ = _own_call(actor, screen_id, now=now)
    if screen.verdict is not None or screen.state not in {ScreenState.BOOKED, ScreenState.HELD}:
        raise Stale("this phone screen")
    noted = bool(screen.summary) or any(item.has_notes for item in screen.questions)
    check_version(screen, expected, _as_form(screen), replaces=noted)
    for item in screen.questions:
        for part in PARTS:
            setattr(item, part, notes.get(item.id, {}).get(part, "").strip())
    screen.summary = summary.strip()
    flag_modified(screen, "summary")  # a change of its questions alone must count as a change of the call too
    audit.record(actor.id, "screen.notes", "application", application.id, at=now, screen=screen.id)
    db.session.flush()


def _as_form(screen: PhoneScreen) -> dict[str, str]:
    texts = {f"{part}_{item.id}": getattr(item, part) for item in screen.questions for part in PARTS}
    return texts | {"summary": screen.summary, "version": str(screen.version)}


def report(actor: Person, screen_id: int, what: ScreenState, *, now: datetime) -> None:
    """Say what became of a call; raises Invalid before it began and Refused by screen.prepared."""
    application, screen, stands = _call(actor, screen_id, now=now)
    spine.require(screen.screener_id == actor.id or rules.may_book(stands), f"{WHO_BOOKS} The screener reports too.")
    if screen.state not in rules.REPORTABLE or screen is not queries.screens(application.id)[-1]:
        raise Stale("this phone screen")
    if what not in rules.outcomes(screen.starts_at, now):
        raise Invalid("what", "The call has not begun. Say what happened afterwards, or cancel it now.")
    if what is ScreenState.CANCELLED:
        _cancel(application, screen, actor_id=actor.id, now=now)
        return
    if what is ScreenState.HELD:
        ensure(rules.why_not_held(CallFacts(screen.starts_at, screen.prepared_at)))
    screen.state = what
    audit.record(actor.id, "screen.report", "application", application.id, at=now, screen=screen.id, what=what.value)
    spine.say(f"Phone screen: {rules.STATES[what].lower()}.", application=application, actor_id=actor.id, now=now)
    db.session.flush()


def _cancel(application: Application, screen: PhoneScreen, *, actor_id: int | None, now: datetime) -> None:
    screen.state = ScreenState.CANCELLED
    spine.unbook(screen.source)
    _end_part(application.id, screen.screener_id, now=now)
    if now < screen.ends_at:
        _tell_candidate(screen, application, "phone_screen/cancelled", now=now)
        _tell_screener(screen, application, "phone_screen/cancelled", now=now)
    audit.record(actor_id, "screen.cancel", "application", application.id, at=now, screen=screen.id)
    spine.say("Phone screen cancelled.", application=application, actor_id=actor_id, now=now)
    db.session.flush()


def decide(
    actor: Person, screen_id: int, verdict: ScreenVerdict, *, go_on: bool, message: str = "", now: datetime
) -> None:
    """Give the screener's verdict on a held call. No rejects with the message; yes goes on, or waits for another call.

    Who was interviewed before is not rejected here: a no stays on record beside the reasons, and nobody is told.
    Raises Refused by screen.decided and the spine's rules, and Invalid beside ``message``.
    """
    application, screen, _ = _own_call(actor, screen_id, now=now)
    if screen.state is not ScreenState.HELD or screen.verdict is not None:
        raise Stale("this phone screen")
    ensure(rules.why_not_decide(screen.summary, sum(item.has_notes for item in screen.questions)))
    rejects = verdict is ScreenVerdict.NO and not rejection.why_not_reject(application.step, application.interviewed_at)
    if rejects and not message.strip():
        raise Invalid("message", "The candidate is always told; write what they will read.")
    screen.verdict, screen.decided_at = verdict, now
    audit.record(actor.id, "screen.decide", "application", application.id, at=now, screen=screen.id)
    spine.say("Phone screen decided.", application=application, actor_id=actor.id, now=now)
    db.session.flush()
    if rejects:
        reject(application, EndReason.PHONE_SCREEN_NO, message, actor_id=actor.id, now=now)
    elif go_on and verdict is ScreenVerdict.YES:
        _advance(application, actor_id=actor.id, now=now)


def go_on(actor: Person, application_id: int, *, now: datetime) -> None:
    """Move to the loop on the strength of the latest held call; raises Refused by screen.decided."""
    application, stands = spine_queries.held_for(actor, application_id, now=now)
    spine.require(rules.may_prepare(stands), "The screener, the hiring manager or the recruiter moves it on.")
    _in_this_step(application)
    _advance(application, actor_id=actor.id, now=now)


def _advance(application: Application, *, actor_id: int, now: datetime) -> None:
    rows = queries.screens(application.id)
    ensure(
        [
            *rules.why_not_go_on(queries.verdicts_of_held(application.id, rows)),
            *spine_queries.why_not_move(application),
        ]
    )
    for row in rows:
        if row.state is ScreenState.BOOKED:
            _cancel(application, row, actor_id=actor_id, now=now)
    spine.advance(application, Step.INTERVIEW_LOOP, actor_id=actor_id, now=now)


@spine.on_departure
def release(application: Application, departure: spine.Departure) -> None:
    """Cancel a call that is still booked when the application ends or goes back: calendars and access are free."""
    for row in queries.screens(application.id):
        if row.state is ScreenState.BOOKED:
            _cancel(application, row, actor_id=departure.actor_id, now=departure.now)


def _end_part(application_id: int, person_id: int, *, now: datetime) -> None:
    """End a screener's access, unless they hold, or held, another call of the application."""
    holds = {ScreenState.BOOKED, ScreenState.HELD}
    if not any(row.screener_id == person_id and row.state in holds for row in queries.screens(application_id)):
        spine.leave(application_id, person_id, Part.SCREENER, now=now)


def _call(actor: Person, screen_id: int, *, now: datetime) -> tuple[Application, PhoneScreen, frozenset[Stand]]:
    application, stands = spine_queries.held_for(actor, queries.application_of(screen_id), now=now)
    _in_this_step(application)
    return application, lock(PhoneScreen, screen_id), stands


def _own_call(actor: Person, screen_id: int, *, now: datetime) -> tuple[Application, PhoneScreen, frozenset[Stand]]:
    application, screen, stands = _call(actor, screen_id, now=now)
    spine.require(screen.screener_id == actor.id and Stand.SCREENER in stands, WHO_DECIDES)
    return application, screen, stands


def _in_this_step(application: Application) -> None:
    if application.step is not Step.PHONE_SCREEN or application.ended is not None:
        raise Stale("this application")


def _tell_candidate(screen: PhoneScreen, application: Application, template: str, *, now: datetime) -> None:
    candidate = application.candidate
    mail = outbox.compose(
        template,
        name=candidate.name,
        title=application.requisition.title,
        starts_at=screen.starts_at,
        zone=candidate.time_zone,
        where=screen.where,
        whom=person(screen.screener_id).name,
        url="",
    )
    outbox.put(
        "screen.candidate",
        candidate.email,
        *mail,
        now=now,
        about=f"candidate:{candidate.id}",
        expires_at=screen.ends_at,
    )


def _tell_screener(screen: PhoneScreen, application: Application, template: str, *, now: datetime) -> None:
    screener, candidate = person(screen.screener_id), application.candidate
    mail = outbox.compose(
        template,
        name=screener.name,
        title=application.requisition.title,
        starts_at=screen.starts_at,
        zone=screener.time_zone,
        where=screen.where,
        whom=candidate.name,
        url=f"/applications/{application.id}/screen",
    )
    outbox.put(
        "screen.screener",
        screener.email,
        *mail,
        now=now,
        recipient_id=screener.id,
        about=f"candidate:{candidate.id}",
        expires_at=screen.ends_at,
    )


def _export(candidate_id: int) -> Iterable[dict[str, Any]]:
    mine = select(PhoneScreen).join(Application).where(Application.candidate_id == candidate_id)
    for row in db.session.scalars(mine):
        notes = [{"question": item.text} | {part: getattr(item, part) for part in PARTS} for item in row.questions]
        yield {"at": row.starts_at.isoformat(), "summary": row.summary, "notes": notes}


def _erase(candidate_id: int) -> None:
    mine = (
        select(PhoneScreen.id)
        .join(Application, Application.id == PhoneScreen.application_id)
        .where(Application.candidate_id == candidate_id)
    )
    decided = PhoneScreen.verdict.is_not(None)
    for condition, text in ((decided, "(erased)"), (~decided, "")):
        db.session.execute(
            update(PhoneScreen).where(PhoneScreen.id.in_(mine), condition).values(summary=text),
            execution_options={"synchronize_session": False},
        )
    db.session.execute(
        update(ScreenQuestion).where(ScreenQuestion.screen_id.in_(mine)).values(dict.fromkeys(PARTS, "")),
        execution_options={"synchronize_session": False},
    )


personal.own(
    "phone_screen",
    ["phone_screen.summary", *(f"screen_question.{part}" for part in PARTS)],
    export=_export,
    erase=_erase,
)
