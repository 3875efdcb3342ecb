"""Which dialects are installed, and loading exactly one of them by name."""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from xtrig import hookspecs
from xtrig.checks import CHECKS
from xtrig.dialect.contract import PLUGIN_API, Dialect
from xtrig.errors import PluginError, UsageError, check_type, suggest
from xtrig.findings import Check

GROUP = "xtrig.dialects"

_DECLARED = ("name", "title", "plugin_api", "versions", "default_version", "capabilities", "spellings")
_CODE = re.compile(r"[A-Z]{2,}[0-9]{3}")
_loaded: dict[str, Dialect] = {}
_foreign: dict[str, type[Check[Any]]] = {}
"""The checks that plugins of others brought, by their codes."""


def dialect_names() -> tuple[str, ...]:
    """Return the names of the installed dialects, sorted; imports none of them."""
    return tuple(sorted({entry.name for entry in _installed()}))


@cache
def _installed() -> tuple[EntryPoint, ...]:
    # Each reading opens a file of every distribution that is installed, and one deployment asks seven times.
    return tuple(entry_points(group=GROUP))


def get_dialect(name: str) -> Dialect:
    """Return the dialect of that name; imports only its plugin.

    Raises :class:`~xtrig.errors.UsageError` for an unknown name and :class:`~xtrig.errors.PluginError` for a
    name that two distributions claim, or a plugin that does not keep the contract.
    """
    check_type(name, str, "the name of a dialect", "see: xtrig dialects")
    if name not in _loaded:
        _loaded[name] = _load(_owner(name))
    return _loaded[name]


def checks() -> dict[str, type[Check[Any]]]:
    """Return the checks by their codes: xtrig's own, and those of the dialects that are loaded."""
    dialects = [check for dialect in _loaded.values() for check in dialect.checks()]
    return {check.code: check.page for check in sorted((*CHECKS, *dialects), key=lambda check: check.code)}


def title(code: str) -> str:
    """Return what a code stands for, in a line; the code itself for one that no loaded dialect has."""
    check = checks().get(code)
    return code if check is None else check.title()


def _owner(name: str) -> EntryPoint:
    entries = [entry for entry in _installed() if entry.name == name]
    if not entries:
        raise UsageError(f"there is no dialect {name!r}; {suggest(name, dialect_names(), 'installed dialects')}")
    if len(entries) == 1:
        return entries[0]
    # An editable install next to a regular one lists the same entry point twice; that is one owner.
    owners = {(entry.value, _distribution(entry)): entry for entry in entries}
    if len(owners) > 1:
        claims = " and ".join(sorted(f"{distribution} ({value})" for value, distribution in owners))
        # Silently preferring one would let any package that happens to be installed write an audit's triggers.
        raise PluginError(f"dialect {name!r} is provided by {claims}; uninstall all but one of them")
    return next(iter(owners.values()))


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else "an unknown distribution"


def _load(entry: EntryPoint) -> Dialect:
    distribution = _distribution(entry)  # asked for once: each time the metadata are parsed, the README in them too
    source = f"the plugin {entry.value!r} of {distribution}"
    manager = pluggy.PluginManager("xtrig")
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(entry.load(), name=entry.name)
        manager.check_pending()
        answers: list[Any] = manager.hook.xtrig_register_dialect()
    except (Exception, SystemExit) as error:  # a plugin is foreign code: whatever it does, the user gets one line
        raise PluginError(f"dialect {entry.name!r}: {source} cannot be loaded: {_one_line(error)}") from error
    if len(answers) != 1 or not isinstance(answers[0], Dialect):
        raise PluginError(
            f"dialect {entry.name!r}: {source} must return one Dialect from xtrig_register_dialect, "
            f"not {answers!r}; ask its author"
        )
    _check_contract(answers[0], entry.name, source)
    if distribution != "xtrig":
        _check_codes(answers[0], source)
    return answers[0]


def _check_contract(dialect: Dialect, name: str, source: str) -> None:
    kind = type(dialect)
    for attribute in _DECLARED:
        # Inherited claims are not claims: a fork would promise what only its parent can do.
        if attribute not in vars(kind):
            raise PluginError(f"dialect {name!r}: {source}: class {kind.__name__} must declare {attribute} itself")
    if dialect.name != name:
        raise PluginError(f"dialect {name!r}: {source} names itself {dialect.name!r}; the two must be equal")
    if dialect.plugin_api != PLUGIN_API:
        raise PluginError(
            f"dialect {name!r}: {source} was written for plugin API {dialect.plugin_api}, this xtrig has "
            f"{PLUGIN_API}; install versions that go together"
        )
    if "behaviours" not in vars(kind) and dialect.behaviours:
        raise PluginError(f"dialect {name!r}: {source}: class {kind.__name__} must declare behaviours itself, or none")


def _check_codes(dialect: Dialect, source: str) -> None:
    """Refuse codes that a plugin may not give out: they say what a finding means, in waivers and in others' tools."""
    asked = f"dialect {dialect.name!r}: {source}"
    package = type(dialect).__module__.partition(".")[0]
    try:
        pages = [check.page for check in dialect.checks()]
    except Exception as error:  # foreign code, as above
        raise PluginError(f"{asked}: its checks cannot be listed: {_one_line(error)}") from error
    for check in pages:
        is_own = check.__module__.partition(".")[0] == package
        if is_own and (check.code.startswith("XT") or not _CODE.fullmatch(check.code)):
            raise PluginError(
                f"{asked}: {check.__name__} has the code {check.code!r}; codes of a plugin are a prefix of its own in "
                "capitals and three digits, such as ACME101, and XT is xtrig's"
            )
        other = _foreign.setdefault(check.code, check)
        if other is not check:
            raise PluginError(
                f"{asked}: the code {check.code} is that of {other.__name__} in {other.__module__} already; "
                "choose a prefix of its own"
            )


def _one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
