"""Password hashes: argon2id, at most two at once per process, and never inside a transaction (a hash takes 0.2 s)."""

from base64 import b64encode
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hiring.ground import turns

_gate = BoundedSemaphore(2)  # each hash takes 64 MiB
_hasher = PasswordHasher()


def configure(*, cheap: bool) -> None:
    """Choose the cost: argon2's own default, or almost none (tests)."""
    global _hasher  # noqa: PLW0603  (a process has one cost)
    _hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if cheap else PasswordHasher()


def hash_password(password: str) -> str:
    """The hash to store."""
    turns.pass_on()
    with _gate:
        return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password belongs to the stored hash; without one it takes as long and says no."""
    turns.pass_on()
    with _gate:
        try:
            return _hasher.verify(stored or _nobodys_hash(), password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def _nobodys_hash() -> str:
    salt, digest = (b64encode(bytes(size)).decode().rstrip("=") for size in (16, 32))
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"
