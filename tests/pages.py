"""What a browser sends back of a page it was shown: tests that post without it have seen nothing of the page."""

from bs4 import BeautifulSoup
from flask.testing import FlaskClient


def shown(client: FlaskClient, address: str, action: str) -> dict[str, str]:
    """The hidden fields of the one form of a page that does ``action``."""
    return shown_in(client.get(address).text, action)


def shown_in(html: str, action: str) -> dict[str, str]:
    """As ``shown``, of a page that was answered already."""
    forms = BeautifulSoup(html, "html.parser").select(f'form[data-action="{action}"]')
    assert len(forms) == 1, f"{len(forms)} forms do {action}"
    return {str(field["name"]): str(field.get("value", "")) for field in forms[0].select("input[type=hidden]")}


def handed_back(html: str) -> tuple[dict[str, str], dict[str, str]]:
    """What the page hands back to be sent again: what nobody sees of it, and what whoever typed it sees."""
    form = BeautifulSoup(html, "html.parser").select_one("form[data-again]")
    assert form is not None
    unseen = {str(one["name"]): str(one["value"]) for one in form.select("input[type=hidden]")}
    seen = {str(one["name"]): str(one["value"]) for one in form.select("input[readonly]")}
    return unseen, seen | {str(one["name"]): one.get_text().removeprefix("\n") for one in form.select("textarea")}
