"""Where templates, static files and migrations lie: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
_BUNDLED = PACKAGE / "_bundled"


def resource(name: str) -> Path:
    """Return the folder ``templates`` or ``migrations``, wherever this installation keeps it."""
    bundled = _BUNDLED / name
    return bundled if bundled.is_dir() else PACKAGE.parent / name
