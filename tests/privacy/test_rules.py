"""What every erasure will ask."""

from datetime import date

from hiring.privacy.rules import RecordFacts, why_not_erase

TODAY = date(2026, 3, 4)


def test_a_record_past_its_floor_and_without_hold_may_be_erased():
    assert why_not_erase(RecordFacts("Nadia Novak", keep_until=TODAY), TODAY) == []


def test_a_legal_hold_and_the_retention_floor_each_refuse_with_their_facts():
    refusals = why_not_erase(RecordFacts("Nadia Novak", "case 17", date(2026, 9, 1)), TODAY)
    assert [refusal.rule.id for refusal in refusals] == ["record.hold", "record.hold"]
    assert "legal hold: case 17" in refusals[0].facts
    assert "until 2026-09-01" in refusals[1].facts
