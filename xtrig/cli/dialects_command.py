"""``xtrig dialects``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from xtrig.cli.parameters import complete_dialect, form_option, loadable_dialects, version_option
from xtrig.dialect import Capability, Claim, Dialect, Spelling, Version
from xtrig.facts import FACTS, Event, Fact, Item


@click.command("dialects")
@click.argument("name", required=False, metavar="[DIALECT]", shell_complete=complete_dialect)
@version_option
@form_option("text", "json", help_text="text or json.")
def command(name: str | None, target_version: str | None, form: str) -> None:
    """List the dialects, or show what one can do: events, session facts, and how each is known.

    With a name, the first table says what each event is on each version; what follows is for one version.

    \b
      xtrig dialects
      xtrig dialects polardb
      xtrig dialects postgresql --target-version 16
    """
    from xtrig.registry import get_dialect

    if name is None:
        if target_version is not None:
            raise click.UsageError("--target-version goes with the name of a dialect", click.get_current_context())
        dialects = loadable_dialects()
        click.echo(json.dumps([brief(each) for each in dialects], indent=2) if form == "json" else _list(dialects))
    else:
        dialect = get_dialect(name)
        version = dialect.parse_version(target_version)
        data = as_data(dialect, version)
        click.echo(json.dumps(data, indent=2) if form == "json" else as_text(dialect, version))


def _list(dialects: list[Dialect]) -> str:
    width = max((len(dialect.name) for dialect in dialects), default=0)
    return "\n".join(
        f"{dialect.name:<{width}}  {dialect.title}; versions {', '.join(dialect.versions)}, "
        f"default {dialect.default_version}"
        for dialect in dialects
    )


TITLES = {
    "on_error": "an error",
    "deny_binds": "a deny",
    "exempt": "exempt",
    "transaction": "transaction",
    "order": "order",
    "way_out": "way out",
}
"""The labels of a capability's claims."""


def versions_shown(dialect: Dialect) -> list[str]:
    """Return the versions of a dialect, oldest first, its default included."""
    texts = {*dialect.versions, dialect.default_version}
    return sorted(texts, key=dialect.parse_version)


def worded(name: str, claim: Claim[Any]) -> str:
    """Return a claim's value in words."""
    if name == "deny_binds":
        return "binds" if claim else "does not bind"
    return str(claim)


def as_text(dialect: Dialect, version: Version) -> str:
    """Return everything a dialect declares: event by version, then one version in full."""
    target = ".".join(map(str, version))
    lines = [f"{dialect.name}: {dialect.title}", f"versions: {', '.join(dialect.versions)}"]
    lines += ["", "event by version", *_matrix(dialect), "", f"events on {target}"]
    for _, capability in dialect.described(version):
        lines += _event(capability)
    return "\n".join([*lines, "", f"session facts on {target}", *_facts(dialect, version)])


def brief(dialect: Dialect) -> dict[str, object]:
    """Return a dialect's name and versions as data."""
    return {
        "name": dialect.name,
        "title": dialect.title,
        "versions": list(dialect.versions),
        "default_version": dialect.default_version,
    }


def as_data(dialect: Dialect, version: Version) -> dict[str, object]:
    """Return everything a dialect declares as data: the events on every version, the facts on one."""
    matrix = [
        {"version": shown, **capability.to_dict()}
        for shown in versions_shown(dialect)
        for _, capability in dialect.described(dialect.parse_version(shown))
    ]
    facts = [
        {
            "fact": str(fact),
            "sql": spelling.sql,
            "events": sorted(spelling.events),
            "item": spelling.item,
            "note": spelling.remark,
            **spelling.evidence.at(version).to_dict(),
        }
        for fact, spellings in dialect.spellings.items()
        for spelling in spellings
    ]
    return {**brief(dialect), "events": matrix, "facts_version": ".".join(map(str, version)), "facts": facts}


def _matrix(dialect: Dialect) -> Iterator[str]:
    shown = versions_shown(dialect)
    columns = [[str(event) for event in Event]]
    for text in shown:
        found = dialect.described(dialect.parse_version(text))
        columns.append([f"{capability.support}, {capability.verified}" for _, capability in found])
    widths = [max(map(len, (head, *column))) for head, column in zip(["", *shown], columns, strict=True)]
    for row in (["", *shown], *zip(*columns, strict=True)):
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()


def _event(capability: Capability) -> Iterator[str]:
    yield f"  {capability.event}: {capability.support}  {capability.spelling}".rstrip()
    if capability.reason:
        yield f"    why not native: {capability.reason}"
    yield f"    known: {capability.evidence}" if capability.source else "    known: declared by leaving it out"
    for name, claim in capability.cells.items():
        if claim.source:
            yield f"    {TITLES[name]}: {worded(name, claim)}  ({claim.evidence})"


def _facts(dialect: Dialect, version: Version) -> Iterator[str]:
    for fact in Fact:
        for sql, (events, spelling) in _usable(dialect, fact, version).items():
            where = "" if len(events) == len(Event) else f" at {', '.join(events)}"
            note = f"  -- {spelling.remark}" if spelling.remark else ""
            yield f"  {fact}{where} = {sql} ({spelling.evidence}){note}"


def _usable(dialect: Dialect, fact: Fact, version: Version) -> dict[str, tuple[list[str], Spelling]]:
    """Return the expressions of a fact on a version, each with the events that it is valid for."""
    found: dict[str, tuple[list[str], Spelling]] = {}
    for event in Event:
        for item in (None, *(each for each in Item if each.event is event)):
            spelling = dialect.spelling(fact, event, item, version)
            if spelling is not None and event in FACTS[fact].events:
                events, _ = found.setdefault(spelling.sql, ([], spelling.at(version)))
                events += [event] if event not in events else []
    return found
