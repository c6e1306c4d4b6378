"""What the rooms hold of a candidate: all of it is exported, all of it is erased, and the steps stay countable."""

from datetime import timedelta

from hiring.funnel.queries import differences
from hiring.ground import personal
from hiring.ground.database import db, writing
from hiring.ground.outbox import Notice
from hiring.pipeline.models import Candidate, Note
from hiring.pipeline.rules import End, Step
from hiring.transitions import cords
from tests.builders import LOOP_DAY, application_at
from tests.cast import Cast
from tests.steps.phone_screen.test_actions import held

SCREENED = ("Nadia Novak", "nadia", "A ledger drifted.", "Clear examples.", "Knows the domain.")


def exported(candidate_id: int) -> str:
    return " ".join(str(row) for owner in personal.owners() if owner.export for row in owner.export(candidate_id))


def test_what_is_exported_of_a_candidate_is_gone_once_erased_and_nobody_writes_to_no_address(cast: Cast) -> None:
    built = application_at(cast, Step.PHONE_SCREEN)
    held(cast, built)
    candidate_id = built.application.candidate_id
    with writing():
        db.session.add(
            Note(application_id=built.application_id, author_id=cast.rita.id, text="Knows the domain.", at=LOOP_DAY)
        )
    before = exported(candidate_id)
    assert [words for words in SCREENED if words not in before] == []
    with writing():
        for owner in personal.owners():
            if owner.erase is not None:
                owner.erase(candidate_id)
    after = exported(candidate_id)
    assert [words for words in SCREENED if words in after] == []
    assert "resume_review" in after and list(differences()) == []
    now = LOOP_DAY + timedelta(days=9)
    with writing():
        cord_id = cords.pull(cast.rita, built.application_id, "It went wrong.", [], now=now).id
    with writing():
        cords.clear(cast.amal, cord_id, "Haste.", "Time.", reject="We stopped.", now=now)
    assert built.application.ended is End.REJECTED
    assert db.session.get_one(Candidate, candidate_id).email == ""
    assert db.session.query(Notice).filter_by(to_address="").count() == 0
