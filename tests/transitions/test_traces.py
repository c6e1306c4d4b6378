"""What an application that moved or ended says of itself: where it went, where it came from, what is possible now."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from hiring.ground.database import db, writing
from hiring.pipeline import actions as spine
from hiring.pipeline.models import Requisition
from hiring.pipeline.rules import Part, Step
from hiring.transitions import actions
from tests.builders import LOOP_DAY, application_at, requisition
from tests.cast import Cast, sign_in

NOW = LOOP_DAY + timedelta(days=3)


def test_both_files_say_where_a_moved_application_came_from_and_went(
    cast: Cast, client: FlaskClient, at: Callable[[datetime], None]
) -> None:
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
    assert "Moved here from R-1 Senior Engineer, Payments; begins in Phone Screen: every must-have was met" in words
    assert "Reason: Weak on coding" in words and links == {f"/applications/{built.application_id}"}
    assert "Nothing has happened yet" not in words
    words, links = main("rita", built.application_id)
    assert "Moved to R-2 Senior Engineer, Payments, where it begins in Phone Screen." in words
    assert links == {f"/applications/{new}"}
    words, links = main("hilda", new)
    assert "Reason: Weak on coding" in words and links == set()
    words, links = main("nora", new)
    assert "Moved here from R-1" in words and "Weak on coding" not in words and links == set()
