"""The contract of the history of deployments: where a server keeps what xtrig did in a database, and by whom.

All of it is text and data. Import from here, not from :mod:`xtrig.plugin`: rendering needs none of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from xtrig.script import Statement

if TYPE_CHECKING:
    from xtrig.outputs import EntryOutput


@dataclass(frozen=True, slots=True)
class Entry:
    """One deployment. ``at`` and ``role`` are said by the server, when it is recorded."""

    command: str
    """apply, drop, disable or enable."""
    set_name: str
    """The set."""
    xtrig: str
    """The version of xtrig."""
    before: str
    """A hash of what the set had in the database, "" for nothing; ``after`` of one deployment is ``before`` of the
    next, unless something else has changed the set in between. A script cannot tell, and says "unknown"."""
    after: str
    """The same for what it has now."""
    changes: tuple[str, ...] = ()
    """Each object and what was done to it."""
    proofs: tuple[str, ...] = ()
    """The logins and the commands that worked."""
    unproved: tuple[str, ...] = ()
    """What nobody has tried."""
    at: str = ""
    """The time, in ISO 8601, in UTC."""
    role: str = ""
    """The role that was logged in."""

    def to_dict(self) -> EntryOutput:
        """Return the entry as JSON-able data."""
        return {
            "at": self.at,
            "role": self.role,
            "command": self.command,
            "xtrig": self.xtrig,
            "before": self.before,
            "after": self.after,
            "changes": list(self.changes),
            "proofs": list(self.proofs),
            "unproved": list(self.unproved),
        }


class History(ABC):
    """The history of one kind of server, the same for all sets in a database. Pure."""

    name: ClassVar[str]
    """The table, for people."""

    @abstractmethod
    def look(self) -> str:
        """Return a query with one row: ``is_there``, and whether this role ``may_read`` it."""

    @abstractmethod
    def distrusted(self) -> str:
        """Return a query whose rows have a ``problem``: why reading or writing it could run code of somebody else's."""

    def kept(self) -> Iterable[Statement]:
        """Return what keeps a table that is there from being replaced until the transaction ends.

        Only then :meth:`distrusted` is about the table that is read or written next.
        """
        return ()

    @abstractmethod
    def last(self, set_name: str) -> str:
        """Return a query for the last entry of a set, or no row.

        Its columns are at, role, command, xtrig, before, after, and as JSON changes, proofs and unproved.
        """

    @abstractmethod
    def make(self) -> Iterable[Statement]:
        """Return the statements that make it, for everybody to read and only its owner to write."""

    @abstractmethod
    def add(self, entry: Entry) -> Statement:
        """Return the statement that records a deployment."""

    @abstractmethod
    def script(self, entry: Entry, *, forgets: bool) -> Statement:
        """Return the statement by which a script does all of this by itself; where it cannot, it warns and goes on.

        ``forgets``: the set goes with its data, and so do its entries.
        """

    @abstractmethod
    def forget(self, set_name: str) -> Iterable[Statement]:
        """Return the statements that take away the entries of a set, and the table if no entry is left."""
