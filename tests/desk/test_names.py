"""A candidate is found by the beginnings of the words of their name, whichever way the name was written."""

from datetime import UTC, datetime

import pytest

from hiring.desk.queries import Wanted, applications
from hiring.ground.database import db, writing
from hiring.pipeline import erasure, named
from hiring.pipeline.models import Application, Candidate
from hiring.pipeline.names import findable, words_of
from hiring.pipeline.rules import Step
from hiring.steps.resume_review import actions as reviews
from tests.builders import application_at, requisition
from tests.cast import Cast
from tests.exchange.test_import import history, take

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


def found(cast: Cast, typed: str) -> list[str]:
    rows, _ = applications(cast.rita, Wanted(name=typed, ended=None), now=NOW)
    return [row.candidate for row in rows]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Nadia  Novak", {"nadia", "novak"}),
        ("Anne-Marie O'Brien", {"anne", "marie", "o", "brien"}),
        ("D’Angelo, J. R. (Jim)", {"d", "angelo", "j", "r", "jim"}),
        ("ÖZGE WEISS", {"ozge", "weiss"}),
        ("Özge Weiß", {"ozge", "weiss"}),
        ("Zoe\u0308 हिन्दी", {"zoe", "हिन्दी"}),
        ("[erased]", {"erased"}),
        ("%", {"%"}),
        ("?? *", {"??", "*"}),
        ("\u0301", {"\u0301"}),
        (" ", set()),
    ],
)
def test_a_name_is_read_as_folded_words(name: str, words: set[str]) -> None:
    assert words_of(name) == {entry.split()[0] for entry in findable(name)} == words
    assert {frozenset(entry.split()) for entry in findable(name)} == ({frozenset(words)} if words else set())


def test_a_given_name_after_the_family_s_is_found_where_no_space_parts_them() -> None:
    assert words_of("山田太郎") == {"山田太郎"}
    assert {entry.split()[0] for entry in findable("山田太郎")} == {"山田太郎", "田太郎", "太郎", "郎"}


def test_a_name_of_very_many_words_takes_no_more_room_than_its_length_allows() -> None:
    assert max(len(entry) for entry in findable("山" * 200)) == 500


@pytest.mark.parametrize("few", [0, named.FEW])
def test_few_and_many_are_found_alike(cast: Cast, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    def make() -> None:
        built = requisition(cast)
        for name in ("Nadia Novak", "Nadia Berg", "Özge Weiß", "Anne-Marie O'Nadal", "Novak Nilsson"):
            application_at(cast, Step.RESUME_REVIEW, on=built, name=name)

    cast.made("several names", make)
    monkeypatch.setattr(named, "FEW", few)
    asked = {
        "nad": ["Anne-Marie O'Nadal", "Nadia Berg", "Nadia Novak"],
        "NADIA": ["Nadia Berg", "Nadia Novak"],
        "Novak, Nadia": ["Nadia Novak"],
        "nadia n": ["Nadia Novak"],
        "novak nils": ["Novak Nilsson"],
        "n": ["Novak Nilsson", "Anne-Marie O'Nadal", "Nadia Berg", "Nadia Novak"],
        "n no": ["Novak Nilsson", "Nadia Novak"],
        "özGE weiss": ["Özge Weiß"],
        "ozge": ["Özge Weiß"],
        "nádia b": ["Nadia Berg"],
        "marie o'n": ["Anne-Marie O'Nadal"],
        "ovak": [],
        "%": [],
        " ": [],
        "n%": ["Novak Nilsson", "Anne-Marie O'Nadal", "Nadia Berg", "Nadia Novak"],
        "Zyxwvut": [],
    }
    assert {typed: found(cast, typed) for typed in asked} == asked


def test_a_beginning_that_one_name_bears_twice_hides_nobody_among_many(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(named, "FEW", 2)
    built = requisition(cast)
    for name in ("Nadia Nagy", "Nils Nowak"):
        application_at(cast, Step.RESUME_REVIEW, on=built, name=name)
    assert found(cast, "n") == ["Nils Nowak", "Nadia Nagy"]


def test_every_typed_word_begins_another_of_the_name(cast: Cast) -> None:
    built = requisition(cast)
    application_at(cast, Step.RESUME_REVIEW, on=built, name="Nadia Nilsson")
    assert found(cast, "nadia ni") == ["Nadia Nilsson"]
    assert found(cast, "nadia n ni") == []


def test_a_name_is_found_as_it_was_last_written_whoever_wrote_it(cast: Cast) -> None:
    first, second = requisition(cast), requisition(cast, code="R-2")
    for built, name in ((first, "Nadia Novak"), (second, "Nadja Nowak")):
        application_at(cast, Step.RESUME_REVIEW, on=built, name=name, email="nadia@candidates.example")
    kept, duplicate = (db.session.get_one(Application, one.application_id).candidate_id for one in (first, second))
    assert found(cast, "nad") == ["Nadja Nowak", "Nadia Novak"]

    with writing():
        db.session.get_one(Candidate, duplicate).name = "Nadja Zimmer"
    assert (found(cast, "nowak"), found(cast, "zim")) == ([], ["Nadja Zimmer"])

    with writing():
        reviews.merge(cast.rita, kept, duplicate, now=NOW)
    assert (found(cast, "zim"), found(cast, "nadia")) == ([], ["Nadia Novak", "Nadia Novak"])

    with writing():
        erasure.erase(kept)
    assert (found(cast, "nadia"), found(cast, "eras")) == ([], ["[erased]", "[erased]"])

    take(history("a7 Applied 1"))
    assert found(cast, "case a7") == ["Case a7"]
