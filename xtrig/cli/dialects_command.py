"""``xtrig dialects``."""

from __future__ import annotations

import json

import click

from xtrig.cli.parameters import complete_dialect, loadable_dialects
from xtrig.dialect import Dialect, Spelling
from xtrig.facts import FACTS, Event, Fact, Item


@click.command("dialects")
@click.argument("name", required=False, metavar="[DIALECT]", shell_complete=complete_dialect)
@click.option("-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", help="text or json.")
def command(name: str | None, form: str) -> None:
    """List the dialects, or show what one can do: events, session facts, and how each is known.

    \b
      xtrig dialects
      xtrig dialects polardb
    """
    from xtrig.registry import get_dialect

    if name is None:
        dialects = loadable_dialects()
        click.echo(json.dumps([_brief(each) for each in dialects], indent=2) if form == "json" else _list(dialects))
    else:
        dialect = get_dialect(name)
        click.echo(json.dumps(_full(dialect), indent=2) if form == "json" else _show(dialect))


def _list(dialects: list[Dialect]) -> str:
    width = max((len(dialect.name) for dialect in dialects), default=0)
    return "\n".join(
        f"{dialect.name:<{width}}  {dialect.title}; versions {', '.join(dialect.versions)}, "
        f"default {dialect.default_version}"
        for dialect in dialects
    )


def _show(dialect: Dialect) -> str:
    lines = [f"{dialect.name}: {dialect.title}", f"versions: {', '.join(dialect.versions)}", "", "events"]
    for event, capability in dialect.described():
        lines.append(f"  {event}: {capability.support} ({capability.verified})  {capability.spelling}".rstrip())
        said = {
            "an error": capability.on_error,
            "a deny": "binds" if capability.deny_binds else "does not bind",
            "exempt": capability.exempt,
            "transaction": capability.transaction,
            "order": capability.order,
            "way out": capability.way_out,
            "why not": capability.reason,
            "source": capability.source,
        }
        lines += [f"    {key}: {text}" for key, text in said.items() if text]
    lines += ["", "session facts"]
    for fact in Fact:
        for sql, (events, spelling) in _usable(dialect, fact).items():
            where = "" if len(events) == len(Event) else f" at {', '.join(events)}"
            note = f"  -- {spelling.note}" if spelling.note else ""
            lines.append(f"  {fact}{where} = {sql} ({spelling.verified}){note}")
    return "\n".join(lines)


def _usable(dialect: Dialect, fact: Fact) -> dict[str, tuple[list[str], Spelling]]:
    """Return what a fact is on the default version, by expression, with the events where it is that."""
    version = dialect.parse_version(None)
    found: dict[str, tuple[list[str], Spelling]] = {}
    for event in Event:
        for item in (None, *(each for each in Item if each.event is event)):
            spelling = dialect.spelling(fact, event, item, version)
            if spelling is not None and event in FACTS[fact].events:
                events, _ = found.setdefault(spelling.sql, ([], spelling))
                events += [event] if event not in events else []
    return found


def _brief(dialect: Dialect) -> dict[str, object]:
    return {
        "name": dialect.name,
        "title": dialect.title,
        "versions": list(dialect.versions),
        "default_version": dialect.default_version,
    }


def _full(dialect: Dialect) -> dict[str, object]:
    facts = [
        {
            "fact": str(fact),
            "sql": spelling.sql,
            "events": sorted(spelling.events),
            "item": spelling.item,
            "note": spelling.note,
            "source": spelling.source,
            "verified": str(spelling.verified),
        }
        for fact, spellings in dialect.spellings.items()
        for spelling in spellings
    ]
    return {**_brief(dialect), "events": [entry.to_dict() for entry in dialect.capabilities], "facts": facts}
