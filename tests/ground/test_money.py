"""Amounts as people in many countries write them: never a thousandth of what was meant."""

import pytest

from hiring.ground.forms import minor_units


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("80000", 8_000_000),
        ("80,000", 8_000_000),
        ("80.000", 8_000_000),
        ("80000.50", 8_000_050),
        ("80000,5", 8_000_050),
        ("80.000,50", 8_000_050),
        ("80,000.50", 8_000_050),
        ("1.250.000", 125_000_000),
        ("1,250,000", 125_000_000),
        ("0", 0),
        ("0.50", 50),
        ("007", 700),
    ],
)
def test_a_point_and_a_comma_before_three_digits_are_thousands_and_before_one_or_two_cents(
    text: str, cents: int
) -> None:
    assert minor_units(text) == cents


@pytest.mark.parametrize(
    "text",
    ["0.125", "80.0000", "1234.567", "80,000,50", "80.000.50", "1,23,456", "lots", "-1", "1e5", "٣", ".5", "80."],
)
def test_what_could_be_two_amounts_or_none_is_asked_again(text: str) -> None:
    with pytest.raises(ValueError, match="Give an amount like"):
        minor_units(text)


def test_an_amount_that_no_column_holds_is_refused() -> None:
    assert minor_units("9999999999999") == 999_999_999_999_900
    for text in ("10000000000000", "9" * 5_000):  # the second is more than Python itself reads
        with pytest.raises(ValueError, match="at most thirteen digits"):
            minor_units(text)
