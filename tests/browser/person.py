"""Somebody at a browser: opens pages, reads labels, fills forms, presses buttons. Knows nothing of what is inside."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request

from tests.browser.company import Company

Answer: TypeAlias = str | bool | list[str] | Path
"""A text or the name of a choice, a tick, several ticks, or a file."""


class Person:
    """One person, one browser context; ``name`` empty is a stranger who never signs in."""

    def __init__(self, browser: Browser, company: Company, name: str = "") -> None:
        self.name, self.company = name, company
        self.context = browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 900})
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        watch(self.page, company)

    def open(self, path: str) -> None:
        """Go to a page; sign in first where asked."""
        self.page.goto(self.company.url + path)
        if self.name and urlsplit(self.page.url).path == "/sign-in":
            with self.page.expect_navigation():
                self.page.get_by_role("button", name=f"Sign in as {self.name}", exact=True).click()
            if urlsplit(self.page.url).path != urlsplit(path).path:
                self.page.goto(self.company.url + path)

    def follow(self, words: str) -> None:
        """Click the link with these words, rather in the content than in the navigation above it."""
        inside, anywhere = (
            place.get_by_role("link", name=words, exact=True) for place in (self.page.locator("main"), self.page)
        )
        with self.page.expect_navigation():
            (inside if inside.count() else anywhere).first.click()

    @property
    def path(self) -> str:
        """Where they are."""
        return urlsplit(self.page.url).path

    @property
    def sees(self) -> str:
        """The words on the page, without what is folded away."""
        return self.page.locator("main").inner_text()

    def form(self, action: str, within: Locator | None = None) -> Locator:
        """The form that does this, unfolded."""
        form = (within or self.page.locator("main")).locator(f'form[data-action="{action}"]').first
        for summary in form.locator("xpath=ancestor::details[not(@open)]/summary").all():
            summary.click()
        return form

    def stopped_by(self, action: str) -> list[str]:
        """The rules that the page names beside a button that it blocks; empty where the button works."""
        form = self.form(action)
        rules = form.locator(".refusal-block").evaluate_all("all => all.map(one => one.dataset.rule)")
        blocked = form.locator("button[type=submit]").last.get_attribute("aria-disabled") == "true"
        assert blocked == bool(rules), f"{action}: blocked is {blocked}, beside {rules}"
        return [str(rule) for rule in rules]

    def asked_why(self, action: str) -> list[str]:
        """The rules that ask for a written reason before the button works."""
        reasons = self.form(action).locator('textarea[name^="reason."]')
        return [str(name).removeprefix("reason.") for name in reasons.evaluate_all("all => all.map(one => one.name)")]

    def act(self, action: str, answers: Mapping[str, Answer] | None = None, within: Locator | None = None) -> None:
        """Fill a form by its labels and press its button; whatever the page then complains about fails the test."""
        form = self.form(action, within)
        for label, answer in (answers or {}).items():
            fill(form, label, answer)
        button = form.locator("button[type=submit]").last
        risky = button.get_attribute("data-confirm")
        with self.page.expect_navigation():
            button.click()
            if risky:
                self.page.get_by_role("button", name="Yes, go on").click()
        problem = self.page.locator("[data-focus]")
        assert not problem.count(), f"{self.name}, {action}: {problem.first.inner_text()}"

    def close(self) -> None:
        """Close the browser's context."""
        self.context.close()


def fill(form: Locator, label: str, answer: Answer) -> None:
    """Answer one question of a form."""
    words = re.compile(rf"^\s*{re.escape(label)}\s*(\(optional\))?\s*$")
    if isinstance(answer, list):
        for one in answer:
            form.get_by_role("group", name=words).get_by_label(re.compile(rf"^{re.escape(one)}\b")).check()
        return
    choices = form.get_by_role("radiogroup", name=words)
    if isinstance(answer, str) and choices.count():
        choices.get_by_label(answer, exact=True).check()
        return
    field = form.get_by_label(words)
    if isinstance(answer, bool):
        field.check()
    elif isinstance(answer, Path):
        field.set_input_files(answer)
    elif field.evaluate("field => field.tagName") == "SELECT":
        field.select_option(label=answer)
    else:
        field.fill(answer)


def watch(page: Page, company: Company) -> None:
    """Note what no page may do: complain in the console, fail, or ask another host for anything."""

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            company.complaints.append(f"{page.url}: {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith((company.url + "/", "data:", "blob:")):
            company.complaints.append(f"{page.url}: asked {request.url}")

    page.on("console", heard)
    page.on("request", asked)
    page.on("pageerror", lambda error: company.complaints.append(f"{page.url}: {error}"))
