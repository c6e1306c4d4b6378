"""The audit log of many lives at once: entries by the time of their lives, each chained to the one before it.

A process of its own tells it (``seed.telling``), while this one copies the lives; what it told is then taken over.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hiring.ground.config import settings
from hiring.ground.paths import PACKAGE
from seed.large.bulk import Broken
from seed.large.copying import REQUISITION, Copier, Made
from seed.large.lives import Life, Noted
from seed.telling import Copy, Line, Story

COLUMNS = "position, at, actor_id, act, subject, subject_id, details_digest, previous_hash, hash"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Told:
    """A life with its copies, as the chain tells them."""

    life: Life
    copies: Sequence[Copy]
    made: Made


class Chain:
    """The log that is being told meanwhile."""

    def __init__(self, copier: Copier, path: Path, teller: subprocess.Popen[bytes]) -> None:
        self._copier, self._path, self._teller = copier, path, teller

    def write(self) -> int:
        """Wait for its end, and write it in place of the log so far; returns how many entries it has."""
        if self._teller.wait():
            raise Broken("the process that tells the audit log failed")
        run, raw = self._copier.run, self._copier.raw
        if self._copier.sqlite:
            self._copier.connection.commit()
            raw.execute("ATTACH ? AS told", (str(self._path),))
            for table in ("audit_text", "audit_head", "audit_entry"):
                run(f"DELETE FROM {table}")  # noqa: S608  (a name of ours)
            for table in ("audit_entry", "audit_text"):  # alike and empty: SQLite moves whole rows and index entries
                run(f"INSERT INTO {table} SELECT * FROM told.{table}")  # noqa: S608  (a name of ours)
            self._copier.connection.commit()
            raw.execute("DETACH told")
        else:
            self._read()
        run("INSERT INTO audit_head SELECT 1, position, hash FROM audit_entry ORDER BY position DESC LIMIT 1")
        return int(self._copier.connection.exec_driver_sql("SELECT position FROM audit_head").scalar_one())

    def _read(self) -> None:
        run = self._copier.run
        run(
            "CREATE TEMPORARY TABLE seed_text AS SELECT e.details_digest AS digest, t.salt, t.details "
            "FROM audit_entry e JOIN audit_text t USING (position)"
        )
        for table in ("audit_text", "audit_head", "audit_entry"):
            run(f"DELETE FROM {table}")  # noqa: S608  (a name of ours)
        with (
            self._path.open("rb") as file,
            self._copier.raw.cursor() as cursor,
            cursor.copy(f"COPY audit_entry ({COLUMNS}) FROM STDIN") as copy,
        ):
            while block := file.read(_BLOCK):
                copy.write(block)
        run(
            "INSERT INTO audit_text (position, salt, details) SELECT e.position, t.salt, t.details FROM audit_entry e "
            "JOIN seed_text t ON t.digest = e.details_digest"
        )


@contextmanager
def telling(copier: Copier, told: Sequence[Told]) -> Iterator[Chain]:
    """Let the log of these lives be told while the caller writes their rows."""
    with TemporaryDirectory(dir=settings().data_dir, prefix="seed-") as folder:
        path, story = Path(folder) / "audit", Path(folder) / "story"
        story.write_text(json.dumps(_story(copier, told, path)), encoding="utf-8")
        command = [sys.executable, "-m", "seed.telling", str(story)]
        with subprocess.Popen(command, cwd=PACKAGE.parent) as teller:  # noqa: S603  (our own module, our own file)
            try:
                yield Chain(copier, path, teller)
            except BaseException:
                teller.kill()
                raise


def _story(copier: Copier, told: Sequence[Told], path: Path) -> Story:
    ask = copier.connection.exec_driver_sql
    texts = ask(
        "SELECT e.details_digest, t.salt, CAST(t.details AS TEXT) FROM audit_entry e JOIN audit_text t USING (position)"
    )
    query = "SELECT sql FROM sqlite_master WHERE tbl_name IN ('audit_entry', 'audit_text') AND sql IS NOT NULL"
    schema = ask(query).scalars() if copier.sqlite else ()
    return {
        "path": str(path),
        "schema": list(schema),
        "house": asdict(copier.house),
        "lives": [
            ([_line(entry, one, copier) for entry in one.life.audit], list(one.copies))
            for one in told
            if one.life.audit
        ],
        "texts": [tuple(row) for row in texts],
    }


def _line(entry: Noted, one: Told, copier: Copier) -> Line:
    walked: int | None = entry.subject_id
    first, step, by_requisition = None, 0, False
    if entry.subject_id is not None and entry.ranked:
        walked = one.life.ids[entry.subject][entry.subject_id]
        first, step = one.made.id(entry.subject, 0, entry.subject_id), one.made.width[entry.subject]
    elif entry.subject in REQUISITION and copier.requisitions is not None:
        life, others = copier.requisitions
        rank = life.rank(entry.subject, entry.subject_id)
        if rank is not None:
            first, step, by_requisition = others.id(entry.subject, 0, rank), others.width[entry.subject], True
    at = int(entry.at.timestamp())
    return Line(at, entry.actor_id, entry.act, entry.subject, entry.digest, walked, first, step, by_requisition)
