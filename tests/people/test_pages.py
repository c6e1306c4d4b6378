"""Pages of people, as their readers see them, on both engines."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hiring.ground.database import db, writing
from hiring.people import actions, handover, queries
from hiring.people.models import Person, Qualification, Team
from hiring.people.rules import Debt, Record, Role
from tests.cast import Cast, sign_in
from tests.conftest import NOON
from tests.counted import counted_queries
from tests.pages import shown

Browse = Callable[[str], FlaskClient]


@pytest.fixture(autouse=True)
def noon(at: Callable[[datetime], None]) -> None:
    at(NOON)


@pytest.fixture
def browse(app: Flask, cast: Cast) -> Browse:
    """The browser of somebody of the cast."""
    return lambda name: sign_in(app.test_client(), getattr(cast, name))


def actions_on(page: str) -> set[str]:
    return {str(form["data-action"]) for form in BeautifulSoup(page, "html.parser").select("form[data-action]")} - {
        "sign_in.leave"
    }


FILLED = {
    "name": "Zoe",
    "email": "zoe@example.org",
    "title": "Engineer",
    "level": "6",
    "manager_id": "sven@example.org",
    "team_id": "",
    "time_zone": "Europe/Berlin",
    "country": "de",
    "works_from": "09:00",
    "works_until": "17:30",
}

ADMINISTRATORS, OWNER, EITHER, ALL = {"amal"}, {"priya"}, {"amal", "priya"}, {"amal", "priya", "rita", "ivan"}


@pytest.mark.parametrize(
    ("path", "admitted", "otherwise"),
    [
        ("/people", ALL, None),
        ("/people/{}", ALL, None),
        ("/teams", ALL, None),
        ("/account", ALL, None),
        ("/people/training", EITHER, 404),
        ("/people/new", ADMINISTRATORS, 403),
        ("/people/{}/edit", ADMINISTRATORS, 403),
        ("/people/{}/handover", ADMINISTRATORS, 403),
    ],
)
def test_each_page_opens_for_whom_it_is(
    app: Flask, browse: Browse, cast: Cast, path: str, admitted: set[str], otherwise: int | None
) -> None:
    url = path.format(cast.ids["bea"])
    assert app.test_client().get(url).status_code == 302
    for name in ALL:
        assert browse(name).get(url).status_code == (200 if name in admitted else otherwise), name


@pytest.mark.parametrize(
    ("path", "admitted", "otherwise"),
    [
        ("/people/new", ADMINISTRATORS, 403),
        ("/people/{}/edit", ADMINISTRATORS, 403),
        ("/people/{}/roles", ADMINISTRATORS, 403),
        ("/people/{}/roles/revoke", ADMINISTRATORS, 403),
        ("/people/{}/attestations", ADMINISTRATORS, 403),
        ("/people/{}/records", OWNER, 403),
        ("/people/{}/certification", OWNER, 403),
        ("/people/{}/records/void", EITHER, 404),
        ("/people/{}/invitation", ADMINISTRATORS, 403),
        ("/people/{}/disable", ADMINISTRATORS, 403),
        ("/people/{}/enable", ADMINISTRATORS, 403),
        ("/teams", ADMINISTRATORS, 403),
    ],
)
def test_each_act_is_refused_to_everybody_else_before_it_is_read(
    app: Flask, browse: Browse, cast: Cast, path: str, admitted: set[str], otherwise: int
) -> None:
    url = path.format(cast.ids["nora"])
    assert app.test_client().post(url).location == "/sign-in"
    for name in ALL - admitted:
        assert browse(name).post(url).status_code == otherwise, name
    for name in admitted:
        assert browse(name).post(url).status_code in {303, 409, 422}, name


def test_a_person_who_does_not_exist_is_not_found(browse: Browse) -> None:
    for path in ("/people/999999", "/people/99999999999999999999", "/people/999999/edit", "/people/999999/handover"):
        assert browse("amal").get(path).status_code == 404, path
    assert browse("amal").post("/people/999999/roles", data={"role": "recruiter"}).status_code == 404


def test_controls_stand_only_where_they_work(browse: Browse, cast: Cast) -> None:
    url = f"/people/{cast.ids['iris']}"
    assert actions_on(browse("ivan").get(url).text) == set()
    assert actions_on(browse("priya").get(url).text) == {"bar_raiser.certify", "qualification.record"}
    assert actions_on(browse("amal").get(url).text) == {
        "qualification.attest",
        "qualification.void",
        "role.grant",
        "person.invite",
    }


def test_a_colleagues_page_tells_place_path_and_what_comes_next(browse: Browse, cast: Cast) -> None:
    page = browse("olga").get(f"/people/{cast.ids['ivan']}").text
    words = " ".join(BeautifulSoup(page, "html.parser").get_text(" ").split())
    assert "Hector , level 8 Dana , level 10 Vera , level 12" in words
    assert "Next: Nominated as Bar Raiser" in words
    assert "12 of 25" in words
    assert "attested" in words


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=OLG", ["Olga"]),
        ("q=%25", []),
        ("q=_ita", []),
        ("q=rita%2F", []),
        ("q=ol%C3%BCga", []),
        ("q=rita@", ["Rita"]),
        ("q=example.org+rIT", ["Rita"]),
        ("role=administrator", ["Ada", "Amal"]),
        ("standing=bar_raiser", ["Bea", "Bo", "Bram"]),
        ("standing=bar_raiser&q=ram", ["Bram"]),
        ("gone=1&role=administrator", []),
        ("q=nobody-like-this", []),
    ],
)
def test_the_search_finds_by_name_role_and_qualification(browse: Browse, query: str, names: list[str]) -> None:
    soup = BeautifulSoup(browse("ivan").get(f"/people?{query}").text, "html.parser")
    assert [link.text for link in soup.select("tbody th a")] == names
    assert bool(soup.select(".empty")) is not bool(names)


def test_a_row_of_the_list_tells_level_team_qualification_and_roles(browse: Browse, cast: Cast) -> None:
    soup = BeautifulSoup(browse("ivan").get("/people").text, "html.parser")
    rows = [[cell.text.strip() for cell in row.select("th, td")] for row in soup.select("tbody tr")]
    assert [row for row in rows if row[0] in {"Bea", "Ivan", "Amal"}] == [
        ["Amal", "Process Owner", "9", "People", "Not trained yet", "Administrator"],
        ["Bea", "Principal Engineer, Logistics", "9", "Logistics", "Bar Raiser", "—"],
        ["Ivan", "Engineer, Payments", "7", "Payments", "Interviewer", "—"],
    ]
    assert soup.select_one(f'a[href="/people/{cast.ids["bea"]}"]').text == "Bea"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "query", ["team=x", "after=99999999999999999999", "role=king", "standing=god", "q=%00", "after=-1"]
)
def test_a_mangled_search_is_answered_without_a_crash(browse: Browse, query: str) -> None:
    assert browse("ivan").get(f"/people?{query}").status_code == 200


def test_the_list_and_a_person_cost_the_same_queries_however_many_people_there_are(
    app: Flask, browse: Browse, cast: Cast
) -> None:
    client = browse("amal")
    costs = []
    for batch in range(2):
        with counted_queries(app) as statements:
            assert client.get("/people").status_code == 200
            listed = len(statements)
            assert client.get(f"/people/{cast.ids['hector']}").status_code == 200
        costs.append((listed, len(statements) - listed))
        with writing():
            for number in range(20):
                db.session.add(
                    Person(
                        name=f"New {number}",
                        email=f"n{batch}-{number}@x.org",
                        title="",
                        level=5,
                        manager_id=cast.ids["hector"],
                    )
                )
    assert costs[0] == costs[1]
    assert costs[0] <= (12, 22)


# --- Adding and editing --------------------------------------------------------------------------------------------


def test_an_administrator_adds_somebody_naming_the_manager_by_email(browse: Browse, cast: Cast) -> None:
    client = browse("amal")
    made = client.post("/people/new", data=FILLED)
    assert made.status_code == 303
    person = queries.by_email("zoe@example.org")
    assert person is not None
    assert (person.manager_id, person.country, made.location) == (cast.ids["sven"], "DE", f"/people/{person.id}")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Please fill this in."),
        ("name", "a\x00b", "cannot be stored"),
        ("title", "", "Please fill this in."),
        ("email", "no address", "Give an address"),
        ("email", "rita@example.org", "Rita has this e-mail address already."),
        ("level", "13", "Levels go from 4 to 12."),
        ("level", "high", "Give a whole number"),
        ("manager_id", "nobody@example.org", "Nobody here has the e-mail address or name nobody@example.org."),
        ("country", "XX", "Give two letters of a country"),
        ("works_until", "08:00", "The working day must end after it begins."),
        ("team_id", "999", "Choose one from the list"),
    ],
)
def test_a_bad_field_is_answered_beside_it_and_what_was_typed_is_kept(
    browse: Browse, field: str, value: str, words: str
) -> None:
    sent = {name: text for name, text in (FILLED | {field: value}).items() if text or name != field}
    response = browse("amal").post("/people/new", data=sent)
    soup = BeautifulSoup(response.text, "html.parser")
    marked = soup.select_one(f'[name="{field}"]')
    assert response.status_code == 422
    assert marked is not None
    assert marked["aria-invalid"] == "true"
    assert words in soup.select(f"#{str(marked['aria-describedby']).split()[-1]}")[0].text
    typed = "name" if field == "title" else "title"
    kept = soup.select_one(f'[name="{typed}"]')
    assert kept is not None
    assert kept["value"] == FILLED[typed]
    assert queries.by_email("zoe@example.org") is None


def test_a_circle_in_the_org_chart_is_refused_beside_the_manager(browse: Browse, cast: Cast) -> None:
    client = browse("amal")
    data = FILLED | {"name": "Dana", "email": "dana@example.org", "manager_id": "ivan@example.org"}
    data |= shown(client, f"/people/{cast.ids['dana']}/edit", "person.edit")
    response = client.post(f"/people/{cast.ids['dana']}/edit", data=data)
    assert response.status_code == 422
    assert "nobody can report to their own report" in response.text
    assert cast.dana.manager_id == cast.ids["vera"]


def test_a_stale_edit_shows_both_texts_and_changes_nothing(browse: Browse, cast: Cast) -> None:
    first, second = browse("amal"), browse("ada")
    url = f"/people/{cast.ids['ivan']}/edit"
    opened = BeautifulSoup(first.get(url).text, "html.parser").select_one('[name="version"]')
    assert opened is not None
    data = FILLED | {"name": "Ivan", "email": "ivan@example.org", "version": str(opened["value"])}
    assert second.post(url, data=data | {"title": "Lead"}).status_code == 303
    response = first.post(url, data=data | {"title": "Chief"})
    assert response.status_code == 409
    assert "Lead" in response.text
    assert "Chief" in response.text
    assert cast.ivan.title == "Lead"


def test_a_repeated_submit_adds_one_person(browse: Browse) -> None:
    client = browse("amal")
    answers = {client.post("/people/new", data=FILLED | {"submission_key": "k"}).location for _ in range(2)}
    assert len(answers) == 1


# --- Roles, training, certification --------------------------------------------------------------------------------


def test_a_role_is_given_and_taken_back_on_the_page(browse: Browse, cast: Cast) -> None:
    client = browse("amal")
    url = f"/people/{cast.ids['olga']}"
    assert client.post(f"{url}/roles", data={"role": "coordinator"}).location == url
    assert "The role is given." in client.get(url).text
    assert cast.olga.has(Role.COORDINATOR)
    client.post(f"{url}/roles/revoke", data={"role": "coordinator"})
    assert not cast.olga.has(Role.COORDINATOR)


def test_the_page_refuses_a_certification_before_and_after_the_button(browse: Browse, cast: Cast) -> None:
    client = browse("priya")
    url = f"/people/{cast.ids['irma']}"
    soup = BeautifulSoup(client.get(url).text, "html.parser")
    button = soup.select_one('form[data-action="bar_raiser.certify"] button')
    assert button is not None
    assert button["aria-disabled"] == "true"
    assert "Irma has held 12 of 25 interviews." in soup.select('[data-rule="bar_raiser.path"]')[0].text
    refused = client.post(f"{url}/certification")
    assert refused.status_code == 409
    assert 'data-rule="bar_raiser.path"' in refused.text
    assert cast.ids["irma"] not in queries.certified_bar_raisers(NOON.date())


def test_what_is_attested_is_shown_as_attested_and_can_be_struck(browse: Browse, cast: Cast) -> None:
    client = browse("amal")
    url = f"/people/{cast.ids['nora']}"
    data = {"record": "interviews", "on": "2025-12-31", "count": "14", "source": "Register of 2025"}
    assert client.post(f"{url}/attestations", data=data).status_code == 303
    page = client.get(url).text
    assert "Register of 2025" in page
    assert queries.colleague(cast.ids["nora"], NOON.date()).interviews == 14
    field = BeautifulSoup(page, "html.parser").select_one('[name="record_id"]')
    assert field is not None
    assert client.post(f"{url}/records/void", data={"record_id": field["value"], "reason": ""}).status_code == 422
    struck = client.post(f"{url}/records/void", data={"record_id": field["value"], "reason": "counted twice"})
    assert struck.status_code == 303
    assert queries.colleague(cast.ids["nora"], NOON.date()).interviews == 0


def test_the_training_page_says_who_waits_for_what(browse: Browse, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    today = NOON.date()
    with writing():
        actions.record_training(cast.priya, cast.ids["irma"], Record.NOMINATION, today, NOON)
        db.session.add_all(
            Qualification(
                person_id=cast.ids[who],
                record=Record.CERTIFICATION,
                on=today,
                expires_on=today + timedelta(days=days),
                recorded_at=NOON,
            )
            for who, days in (("bram", 400), ("bram", 30))
        )
        actions.attest(cast.amal, cast.ids["ilse"], Record.CERTIFICATION, today, NOON, source="x").expires_on = (
            today + timedelta(days=90)
        )
    client = browse("priya")
    soup = BeautifulSoup(client.get("/people/training").text, "html.parser")

    def names(section: str) -> list[str]:
        return [row.get_text(strip=True) for row in soup.select(f"#{section} tbody th")]

    assert names("pairing") == ["Tara"]
    assert names("nominated") == ["Irma"]
    assert names("lapsing") == ["Ilse"]
    assert names("bar-raisers") == ["Bea", "Bo", "Bram", "Ilse"]
    bram = soup.select("#bar-raisers tbody tr")[2].select("td")
    assert [cell.text.strip() for cell in bram] == ["Search", "0", "0", "8 Apr 2027"]  # of two, the one that lasts
    assert "Irma has held 12 of 25 interviews." in soup.select("#nominated")[0].text
    assert not soup.select('[rel="next"]')

    monkeypatch.setattr(queries, "BAR_RAISERS", 3)
    soup = BeautifulSoup(client.get("/people/training").text, "html.parser")
    assert names("bar-raisers") == ["Bea", "Bo", "Bram"]
    soup = BeautifulSoup(client.get(str(soup.select('#bar-raisers [rel="next"]')[0]["href"])).text, "html.parser")
    assert names("bar-raisers") == ["Ilse"]
    assert names("nominated") == ["Irma"]

    newest = select(Qualification).where(Qualification.expires_on == today + timedelta(days=400))
    with writing():
        actions.void_record(cast.priya, db.session.scalars(newest).one().id, "mistaken", NOON)
        standing = Qualification.record == Record.CERTIFICATION, Qualification.person_id == cast.ids["bram"]
        for row in db.session.scalars(select(Qualification).where(*standing, Qualification.attested_source != "")):
            actions.void_record(cast.amal, row.id, "mistaken", NOON)
    soup = BeautifulSoup(client.get("/people/training").text, "html.parser")
    assert names("lapsing") == ["Bram", "Ilse"]


def test_who_waits_for_a_pairing_follows_what_is_struck(browse: Browse, cast: Cast) -> None:
    client, tara, irma = browse("priya"), cast.ids["tara"], cast.ids["irma"]

    def waiting() -> list[str]:
        page = BeautifulSoup(client.get("/people/training").text, "html.parser")
        return [row.get_text(strip=True) for row in page.select("#pairing tbody th")]

    def strike(person_id: int, record: Record) -> None:
        found = select(Qualification).where(Qualification.person_id == person_id, Qualification.record == record)
        with writing():
            for row in db.session.scalars(found).all():
                by = cast.priya if row.attested_source is None else cast.amal
                actions.void_record(by, row.id, "mistaken", NOON)

    assert waiting() == ["Tara"]
    strike(irma, Record.PAIRED_INTERVIEW)
    assert sorted(waiting()) == ["Irma", "Tara"]
    strike(tara, Record.COURSE)
    assert waiting() == ["Irma"]
    strike(irma, Record.COURSE)
    assert waiting() == []


# --- Leaving -------------------------------------------------------------------------------------------------------


def test_the_handover_list_stands_before_and_after_access_ends(
    browse: Browse, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "_sources", [lambda person_id: [Debt("Feedback of an interview", NOON, "/x", None)]])
    client, leaver = browse("amal"), browse("ivan")
    url = f"/people/{cast.ids['ivan']}"
    before = client.get(f"{url}/handover").text
    assert "Feedback of an interview" in before
    assert actions_on(before) == {"person.disable"}
    assert client.post(f"{url}/disable").location == f"{url}/handover"
    after = client.get(f"{url}/handover").text
    assert "Feedback of an interview" in after
    assert actions_on(after) == {"person.enable"}
    assert leaver.get("/people").status_code == 302
    assert "access ended" in client.get(url).text
    client.post(f"{url}/enable")
    assert cast.ivan.disabled_at is None


def test_the_last_administrator_is_told_why_they_must_stay(browse: Browse, cast: Cast) -> None:
    client = browse("amal")
    assert client.post(f"/people/{cast.ids['ada']}/disable").status_code == 303
    url = f"/people/{cast.ids['amal']}"
    for page, action in ((f"{url}/handover", "person.disable"), (url, "role.revoke")):
        form = BeautifulSoup(client.get(page).text, "html.parser").select_one(f'form[data-action="{action}"]')
        assert form is not None and form.select_one('[data-rule="people.administrator"]') is not None
        assert "Make somebody else an administrator first." in form.text
        assert form.select_one('button[aria-disabled="true"]') is not None
    response = client.post(f"{url}/disable")
    assert response.status_code == 409
    assert "Amal is the last administrator." in response.text
    assert client.get("/account").status_code == 200


def test_who_attests_their_own_reads_who_else_does_it(browse: Browse, cast: Cast) -> None:
    page = BeautifulSoup(browse("amal").get(f"/people/{cast.ids['amal']}").text, "html.parser")
    shown = page.select_one('form[data-action="qualification.attest"] [data-rule="qualification.attested"]')
    assert shown is not None and "Ada (administrator)" in shown.text


def test_an_attested_bar_raiser_is_shown_as_that_with_what_is_not_on_record(browse: Browse, cast: Cast) -> None:
    client = browse("amal")
    page = f"/people/{cast.ids['iris']}"
    assert "Bar Raiser as attested" not in client.get(page).text
    form = {"record": "certification", "on": "2026-01-05", "count": "1", "source": "Register of 2025"}
    assert client.post(f"{page}/attestations", data=form).status_code == 303
    told = client.get(page).text
    assert "Bar Raiser as attested. Not on record here: Nominated" in told
    assert "Next:" not in told and "not yet" not in told


def test_teams_go_on_where_the_page_ended_with_how_many_people_are_here(
    browse: Browse, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing():
        db.session.add_all(Team(name=f"Team {number:02}", department="Finance") for number in range(6))
        gone = db.session.get_one(Person, cast.ids["olga"])
        gone.disabled_at = NOON
    monkeypatch.setattr(queries, "PAGE", 4)
    client, url, seen = browse("ivan"), "/teams", dict[str, int]()
    while url:
        page = BeautifulSoup(client.get(url).text, "html.parser")
        rows = [[cell.text.strip() for cell in row.select("th, td")] for row in page.select("tbody tr")]
        assert len(rows) <= 4
        seen |= {row[0]: int(row[-1]) for row in rows}
        following = page.select_one('[rel="next"]')
        url = str(following["href"]) if following else ""
    counts = select(Team.name, func.count(Person.id)).outerjoin(
        Person, (Person.team_id == Team.id) & Person.disabled_at.is_(None)
    )
    assert seen == {row[0]: row[1] for row in db.session.execute(counts.group_by(Team.name))}
    assert len(seen) > 4


def test_a_colleague_is_named_in_capitals_or_not(cast: Cast) -> None:
    with writing():
        cast.iris.name, cast.irma.name = "Ödön Ács", "ödön Ács"
    assert [one.id for one in queries.named(" ÖDÖN ÁCS")] == sorted([cast.iris.id, cast.irma.id])
    assert [one.id for one in queries.named("Ödön Ács")] == [cast.iris.id]


def test_a_team_is_added_once(browse: Browse) -> None:
    client = browse("amal")
    assert client.post("/teams", data={"name": "Tax", "department": "Finance"}).status_code == 303
    again = client.post("/teams", data={"name": "Tax", "department": "Finance"})
    assert again.status_code == 422
    assert "There is a team named Tax already." in again.text
