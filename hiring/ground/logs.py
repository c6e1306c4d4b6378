"""Logs: one JSON object per line on stderr, ours and the libraries' alike, with the request id where there is one."""

import contextlib
import io
import logging
import sys
from typing import Any, TextIO, cast

import structlog


def configure(level: int = logging.INFO) -> None:
    """Set up this process's logging; calling it again changes nothing but the level."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    to_json = structlog.processors.JSONRenderer(default=str)
    structlog.configure(
        processors=[*shared, to_json],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Made anew for each logger, because tests and servers exchange sys.stderr.
        logger_factory=lambda *_: structlog.PrintLogger(cast(TextIO, _Unfailing())),
        cache_logger_on_first_use=False,
    )
    handler = _Stderr()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, to_json],
        )
    )
    handler.set_name("hiring")
    root = logging.getLogger()
    root.handlers = [kept for kept in root.handlers if kept.get_name() != "hiring"] + [handler]
    root.setLevel(max(level, logging.WARNING))  # libraries speak up when something is wrong


class _Unfailing(io.TextIOBase):
    """sys.stderr, without errors: a log on a full disk loses lines, and no request with them."""

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.flush()


class _Stderr(logging.StreamHandler[Any]):
    """Writes to whatever sys.stderr is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)
