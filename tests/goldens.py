"""The golden scripts, in full: ``tests/golden`` keeps them without what they repeat.

A folder holds ``triggers.yaml`` (or ``options.yaml`` names a definition) and for each dialect one file:

``<dialect>.error``
    The refusal, whole.
``<dialect>.sql``
    The script. Text that many scripts share stands once, in ``parts``, with ``«name»`` where they differ; a line
    ``-- « part: value | value`` stands for it, with the values in the order of the names.
``<dialect>.diff``
    What is different in a script that is much like another one, as a unified diff without its first two lines. It is
    like that of the case that ``options.yaml`` names under ``like``, or, for polardb-oracle, like that of polardb;
    ``instead`` there, or ``polardb-oracle.yaml``, has the words to be replaced first.

Nothing is lost by this: :func:`golden` returns every script byte for byte, and the test compares those.
``python -m tests.goldens CASE DIALECT`` prints one.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from difflib import unified_diff
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from xtrig import __version__
from xtrig.marks import FORMAT, PREFIX

GOLDEN = Path(__file__).parent / "golden"

_VERSIONED, _UNVERSIONED = f"{PREFIX}{FORMAT}/{__version__}:", f"{PREFIX}{FORMAT}:"
"""How the marks in a script begin, and how they are kept: a new version of xtrig is no other script."""
_SEPARATOR = " | "
_NAME = re.compile(r"«(\w+)»")
_SHORT = re.compile(r"(?P<indent> *)-- « (?P<part>[\w-]+)(?:: (?P<values>.*))?")
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@")


def golden(case: str, dialect: str) -> str:
    """Return the whole script, or the whole refusal."""
    if not is_script(case, dialect):
        return _read(_path(case, dialect, "error"))
    return _expanded(_kept(case, dialect)).replace(_UNVERSIONED, _VERSIONED)


def is_script(case: str, dialect: str) -> bool:
    """Whether the case is rendered on the dialect, and not refused."""
    return not _path(case, dialect, "error").exists()


def keep(case: str, dialect: str, text: str, *, refused: bool) -> None:
    """Write what a case becomes on a dialect in the form in which it is kept."""
    for old in (GOLDEN / case).glob(f"{dialect}.*"):
        old.unlink()
    if refused:
        _write(_path(case, dialect, "error"), text.split("\n")[:-1])
        return
    lines = _folded(text)
    like = _like(case, dialect)
    changes = None if like is None else list(unified_diff(like, lines, n=0, lineterm=""))[2:]
    if changes is None or len(changes) >= len(lines):
        _write(_path(case, dialect, "sql"), lines)
    else:
        _write(_path(case, dialect, "diff"), changes)


def options(case: str) -> dict[str, Any]:
    """Return what options.yaml says, or nothing."""
    path = GOLDEN / case / "options.yaml"
    return yaml.safe_load(_read(path)) if path.exists() else {}


def parts_in_use() -> dict[str, int]:
    """Return how often each shared text stands for a passage in the files."""
    files = (line for path in GOLDEN.rglob("*.*") if path.suffix in (".sql", ".diff") for line in _lines(path))
    return dict(Counter(short["part"] for line in files if (short := _SHORT.fullmatch(line.removeprefix("+")))))


def _kept(case: str, dialect: str) -> list[str]:
    """Return the lines of a script in their short form."""
    path = _path(case, dialect, "sql")
    if path.exists():
        return _lines(path)
    like = _like(case, dialect)
    assert like is not None, f"{path.with_suffix('.diff')} is like nothing"
    return list(_patched(like, _lines(path.with_suffix(".diff"))))


def _like(case: str, dialect: str) -> list[str] | None:
    """Return the lines, in their short form, of the script that another one is kept as a diff against."""
    if dialect == "polardb-oracle":
        other, words = (case, "polardb"), yaml.safe_load(_read(GOLDEN / "polardb-oracle.yaml"))
    else:
        given = options(case)
        other, words = (given.get("like", ""), dialect), given
    if not other[0] or not is_script(*other):
        return None
    text = golden(*other)
    for word, instead in words.get("instead", {}).items():
        text = text.replace(word, instead)
    return _folded(text)


def _patched(lines: list[str], changes: list[str]) -> Iterator[str]:
    at = 0
    for change in changes:
        if hunk := _HUNK.fullmatch(change):
            # A hunk that only adds gives the line before it.
            start = int(hunk[1]) - (hunk[2] != "0")
            yield from lines[at:start]
            at = start
        elif change.startswith("-"):
            assert lines[at] == change[1:], f"the diff does not fit: {change}"
            at += 1
        else:
            yield change[1:]
    yield from lines[at:]


def _expanded(lines: list[str]) -> str:
    return "".join(_part(short) if (short := _SHORT.fullmatch(line)) else f"{line}\n" for line in lines)


def _part(short: re.Match[str]) -> str:
    text = _parts()[short["part"]]
    names = list(dict.fromkeys(_NAME.findall(text)))
    values = dict(zip(names, short["values"].split(_SEPARATOR) if names else (), strict=True))
    filled = _NAME.sub(lambda name: values[name[1]], text)
    return re.sub(r"(?m)^(?=.)", short["indent"], _expanded(filled.split("\n")[:-1]))


def _folded(text: str) -> list[str]:
    text = text.replace(_VERSIONED, _UNVERSIONED)
    for name, part in _parts().items():
        text = _pattern(part).sub(lambda found, name=name: _short(name, found), text)
    return text.split("\n")[:-1]


def _short(name: str, found: re.Match[str]) -> str:
    indent, *values = found.groups()
    if any(_SEPARATOR in value for value in values):
        return found[0]
    return f"{indent}-- « {name}{': ' if values else ''}{_SEPARATOR.join(values)}\n"


@cache
def _parts() -> dict[str, str]:
    """Return the shared texts, in the order in which they are looked for: those made of others come last."""
    texts = {path.stem: _read(path) for path in (GOLDEN / "parts").glob("*.sql")}
    return dict(sorted(texts.items(), key=lambda part: ("-- « " in part[1], -part[1].count("\n"), part[0])))


@cache
def _pattern(part: str) -> re.Pattern[str]:
    """Return what finds a part in a script, at any depth of indentation."""
    seen: set[str] = set()
    pattern = r"(?m)^(?P<indent>(?: {4})*)"
    for number, line in enumerate(part.split("\n")[:-1]):
        pattern += r"(?P=indent)" if number and line else ""
        for position, piece in enumerate(_NAME.split(line)):
            if position % 2:
                pattern += f"(?P={piece})" if piece in seen else f"(?P<{piece}>.+?)"
                seen.add(piece)
            else:
                pattern += re.escape(piece)
        pattern += r"\n"
    return re.compile(pattern)


def _path(case: str, dialect: str, suffix: str) -> Path:
    return GOLDEN / case / f"{dialect}.{suffix}"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _lines(path: Path) -> list[str]:
    return _read(path).split("\n")[:-1]


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


CASES = sorted(
    (folder.name for folder in GOLDEN.iterdir() if folder.is_dir() and folder.name != "parts"),
    key=lambda case: ("like" in options(case), case),
)
"""Every situation; those that are kept as diffs come after those that they are like, as they are written."""

if __name__ == "__main__":
    sys.stdout.write(golden(*sys.argv[1:]))
