"""A mixed load: arrivals by schedule, whether or not earlier ones were answered; nine reads to a write.

The client shares the machine with the server, so it does as little as it can: connections stay open, and of an answer
it reads the status and skips the body. Latency counts from the scheduled arrival.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlencode

import psutil
from sqlalchemy import select

from hiring.ground.database import db
from hiring.pipeline.models import Application
from tests.bench.companies import Company, say
from tests.bench.pages import FLOOR
from tests.bench.reads import WRITE, Opened, opened

RATE = 100
"""Requests a second."""
WRITES = 0.1
IDLE = 1.0
"""Seconds after which a connection is not used again: the server closes it after two."""
_VERSION = re.compile(rb'name="version"[^>]* value="(\d+)"')
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Client:
    """Connections to one server, used again while they are fresh."""

    port: int
    idle: list[tuple[float, Line]] = field(default_factory=list)

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """One exchange: status and body."""
        line = await self._line()
        reader, writer = line
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        body = await reader.readexactly(int(length[1])) if length else b""
        if b"onnection: close" in head:
            writer.close()
        else:
            self.idle.append((time.monotonic(), line))
        return int(head[9:12]), body

    async def _line(self) -> Line:
        while self.idle:
            since, line = self.idle.pop()
            if time.monotonic() - since < IDLE and not line[0].at_eof():
                return line
            line[1].close()
        return await asyncio.open_connection("127.0.0.1", self.port)


def _get(address: str, cookie: str) -> bytes:
    return f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()


def _post(address: str, cookie: str, fields: dict[str, str]) -> bytes:
    body = urlencode(fields)
    kind = "Content-Type: application/x-www-form-urlencoded"
    head = f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n{kind}\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n{body}".encode()


Request = Callable[[], Awaitable[int]]


class Writers:
    """What is written, as the forms would: notes on a recruiter's applications, drafts of feedback, a time zone."""

    def __init__(self, there: Opened, client: Client, chance: Random) -> None:
        self.client, self.chance = client, chance
        self.recruiter = there.marks.reader("recruiter", "fresh")
        self.cookies, self.tokens = there.browser.cookies, there.browser.tokens
        self.drafts = [(person, seat, asyncio.Lock()) for person, seat in there.marks.authors.items()]
        app = there.company.app()
        with app.app_context():
            requisition = there.marks.value("requisition_id", "fresh")
            query = select(Application.id).where(Application.requisition_id == requisition, Application.ended.is_(None))
            self.noted = list(db.session.scalars(query.limit(200)))
            db.engine.dispose()

    def any(self) -> Request:
        """One of the writes."""
        return self.chance.choice([self.note, self.zone, self.save if self.drafts else self.note])

    async def note(self) -> int:
        address = f"/applications/{self.chance.choice(self.noted)}/notes"
        return await self._send(self.recruiter, address, {"text": "They asked about the date."})

    async def zone(self) -> int:
        zone = self.chance.choice(["Europe/Berlin", "Europe/London"])
        return await self._send(self.recruiter, "/account/time-zone", {"time_zone": zone})

    async def save(self) -> int:
        author, seat, drafting = self.chance.choice(self.drafts)
        form = f"/seats/{seat}/feedback"
        async with drafting:  # nobody saves twice at a time
            _, page = await self.client.ask(_get(form, self.cookies[author]))
            version = _VERSION.search(page)
            fields = {"summary": f"Clear {self.chance.random()}.", "version": version[1].decode() if version else "0"}
            return await self._send(author, f"{form}/save", fields)

    async def _send(self, person: int, address: str, fields: dict[str, str]) -> int:
        body = fields | {"csrf_token": self.tokens[person], "submission_key": f"{self.chance.getrandbits(64):x}"}
        status, _ = await self.client.ask(_post(address, self.cookies[person], body))
        return status


def run(company: Company, seconds: int, rate: int = RATE) -> dict[str, Any]:
    """Load one company's server and tell latencies, errors and memory."""
    say(f"{company.name} applications on {company.engine}: {rate} requests a second for {seconds} s ...")
    with opened(company) as there:
        return asyncio.run(_run(there, seconds, rate))


async def _run(there: Opened, seconds: int, rate: int) -> dict[str, Any]:
    chance, client = Random(17), Client(there.browser.port)
    writers = Writers(there, client, chance)
    reads = [
        _get(address, there.browser.cookies.get(person or 0, ""))
        for name, (address, person) in there.addresses.items()
        if name not in (WRITE, FLOOR.name)
    ]
    latencies: dict[str, list[float]] = {"reads": [], "writes": []}
    answers: Counter[str] = Counter()

    async def one(kind: str, request: Request, due: float) -> None:
        try:
            status = await request()
        except (OSError, asyncio.IncompleteReadError) as error:
            answers[type(error).__name__] += 1
            return
        latencies[kind].append(time.perf_counter() - due)
        answers[str(status)] += 1

    async def read(request: bytes) -> int:
        return (await client.ask(request))[0]

    for request in reads * 2:
        await read(request)
    memory = asyncio.create_task(_watch(psutil.Process(there.process.pid), seconds))
    started, tasks = time.perf_counter(), set[asyncio.Task[None]]()
    for number in range(seconds * rate):
        due = started + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        if chance.random() < WRITES:
            task = asyncio.create_task(one("writes", writers.any(), due))
        else:
            chosen = chance.choice(reads)
            task = asyncio.create_task(one("reads", lambda chosen=chosen: read(chosen), due))  # type: ignore[misc]
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    latencies["all"] = latencies["reads"] + latencies["writes"]
    return {
        "rate": rate,
        "seconds": seconds,
        "latency": {
            kind: _shares(taken)
            for kind, taken in (*latencies.items(), ("all", latencies["reads"] + latencies["writes"]))
        },
        "answers": dict(answers),
        "memory": await memory,
    }


def _shares(taken: list[float]) -> dict[str, float]:
    ordered = sorted(taken) or [0.0]
    at = {name: ordered[min(len(ordered) - 1, int(share * len(ordered)))] for name, share in SHARES.items()}
    return {"n": len(taken)} | {name: round(1_000 * seconds, 1) for name, seconds in at.items()}


SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}


async def _watch(main: psutil.Process, seconds: int) -> dict[str, float]:
    """Mean megabytes of all server processes in the first and in the last minute (or fifth, where it is shorter)."""
    samples = []
    for _ in range(seconds):
        samples.append(sum(each.memory_info().rss for each in [main, *main.children(recursive=True)]) / 1e6)
        await asyncio.sleep(1)
    many = max(1, min(60, seconds // 5))
    return {"first": round(sum(samples[:many]) / many, 1), "last": round(sum(samples[-many:]) / many, 1)}
