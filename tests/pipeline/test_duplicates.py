"""Likely duplicates: the same address or the same name, however they were written; what was erased is like nobody."""

from datetime import UTC, datetime

from hiring.ground.database import writing
from hiring.pipeline import actions as spine
from hiring.pipeline import erasure
from hiring.pipeline.queries import likely_duplicates

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


def test_name_and_address_are_compared_folded_and_the_erased_are_like_nobody(cast):
    with writing():
        first = spine.add_candidate("Özge Weiß", "oezge@candidates.example", now=NOW)
        shouted = spine.add_candidate("ÖZGE WEISS", "other@candidates.example", now=NOW)
        addressed = spine.add_candidate("Ö. Weiß", "OEZGE@candidates.example ", now=NOW)
        spine.add_candidate("Özge Weißer", "third@candidates.example", now=NOW)
    assert [one.id for one in likely_duplicates(first)] == [shouted.id, addressed.id]
    assert [one.id for one in likely_duplicates(shouted)] == [first.id]
    with writing():
        erasure.erase(first.id)
        erasure.erase(shouted.id)
    assert likely_duplicates(first) == likely_duplicates(shouted) == likely_duplicates(addressed) == []
