"""Which functions are written in PL/SQL."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import ResolvedFunction, Translation


def session_functions(translation: Translation) -> Iterator[ResolvedFunction]:
    """Yield the functions that logon or logoff runs."""
    for function in translation.triggers.functions:
        if any(event.is_session for event in function.events):
            yield function


def plsql_functions(translation: Translation) -> Iterator[ResolvedFunction]:
    """Yield those of them in the documented form, which is PL/SQL."""
    for function in session_functions(translation):
        if function.policies.language == "native":
            yield function
