"""One thing that is looked for on a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from xtrig.dialect.doctor import Ailment
from xtrig.plugin import Severity
from xtrig_postgresql.doctor.chart import Chart


@dataclass(frozen=True, slots=True)
class Look:
    """``find`` yields what :meth:`ailment` makes; without an answer to all of ``needs`` it is not asked."""

    name: str
    needs: tuple[str, ...]
    find: Callable[[Chart], Iterator[Ailment]]
    since_login_triggers: bool = True
    """Whether it means nothing on a server that has no login triggers yet."""

    def ailment(self, severity: Severity, subject: str, message: str, remedy: str) -> Ailment:
        """Return an ailment of this name."""
        return Ailment(self.name, severity, subject, message, remedy)
