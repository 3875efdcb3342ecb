"""All that a dialect plugin imports from xtrig, in one place."""

from xtrig.dialect import (
    PLUGIN_API,
    Capability,
    Dialect,
    Spelling,
    Support,
    Verified,
    Version,
    find_spelling,
    parse_version,
)
from xtrig.errors import XtrigError
from xtrig.expressions import Template, parse_template
from xtrig.facts import ALL_EVENTS, DDL_EVENTS, FACTS, Event, Fact, Item
from xtrig.findings import Finding, Path, Severity
from xtrig.hookspecs import hookimpl
from xtrig.lexer import has_vendor_literal
from xtrig.resolve import (
    EffectivePolicies,
    ResolvedFunction,
    ResolvedSet,
    ResolvedTable,
    ResolvedTrigger,
    uses,
    walk,
)
from xtrig.script import Framing, Hazard, Script, Statement
from xtrig.sqltext import Lines, dollar_quoted, identifier, layout, literal, one_line

__all__ = [
    "ALL_EVENTS",
    "DDL_EVENTS",
    "FACTS",
    "PLUGIN_API",
    "Capability",
    "Dialect",
    "EffectivePolicies",
    "Event",
    "Fact",
    "Finding",
    "Framing",
    "Hazard",
    "Item",
    "Lines",
    "Path",
    "ResolvedFunction",
    "ResolvedSet",
    "ResolvedTable",
    "ResolvedTrigger",
    "Script",
    "Severity",
    "Spelling",
    "Statement",
    "Support",
    "Template",
    "Verified",
    "Version",
    "XtrigError",
    "dollar_quoted",
    "find_spelling",
    "has_vendor_literal",
    "hookimpl",
    "identifier",
    "layout",
    "literal",
    "one_line",
    "parse_template",
    "parse_version",
    "uses",
    "walk",
]
