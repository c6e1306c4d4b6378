"""The one clock. Views, jobs and commands read it and pass ``now`` down; nothing below them asks for the time."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

_offset_file: Path | None = None


def allow_offset(file: Path | None) -> None:
    """Let the seconds written in ``file`` shift this process's clock; only for databases marked demo or test."""
    global _offset_file  # noqa: PLW0603  (a process has one clock)
    _offset_file = file


def now() -> datetime:
    """The current instant in UTC, shifted by the offset file where one is allowed."""
    return datetime.now(UTC) + _offset()


def set_offset(file: Path, offset: timedelta) -> None:
    """Write an offset for every process that reads ``file``; replaced in one go, so nobody reads half of it."""
    beside = file.with_suffix(f".{os.getpid()}")
    beside.write_text(str(offset.total_seconds()))
    beside.replace(file)


def _offset() -> timedelta:
    if _offset_file is None:
        return timedelta()
    try:
        return timedelta(seconds=float(_offset_file.read_bytes()))
    except (OSError, ValueError):
        return timedelta()
