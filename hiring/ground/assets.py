"""What the page frame needs besides the request: local static files, the company's name, element ids.

Nothing is fetched from another host: Bootstrap and htmx come out of installed packages, our own files out of
``hiring/static``. Every address carries a digest of the file, so that browsers may keep it. Templates are compiled once
for all processes, not by each anew: their byte code is kept beside them, as Python keeps its own.
"""

import hashlib
import importlib.util
import sys
from contextlib import suppress
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, current_app, g, url_for
from flask_bootstrap import Bootstrap5
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

from hiring.ground.installation import Mark, installation
from hiring.ground.paths import resource


class _Compiled(FileSystemBytecodeCache):
    """Byte code of templates, for this version of ours and of Jinja; where it cannot be written, nothing is kept."""

    def __init__(self) -> None:
        super().__init__(
            str(resource("templates") / "__pycache__" / "-".join(map(metadata.version, ("hiring", "jinja2"))))
        )

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            Path(self.directory).mkdir(parents=True, exist_ok=True)
            super().dump_bytecode(bucket)


def init_app(app: Flask) -> None:
    """Serve Bootstrap and htmx locally and install the functions that the frame's templates call."""
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    Bootstrap5(app)
    if not sys.dont_write_bytecode:
        app.jinja_env.bytecode_cache = _Compiled()
    package = importlib.util.find_spec("js_lib_htmx")
    if package is None or package.origin is None:
        raise RuntimeError("the package django-js-lib-htmx is not installed")
    folder = Path(package.origin).parent / "static" / "htmx"
    app.register_blueprint(Blueprint("htmx", __name__, static_folder=folder, static_url_path="/htmx"))
    app.jinja_env.globals.update(
        asset=_asset, the_company=_company, field_id=_field_id, claim_problem=_claim_problem, problem_claimed=_claimed
    )


def _asset(filename: str, endpoint: str = "static") -> str:
    """Address of a static file, changing whenever the file does."""
    blueprint = endpoint.rpartition(".")[0]
    owner = current_app.blueprints[blueprint] if blueprint else current_app
    return url_for(endpoint, filename=filename, v=_digest(f"{owner.static_folder}/{filename}"))


@lru_cache(maxsize=64)
def _digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]


def _company() -> dict[str, Any]:
    """Name of the company and whether this is the demo; before the first set-up a plain word."""
    row = installation()
    return {"name": row.company, "demo": row.mark is Mark.DEMO} if row else {"name": "Hiring", "demo": False}


def _field_id(thing: Any, part: str = "") -> str:
    """Element id of a form or of one of its fields, unique on the page also where one form class is shown often."""
    numbers: dict[Any, int] = g.setdefault("form_numbers", {})
    name = part or thing.name  # a form says its part: it may have a field that is called name
    return f"f{numbers.setdefault(thing.meta, len(numbers) + 1)}-{name}"


def _claim_problem() -> str:
    """A form says that it shows the page's problem, so that the frame need not show it above the content."""
    g.problem_claimed = True
    return ""


def _claimed() -> bool:
    return bool(g.get("problem_claimed", False))
