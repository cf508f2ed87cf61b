"""Typed reading of environment variables; remembers each one, so that docs can be checked."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import unquote, urlsplit

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


@dataclass(frozen=True)
class Setting:
    name: str
    default: str
    help: str


# Values that must not be shown anywhere, for whoever writes logs and reports.
SECRETS: set[str] = set()
SHORTEST_SECRET = 6
REGISTRY: dict[str, Setting] = {}
# Names that stand in the environment only because a .env file has them.
FROM_FILE: set[str] = set()


class SettingError(ValueError):
    """A variable holds something that cannot be read; the message says which and what fits."""


@contextmanager
def in_a_sentence() -> Iterator[None]:
    """Exit with status 1 and a sentence on a setting or a permission that a person can mend."""
    try:
        yield
    except SettingError as error:
        sys.exit(f"A setting is wrong: {error}\ndocs/settings.md lists every setting.")
    except PermissionError as error:
        if error.filename is None:
            raise
        sys.exit(
            f"No permission for {error.filename}. "
            "Set VIBE_DATA_DIR to a directory that you may write to."
        )


def _raw(name: str, default: str, help: str) -> str:
    REGISTRY[name] = Setting(name, default, help)
    return os.environ.get(name, default)


def text(name: str, default: str = "", *, help: str) -> str:
    return _raw(name, default, help).strip()


def secret(name: str, *, help: str) -> str:
    """Like `text`, never with a default; its value must not be shown anywhere."""
    value = _raw(name, "", help).strip()
    remember_secret(value)
    return value


def remember_secret(value: str) -> None:
    """Have the value, and the password of one that is an address, left out of logs and reports."""
    with suppress(ValueError):
        for part in (value, unquote(urlsplit(value).password or "")):
            if len(part) >= SHORTEST_SECRET:
                SECRETS.add(part)


def flag(name: str, default: bool = False, *, help: str) -> bool:
    value = _raw(name, "1" if default else "0", help).strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise SettingError(f"{name} is {value!r}; it must be 1 or 0.")


def integer(name: str, default: int, *, help: str) -> int:
    value = _raw(name, str(default), help).strip()
    try:
        return int(value)
    except ValueError:
        raise SettingError(f"{name} is {value!r}; it must be a whole number.") from None


def number(name: str, default: float, *, help: str) -> float:
    value = _raw(name, f"{default:g}", help).strip()
    try:
        return float(value)
    except ValueError:
        raise SettingError(f"{name} is {value!r}; it must be a number.") from None


def dollars(name: str, *, help: str) -> Decimal | None:
    """An amount of money of 0 or more; None when it is not set."""
    value = _raw(name, "", help).strip().removeprefix("$")
    if not value:
        return None
    with suppress(InvalidOperation):
        amount = Decimal(value)
        if amount.is_finite() and 0 <= amount < 10**9:
            return amount
    raise SettingError(f"{name} is {value!r}; it must be an amount like 12.50.")


def numbers(name: str, known: Collection[str], *, help: str) -> dict[str, float]:
    """`name=value` pairs, separated by commas, of the names that are known."""
    found: dict[str, float] = {}
    for pair in listing(name, help=help):
        key, _, value = (part.strip() for part in pair.partition("="))
        try:
            found[key] = float(value)
        except ValueError:
            raise SettingError(f"{name} has {pair!r}; it must be like {key}=4.") from None
        if key not in known:
            raise SettingError(f"{name} has {key!r}; it knows {', '.join(known)}.")
    return found


def listing(name: str, default: str = "", *, help: str) -> list[str]:
    """Comma-separated values, blanks dropped."""
    return [item.strip() for item in _raw(name, default, help).split(",") if item.strip()]


def path(name: str, default: Path, *, help: str) -> Path:
    value = _raw(name, "", help).strip()
    return Path(value).expanduser().absolute() if value else default


def optional_path(name: str, *, help: str) -> Path | None:
    value = _raw(name, "", help).strip()
    return Path(value).expanduser().absolute() if value else None


def load_file(file: Path) -> None:
    """Read a .env file; what is in the environment already wins. A value is what stands there:
    `$NAME` in it is not replaced."""
    # Here, because the bootstrap imports this module where no package is installed yet.
    from dotenv import dotenv_values

    for name, value in dotenv_values(file, interpolate=False).items():
        if value is not None and name not in os.environ:
            os.environ[name] = value
            FROM_FILE.add(name)


def forget_file() -> None:
    """Take what `load_file` brought out of the environment again, for programs started from here
    that are to know only what the person's shell says."""
    for name in FROM_FILE:
        os.environ.pop(name, None)
    FROM_FILE.clear()
