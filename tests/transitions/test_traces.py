"""What an application that moved or ended says of itself: where it went, where it came from, what is possible now."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from hiring.ground.database import db, writing
from hiring.pipeline import actions as spine
from hiring.pipeline import candidates
from hiring.pipeline import queries as pipeline
from hiring.pipeline.models import Candidate, Requisition
from hiring.pipeline.rules import End, EndReason, Part, Source, Step
from hiring.transitions import actions
from hiring.transitions.rules import NEVER_REOPENED
from tests.builders import LOOP_DAY, Built, application_at, requisition
from tests.cast import Cast, sign_in

NOW = LOOP_DAY + timedelta(days=3)
At = Callable[[datetime], None]


def test_both_files_say_where_a_moved_application_came_from_and_went(cast: Cast, client: FlaskClient, at: At) -> None:
    built = application_at(cast, Step.DEBRIEF)
    other = requisition(cast, code="R-2")
    with writing():
        db.session.get_one(Requisition, other.requisition_id).hiring_manager_id = cast.hilda.id
        new = actions.move_to(cast.rita, built.application_id, other.requisition_id, "Weak on coding", now=NOW).id
        spine.join(new, cast.nora.id, Part.SEAT, now=NOW)
    at(NOW)

    def main(who: str, application_id: int) -> tuple[str, set[str]]:
        answer = sign_in(client, getattr(cast, who)).get(f"/applications/{application_id}")
        found = BeautifulSoup(answer.text, "html.parser").main
        assert found is not None
        return found.text, {str(link["href"]) for link in found.select("p.moved a")}

    words, links = main("rita", new)
    assert "Moved here from R-1 Senior Engineer, Payments; begins in Phone Screen.\n" in words
    assert "It began in Phone Screen: every must-have was met before." in words
    assert "Reason: Weak on coding" in words and links == {f"/applications/{built.application_id}"}
    assert "Nothing has happened yet" not in words
    words, links = main("rita", built.application_id)
    assert "Moved to R-2 Senior Engineer, Payments, where it begins in Phone Screen." in words
    assert links == {f"/applications/{new}"} and "every must-have was met before" in words
    assert "Reason: Weak on coding" in words
    words, links = main("hector", built.application_id)
    assert "Reason: Weak on coding" in words and links == set()
    words, links = main("hilda", new)
    assert "Moved here from R-1" in words and "Weak on coding" not in words and links == set()
    words, links = main("nora", new)
    assert "Moved here from R-1" in words and "Weak on coding" not in words and links == set()
    assert "begins in Phone Screen." in words and "must-have" not in words  # nora has not submitted


def possible(client: FlaskClient, cast: Cast, built: Built, who: str = "rita") -> str:
    """What the candidate file says of an application that ended."""
    answer = sign_in(client, getattr(cast, who)).get(f"/applications/{built.application_id}")
    found = BeautifulSoup(answer.text, "html.parser").select_one("#after")
    return " ".join(found.text.split()) if found else ""


def own_page(client: FlaskClient, built: Built) -> str:
    """The candidate's own page."""
    with writing():
        key = candidates.link_key(db.session.get_one(Candidate, built.application.candidate_id))
    return client.get(f"/my/{key}").text


def end(built: Built, how: End, reason: EndReason, *, cool_off: bool = False) -> None:
    with writing():
        application = pipeline.lock_application(built.application_id)
        spine.end_application(application, how, reason, actor_id=None, now=NOW, cool_off=cool_off)


def test_who_withdrew_may_come_back_until_a_day_and_may_apply_again(cast: Cast, client: FlaskClient, at: At) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    end(built, End.WITHDRAWN, EndReason.CANDIDATE)
    at(NOW)
    told = possible(client, cast, built)
    assert "Until Sun 5 Apr 2026 Rita or Hector may reopen it with a reason, under Moves." in told
    assert "may apply to R-1 again at any time" in told
    own = own_page(client, built)
    assert "If you change your mind, tell Rita (rita@example.org) by 5 Apr 2026" in own
    assert "You may apply for this position again at any time." in own
    assert 'href="/careers/R-1"' in own
    at(NOW + timedelta(days=31))
    assert "It is not reopened. It ended on" in possible(client, cast, built)
    assert "change your mind" not in own_page(client, built)


def test_after_a_no_hire_only_the_date_to_apply_again_is_left(cast: Cast, client: FlaskClient, at: At) -> None:
    built = application_at(cast, Step.DEBRIEF)
    end(built, End.REJECTED, EndReason.NO_HIRE, cool_off=True)
    at(NOW)
    told = possible(client, cast, built)
    assert "It is not reopened. It ended by a no-hire" in told and "may apply to R-1 again from 6 Sep 2026" in told
    own = own_page(client, built)
    assert "You may apply for this position again from 6 Sep 2026 on." in own
    assert "reopen" not in own and "no-hire" not in own and 'href="/careers/R-1"' not in own
    assert possible(client, cast, built, "iris") == ""


@pytest.mark.parametrize("reason", sorted(NEVER_REOPENED))
def test_another_recruiter_reads_from_when_on_to_apply_and_nothing_of_the_end(
    cast: Cast, client: FlaskClient, at: At, reason: EndReason
) -> None:
    built = application_at(cast, Step.DEBRIEF)
    end(built, End.REJECTED, reason, cool_off=True)
    at(NOW)
    heading = "What is possible now"
    assert possible(client, cast, built, "ron") == f"{heading} The candidate may apply to R-1 again from 6 Sep 2026."
    for owner in ("rita", "hector"):
        assert "which is never reopened" in possible(client, cast, built, owner)
    with writing():
        db.session.get_one(Requisition, built.requisition_id).held_at = NOW
    assert possible(client, cast, built, "ron") == f"{heading} The candidate may not apply to R-1 again now."


def test_where_the_position_is_on_hold_or_another_application_goes_on_both_pages_say_so(
    cast: Cast, client: FlaskClient, at: At
) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    end(built, End.WITHDRAWN, EndReason.CANDIDATE)
    at(NOW)
    with writing():
        db.session.get_one(Requisition, built.requisition_id).held_at = NOW
    assert "may not apply to R-1 again now. Requisition R-1 is on hold." in possible(client, cast, built)
    assert "takes no new application from you at the moment" in own_page(client, built)
    with writing():
        db.session.get_one(Requisition, built.requisition_id).held_at = None
        spine.start_application(
            db.session.get_one(Candidate, built.application.candidate_id),
            built.requisition_id,
            source=Source.CAREERS,
            actor_id=None,
            now=NOW,
        )
    assert "already has an active application" in possible(client, cast, built)
    own = own_page(client, built)
    assert "Another application of yours for this position goes on." in own
    assert "You withdrew this application." in own and "no longer a candidate" not in own


def test_a_hire_and_what_is_under_way_need_no_such_word(cast: Cast, client: FlaskClient, at: At) -> None:
    built = application_at(cast, Step.OFFER)
    at(NOW)
    assert possible(client, cast, built) == ""
    end(built, End.HIRED, EndReason.ARRIVED)
    assert possible(client, cast, built) == ""
    assert "You have joined us." in own_page(client, built)
