"""``module:NAME``: a set that a program makes, named on the command line where a file could be."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path

from xtrig.errors import UsageError, XtrigError, suggest
from xtrig.model import TriggerSet

_REFERENCE = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*):([^\W\d]\w*(?:\.[^\W\d]\w*)*)\Z")


def is_reference(word: str) -> bool:
    """Whether ``word`` is ``module:NAME`` and no file of that name is there."""
    return _REFERENCE.match(word) is not None and not Path(word).exists()


def load_reference(word: str) -> TriggerSet:
    """Import the module, with the folder one is in among the places where modules are, and return the set.

    Raises :class:`~xtrig.errors.UsageError` where there is no such module, name or set; an error of xtrig's that the
    module raises passes.
    """
    found = _REFERENCE.match(word)
    assert found is not None, word  # noqa: S101  # for mypy: is_reference() has looked
    module, name = found.groups()
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        value: object = import_module(module)
    except XtrigError:
        raise
    except (Exception, SystemExit) as error:  # a user's program may do anything
        why = " ".join(f"{type(error).__name__}: {error}".split())
        raise UsageError(f"{word}: cannot import {module}: {why}; see that it can be imported from here") from None
    for part in name.split("."):
        if not hasattr(value, part):
            raise UsageError(f"{word}: {part} is not there; {suggest(part, _sets(value), 'sets there')}")
        value = getattr(value, part)
    if not isinstance(value, TriggerSet):
        kind = type(value).__name__
        raise UsageError(
            f"{word} is of type {kind}, not a TriggerSet; {suggest(name, _sets(sys.modules[module]), 'sets there')}"
        )
    return value


def _sets(value: object) -> list[str]:
    return (
        [name for name, each in vars(value).items() if isinstance(each, TriggerSet)]
        if hasattr(value, "__dict__")
        else []
    )
