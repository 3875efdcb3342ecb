"""Errors of xtrig: every one is a sentence for the user, none is a bug report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xtrig.findings import Finding


class XtrigError(Exception):
    """Anything xtrig can say no to. ``str(error)`` is one line, or one line for each finding."""


class FindingsError(XtrigError):
    """A definition with findings of severity error.

    ``findings`` holds all of them, warnings too, in the order of the definition.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class DefinitionError(FindingsError):
    """The definition itself is wrong, whatever the dialect."""


class RefusedError(FindingsError):
    """The definition is sound, but this dialect or version cannot keep its meaning."""


class UsageError(XtrigError):
    """A call that cannot work: a file that is not there, an unknown dialect or version."""


class PluginError(XtrigError):
    """A dialect plugin that is broken, or that claims a name another one holds."""


class DatabaseError(XtrigError):
    """A server that refused, or could not be reached. Never holds a password."""


class DriverError(DatabaseError):
    """What a driver reports, whichever it is: one line, with the SQLSTATE where there is one.

    ``is_broken`` is whether the connection is gone, ``sqlstate`` five characters or None. ``is_locked`` is whether
    others were in the way, with a lock or a change of the same row, so that the same may work a moment later.
    ``is_raised`` is whether the text of a function raised it on purpose, as a deny does, and not the server.
    ``is_needed`` is whether something is not dropped since other objects depend on it.
    ``place`` is the outermost function and its line, in the server's language, "" outside functions.
    """

    def __init__(
        self,
        message: str,
        *,
        sqlstate: str | None = None,
        is_broken: bool = False,
        is_locked: bool = False,
        is_raised: bool = False,
        is_needed: bool = False,
        place: str = "",
    ) -> None:
        self.sqlstate = sqlstate
        self.is_broken = is_broken
        self.is_locked = is_locked
        self.is_raised = is_raised
        self.is_needed = is_needed
        self.place = place
        super().__init__(message)


def check_type(given: object, wanted: type | tuple[type, ...], name: str, hint: str = "") -> None:
    """Say in one line that an argument is of another type than ``wanted``, and what to give instead.

    Raises :class:`UsageError`.
    """
    if not isinstance(given, wanted):
        kind = type(given)
        found = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
        names = " or ".join(each.__name__ for each in (wanted if isinstance(wanted, tuple) else (wanted,)))
        raise UsageError(f"{name} is a {names}, and this is of type {found}; {hint or 'give one'}")


@contextmanager
def database_errors(doing: str) -> Iterator[None]:
    """Say of a driver's error what failed: ``doing: reason``. Raises :class:`DatabaseError`."""
    try:
        yield
    except DriverError as error:
        raise DatabaseError(f"{doing}: {error}") from None


def is_near(word: str, legal: Iterable[str]) -> bool:
    """Whether a legal word differs by so little that ``word`` is taken for a misspelling of it."""
    import difflib  # noqa: PLC0415  # most words are legal

    return bool(difflib.get_close_matches(word, list(legal), n=1, cutoff=0.9))


def suggest(word: str, legal: Iterable[str], noun: str = "legal here") -> str:
    """Say what to write instead of ``word``: the nearest legal words, or all of them if none is near."""
    import difflib  # noqa: PLC0415  # most runs suggest nothing

    words = sorted({str(word) for word in legal})
    near = difflib.get_close_matches(word, words, n=3, cutoff=0.55)
    if near:
        return "did you mean " + " or ".join(repr(str(candidate)) for candidate in near) + "?"
    # A name may hold anything, and a message is one line.
    listed = [word if word.isprintable() else repr(word) for word in words]
    return f"{noun}: " + (", ".join(listed) or "none")
