"""What is in pg_catalog, where it is found without a schema under any search_path. Tables there begin with ``pg_``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path


@cache
def functions() -> frozenset[str]:
    """Return those of pg_proc in 18.4 that a query can call, and its words that look like calls; no ``pg_`` ones."""
    return frozenset(_text("builtin_functions.txt").split())


@cache
def types() -> frozenset[str]:
    """Return those of pg_type in 18.4, but neither arrays nor rows of a catalog nor ``pg_`` ones."""
    return frozenset(_text("builtin_types.txt").split())


def is_function(name: str) -> bool:
    """Whether a function of that name is built in."""
    return name.startswith("pg_") or name in functions()


def is_type(name: str) -> bool:
    """Whether a type of that name is built in."""
    return name.startswith(("pg_", "_")) or name in types()


@cache
def conditions() -> Mapping[str, str]:
    """Return the names of error conditions that PL/pgSQL knows in 18.4, each with its SQLSTATE."""
    lines = _text("condition_names.txt").splitlines()
    # Of two with one name PL/pgSQL takes the first.
    return dict(reversed([(name, state) for name, state in map(str.split, lines)]))


def _text(file: str) -> str:
    # Not by importlib.resources, which takes as long to import as some dialects.
    return Path(__file__).with_name(file).read_text("utf-8")
