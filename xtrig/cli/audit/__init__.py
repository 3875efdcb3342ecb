"""``xtrig audit``: the subcommands that list records are in ``listings``, the others have a module each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import click

from xtrig.cli import LazyGroup


class _Audit(LazyGroup):
    words: ClassVar[Mapping[str, str]] = {
        "ddl": "List DDL commands: who changed what, and when.",
        "failed": "List refused logins.",
        "report": "Report on a period: a summary, all its records, or a page.",
        "sessions": "List sessions: who logged in, from where, until when.",
        "verify": "Look for signs of tampering.",
        "who": "List the sessions that are open now.",
    }

    def place_of(self, name: str) -> tuple[str, str]:
        has_module = name in ("report", "verify")
        return f"xtrig.cli.audit.{name if has_module else 'listings'}", "command" if has_module else name


@click.group("audit", cls=_Audit, no_args_is_help=False)
def command() -> None:
    """Read what a definition with 'sessions' recorded, on every vendor in the same words.

    Whoever reads needs the role that the definition names as its reader, by default audit_reader.

    \b
      xtrig audit who --url service=shop
      xtrig audit sessions --since 7d --user alice --format csv > sessions.csv
      xtrig audit report --since 4w --html audit.html --url service=shop --url service=erp
      xtrig audit verify audit.yaml --url service=shop
    """
