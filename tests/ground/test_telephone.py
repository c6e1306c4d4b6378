"""What can be a telephone number, asked wherever one is typed."""

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from hiring.ground.telephone import why_not_telephone
from hiring.pipeline.rules import Step
from tests.builders import application_at
from tests.cast import Cast, sign_in

NUMBERS = [
    "12345",
    "+49 30 123456",
    " (030) 123-456 ",
    "030/123 456",
    "1.800.555.0100",
    "555 0100 ext. 7",
    "555-0100 x12",
    "5550100#3",
    "+1-555-0100;ext=22",
    "+49\u00a030\u2011123456",
    "٠١٢٣٤٥",
]
OTHERS = ["abc", "1234", "+", "12 ext. 34567", "call 555 0100", "555 0100 or 555 0101", "555 0100 ext", "x" * 50]


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_however_it_is_written_is_one(text: str) -> None:
    assert why_not_telephone(text) is None


@pytest.mark.parametrize("text", OTHERS)
def test_what_nobody_can_call_is_none(text: str) -> None:
    assert "Give at least 5 digits" in (why_not_telephone(text) or "")


def test_words_in_the_place_of_a_number_are_told_beside_it(client: FlaskClient, cast: Cast) -> None:
    built = application_at(cast, Step.REFERENCE_CHECK)
    rita = sign_in(client, cast.rita)
    places = [
        (f"/requisitions/{built.requisition_id}/candidates/add", "phone", {"name": "Nadia", "email": "n@example.org"}),
        (f"/applications/{built.application_id}/references/add", "contact", {"name": "Rosa", "relation": "manager"}),
        ("/careers/R-1/apply", "phone", {"name": "Nadia", "email": "n@example.org"}),
    ]
    for address, field, sent in places:
        answer = rita.post(address, data={**sent, field: "abc"})
        assert answer.status_code == 422
        input_ = BeautifulSoup(answer.text, "html.parser").select_one(f"main [name={field}][aria-invalid]")
        assert input_ is not None and input_["value"] == "abc" and "Give at least 5 digits" in answer.text
    address, field, sent = places[1]
    assert rita.post(address, data={**sent, field: "rosa@"}).status_code == 422
    assert rita.post(address, data={**sent, field: "rosa@example.com"}).status_code == 409, "only consent is missing"
