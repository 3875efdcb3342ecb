"""Which findings ``xtrig check`` shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xtrig.errors import UsageError
from xtrig.findings import OWN_CODES, Finding

_UNREADABLE = "XT0"
"""Codes of files that cannot be read or put together: hiding them would look as if all were well."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Beginnings of codes: those to show (none: every one), and of these those to leave out."""

    selected: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    @classmethod
    def parse(cls, select: Iterable[str], ignore: Iterable[str]) -> Selection:
        """Return what the options say; raise :class:`~xtrig.errors.UsageError` for what no code begins with."""
        return cls(_beginnings("--select", select), _beginnings("--ignore", ignore))

    def has(self, finding: Finding) -> bool:
        """Whether a finding is shown."""
        if finding.code.startswith(_UNREADABLE):
            return True
        is_selected = not self.selected or finding.code.startswith(self.selected)
        return is_selected and not (self.ignored and finding.code.startswith(self.ignored))


def _beginnings(option: str, given: Iterable[str]) -> tuple[str, ...]:
    words = tuple(word.strip().upper() for text in given for word in text.split(","))
    for word in words:
        if not word or not any(code.startswith(word) for code in _codes(word)):
            raise UsageError(f"{option}: no code begins with {word!r}; write codes such as XT203, or XT2 for a group")
    return words


def _codes(word: str) -> Iterable[str]:
    """Return the codes among which a word may begin one; those of plugins only where it can be none of xtrig's."""
    if word.startswith("XT"):
        return OWN_CODES
    from xtrig.cli.parameters import loadable_dialects
    from xtrig.registry import checks

    loadable_dialects()
    return checks()
