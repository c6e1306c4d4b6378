"""The address of an act, opened as if it were a page: where a form that failed leaves whoever reloads or keeps it."""

import re
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient

from tests.builders import requisition
from tests.cast import Cast, sign_in

BELOW_NO_PAGE = {
    "cords.finish_step",
    "hire.finish_task",
    "hire.write_review",
    "phone_screen.decide",
    "phone_screen.notes",
    "phone_screen.prepare",
    "phone_screen.report",
    "reference_check.call",
    "requisition.cancel_opening",
    "requisition.hold_opening",
    "requisition.resume_opening",
    "sign_in.leave",
}
"""Their address names only a row of a page; they lead to the start page by a link."""


def test_the_address_where_a_form_failed_leads_to_its_page(client: FlaskClient, cast: Cast) -> None:
    address = f"/requisitions/{requisition(cast).requisition_id}/hold"
    sign_in(client, cast.rita)
    assert client.post(address).status_code == 422
    opened = client.get(f"{address}?from=history")
    assert (opened.status_code, opened.location) == (302, address.removesuffix("/hold"))
    assert client.get(opened.location).status_code == 200
    assert client.put(address).status_code == 405 and client.post("/funnel").status_code == 405


def test_a_stranger_is_led_to_sign_in_whether_or_not_there_is_such_a_page(client: FlaskClient, cast: Cast) -> None:
    page = f"/requisitions/{requisition(cast).requisition_id}"
    for there in (page, "/requisitions/999"):
        end = client.get(f"{there}/close", follow_redirects=True).request
        assert (end.path, end.args["next"]) == ("/sign-in", there)


def test_every_act_leads_to_a_page_above_it_but_those_named_here(app: Flask, client: FlaskClient) -> None:
    pages = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    acts = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules() if rule.rule not in pages}
    homeless = set()
    for endpoint, rule in acts.items():
        answer = client.get(re.sub("<.*?>", "1", rule))
        if answer.status_code == 302:
            assert rule.startswith(urlsplit(answer.location).path.partition("1")[0].rstrip("/"))
        else:
            assert answer.status_code == 405 and 'href="/"' in answer.text
            homeless.add(endpoint)
    assert len(acts) > 90 and homeless == BELOW_NO_PAGE
