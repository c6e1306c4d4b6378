"""One Chromium for all browser tests."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

pytest.register_assert_rewrite("tests.browser.steps", "tests.browser.person")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; without one the tests skip, or fail where HIRING_REQUIRE_BROWSER=1 demands it."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    chromium = next((path for name in names if (path := shutil.which(name))), None)
    if chromium is None:
        words = "no Chromium on this machine: the browser tests did not run (Debian: apt install chromium)"
        if os.environ.get("HIRING_REQUIRE_BROWSER") == "1":
            pytest.fail(words)
        pytest.skip(words)
    arguments = ["--no-sandbox", "--disable-gpu", "--in-process-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield started
        started.close()
