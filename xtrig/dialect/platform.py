"""What a dialect gives so that xtrig knows its servers: how to recognise, reach, read and examine one.

Nothing here is about a definition; what is stands in :mod:`xtrig.dialect.deployment`. Import from here, not from
:mod:`xtrig.plugin`: rendering needs none of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

from xtrig.dialect.doctor import Doctor
from xtrig.dialect.driver import Driver, Row
from xtrig.dialect.evidence import Version
from xtrig.dialect.history import History
from xtrig.imported import Imported

Results = Sequence[Sequence[Row]]
"""The rows of each query, in the order of the queries."""


@dataclass(frozen=True, slots=True)
class Server:
    """What a connection is connected to, and as whom. Everything here is what the server says itself."""

    title: str
    """Product and version, for people."""
    version: str
    """The version as the dialect counts it; what ``--target-version`` would take."""
    database: str
    identity: str
    """Changes with the server and the database, so that a plan cannot be applied to another one."""
    role: str
    """The role that is logged in."""
    problems: tuple[str, ...] = ()
    """Why nothing can be deployed or taken away here at all: what is missing, and what to do."""
    notes: tuple[str, ...] = ()
    """What whoever deploys should know."""
    backend_pid: int | None = None
    """The server process of this connection; None: the vendor has none, or does not tell."""
    system: str = ""
    """What tells this server from all others; empty if it does not say."""
    read_only: str = ""
    """Why nothing can be changed here, and what to do; "": it can. What is there can be compared all the same."""
    idle: tuple[str, ...] = ()
    """Why no trigger would fire for this role, and what to do. What is there can be taken away all the same."""


class LiveReader(ABC):
    """Reads the triggers of a database on one kind of server. Pure: the same rows give the same answers."""

    @abstractmethod
    def queries(self) -> Sequence[str]:
        """Return the queries to ask; how many must not grow with the database.

        They are asked in their order, in a transaction of which nothing stays: so one of them may change settings
        for those after it.
        """

    @abstractmethod
    def sets(self, results: Results) -> Mapping[str | None, int]:
        """Return how many triggers each set of xtrig's has, and under None how many no set has.

        What a deployment makes for its own use, and leaves behind when it is interrupted, does not count.
        """

    @abstractmethod
    def read(self, results: Results, set_name: str | None, kept: AbstractSet[str]) -> Imported:
        """Return the triggers of one set, or with None those of no set, with their functions and tables.

        ``kept`` are functions, under the names they have in :attr:`xtrig.dialect.objects.DatabaseObject.name`,
        whose bodies are to be kept as they stand. What no definition can say is a finding, and left out; no finding
        is an error.
        """


class Platform(ABC):
    """One kind of server. Pure: the same arguments give the same answers."""

    recognition: ClassVar[str]
    """A query with one row by which the dialect knows its servers; every role may ask it."""

    system: ClassVar[str] = ""
    """A query whose one value, in the column ``system``, is :attr:`Server.system`; empty: there is none.

    Where the role may not ask it, a plan is bound to :attr:`Server.identity` alone.
    """

    databases: ClassVar[str] = ""
    """A query for the databases of the server that people use: columns ``name`` and ``may_connect``. Empty: there is
    one on each server."""

    parts: ClassVar[str] = ""
    """A query for tables that are parts of marked ones and carry no mark, as partitions are: columns ``schema`` and
    ``name``. Empty: there are none."""

    @abstractmethod
    def driver(self, version: Version | None = None) -> Driver:
        """Return what connects to servers of ``version``; None: it is not known yet.

        Import it inside: rendering does without.
        """

    @abstractmethod
    def recognise(self, row: Row) -> str | None:
        """Return the version of the server that a row of :attr:`recognition` tells of; None: not of this kind."""

    @abstractmethod
    def server(self, row: Row) -> Server:
        """Return what a row of :attr:`recognition` says of server and session."""

    def distrusted(self, schema: str, views: Sequence[str], version: Version) -> str | None:
        """Return a query whose rows have a ``problem``: why reading the views could run somebody's code as the reader.

        None, as here: reading runs nothing but what the vendor made.
        """
        return None

    def least_privileged(self, schema: str, views: Sequence[str]) -> str | None:
        """Return a query that lowers the rights of the session to those of a reader, where it may; None: it cannot."""
        return None

    def keep(self, schema: str, view: str) -> str:
        """Return a statement that keeps a view from being replaced until the transaction ends; "", as here: none."""
        return ""

    def history(self, version: Version) -> History | None:
        """Return where servers of ``version`` keep the history of deployments; None, as here: nowhere."""
        return None

    def live(self, version: Version) -> LiveReader | None:
        """Return what reads the triggers of a database; None, as here: scripts are all that can be read.

        Override it to make ``xtrig import --url`` work; see :class:`LiveReader`.
        """
        return None

    def doctor(self, version: Version) -> Doctor | None:
        """Return what examines a server of ``version``; None, as here: ``xtrig doctor`` does not work.

        See :mod:`xtrig.dialect.doctor`.
        """
        return None
