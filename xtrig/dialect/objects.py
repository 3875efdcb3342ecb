"""The objects of a database, in one form: what a definition wants, and what a server has, are of the same class.

A dialect subclasses :class:`DatabaseObject` once for each kind of object that it makes. The same class prints the
script, makes the object on a server, reads it back and is compared.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

from xtrig.marks import FORMAT, Mark, digest, mark
from xtrig.script import Statement

if TYPE_CHECKING:
    from xtrig.outputs import DifferenceOutput

COMMENT = "comment"
"""The attribute of an object's state that only its comment holds: a change of it needs nothing but a new comment."""

ENABLED = "enabled"
"""The attribute that is a trigger's firing state: it is changed without making the trigger anew."""

DISABLED = "disabled"
"""The firing state of a trigger that never fires."""


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """A kind of object; ``str(kind)`` is the word for it in plans. A plugin may have kinds of its own."""

    word: str
    place: int
    """Objects are made in the order of their places, and dropped in the opposite one."""
    is_kept: bool = False
    """Whether one is never dropped just because a definition has it no more: it may hold rows."""
    is_shared: bool = False
    """Whether one may have been there before, and is then used as it is."""
    is_global: bool = False
    """Whether it belongs to the whole server: a set of the same name in another database may need it."""

    ROLE: ClassVar[ObjectKind]
    SCHEMA: ClassVar[ObjectKind]
    TABLE: ClassVar[ObjectKind]
    FUNCTION: ClassVar[ObjectKind]
    VIEW: ClassVar[ObjectKind]
    TRIGGER: ClassVar[ObjectKind]

    def __str__(self) -> str:
        return self.word


ObjectKind.ROLE = ObjectKind("role", 10, is_shared=True, is_global=True)
ObjectKind.SCHEMA = ObjectKind("schema", 20, is_kept=True, is_shared=True)
ObjectKind.TABLE = ObjectKind("table", 30, is_kept=True)
ObjectKind.FUNCTION = ObjectKind("function", 40)
ObjectKind.VIEW = ObjectKind("view", 50)
ObjectKind.TRIGGER = ObjectKind("trigger", 60)


class Difference(NamedTuple):
    """One attribute that is not as the definition has it. ``live`` is None where the server has none."""

    attribute: str
    live: str | None
    wanted: str | None

    def to_dict(self) -> DifferenceOutput:
        """Return the difference as JSON-able data."""
        return {"attribute": self.attribute, "live": self.live, "wanted": self.wanted}


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseObject(ABC):
    """One object, wanted or live. Immutable; :func:`dataclasses.replace` gives the same object under another name."""

    kind: ClassVar[ObjectKind]
    unseen: ClassVar[frozenset[str]] = frozenset()
    """Attributes of the state that no catalog shows: the mark stands for them."""

    path: tuple[str, ...]
    """The name in its parts, outermost first, such as schema and name; never quoted."""
    owner: str | None = None
    """Live: the role that owns it. Wanted: the role that has to; None: whoever deploys."""
    mark: Mark | None = None
    """Live: the mark that it carries; None: xtrig did not make it. Wanted: the one it gets; None: it gets none."""
    comment: str | None = None
    """Live: its comment, which may hold the mark."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The name as it is written in SQL, for people and plans."""

    @property
    @abstractmethod
    def state(self) -> Mapping[str, str]:
        """Attribute to value, as the server's catalogs say it: what is compared, and what the mark's digest is of."""

    def marked(self, set_name: str) -> Self:
        """Return it with the mark of its state."""
        return replace(self, mark=mark(self.state, set_name))

    @property
    def key(self) -> Hashable:
        """What tells it from every other object of the database."""
        return (self.kind, self.path)

    def is_of(self, set_name: str) -> bool:
        """Whether it carries the mark of the set."""
        return self.mark is not None and self.mark.set_name == set_name

    def differences(self, found: Self) -> Iterable[Difference]:
        """Yield what the live object ``found`` has otherwise than this one."""
        for attribute, wanted in self.state.items():
            live = found.state.get(attribute)
            if attribute in self.unseen and live is None:
                if found.mark is None or self.mark is None or found.mark.digest != self.mark.digest:
                    yield Difference(attribute, None, wanted)
            elif live != wanted:
                yield Difference(attribute, live, wanted)

    def is_tampered(self, wanted: Self) -> bool:
        """Whether this live object is not what its mark says it was made as.

        A mark of another format says nothing of that: its hash is made of something else.
        """
        if self.mark is None or self.mark.format != FORMAT:
            return False
        if set(self.state) != set(wanted.state):
            # A table may have columns beyond the definition's, and some vendors' objects cannot be read back.
            return self.mark == wanted.mark
        former = {ENABLED: self.mark.disabled} if self.is_disabled else {}
        return digest({**self.state, **former}) != self.mark.digest

    @property
    def is_disabled(self) -> bool:
        """Whether it is a live trigger that ``xtrig disable`` has disabled, and nobody has enabled since."""
        return self.mark is not None and bool(self.mark.disabled) and self.state.get(ENABLED) == DISABLED

    def as_disabled(self, former: str | None = None) -> Self | None:
        """Return a marked trigger as ``xtrig disable`` leaves it; None: it cannot be disabled.

        Its mark remembers the firing state ``former``, by default that of this trigger.
        """
        made = self.firing(DISABLED)
        if self.mark is None or made is None:
            return None
        return replace(made, mark=replace(self.mark, disabled=former or self.state[ENABLED]))

    def as_enabled(self, former: str) -> Self:
        """Return a trigger that :meth:`as_disabled` has returned, with the firing state that it had before."""
        made = self.firing(former)
        return self if made is None else replace(made, mark=self.mark and replace(self.mark, disabled=""))

    def firing(self, state: str) -> Self | None:
        """Return a trigger with a firing state; None, as here: it has none that can be set."""
        return None

    def refusals(self, found: Self) -> Iterable[str]:
        """Yield why the live object ``found`` cannot become this one, each with what to do."""
        return ()

    @abstractmethod
    def printed(self) -> Iterable[Statement]:
        """Return the statements of a script: they may find the object there, and change nothing then."""

    def create(self) -> Iterable[Statement]:
        """Return the statements that make it, and its mark, where it is not there yet."""
        return self.printed()

    def replace(self, found: Self) -> Iterable[Statement]:
        """Return the statements after which the live object ``found`` is as this one; those of a script, if need be."""
        return self.printed()

    def enable(self, found: Self) -> Iterable[Statement]:
        """Return the statements that change nothing of the live object but its firing state, and its mark."""
        return self.replace(found)

    @abstractmethod
    def remark(self, found: Self) -> Iterable[Statement]:
        """Return the statements that change nothing of the live object but its mark."""

    def give(self, owner: str) -> Iterable[Statement]:
        """Return the statements that make ``owner`` its owner; none, as here, for a vendor whose objects have none."""
        return ()

    @abstractmethod
    def drop(self) -> Iterable[Statement]:
        """Return the statements that take it away, if it is there."""

    def unmake(self) -> Iterable[Statement]:
        """Return the statements that take it away just after it was made."""
        return self.drop()

    def restore(self, instead: Self | None) -> Iterable[Statement]:
        """Return the statements that bring a live object back just as it is, once ``instead`` or nothing is there.

        Nothing, as here, for one that is only dropped when it is of no use to anybody.
        """
        return ()

    def restore_enabled(self) -> Iterable[Statement]:
        """Return the statements that bring back firing state and comment of a live object."""
        return self.restore(None)

    @abstractmethod
    def restore_comment(self) -> Iterable[Statement]:
        """Return the statements that bring back comment and owner of a live object."""


class Action(StrEnum):
    """What has to be done to one object."""

    CREATE = "create"
    REPLACE = "replace"
    ENABLE = "enable"
    """Only its firing state changes."""
    OWNER = "owner"
    COMMENT = "comment"
    """Only its mark changes."""
    DROP = "drop"


_VERBS = {Action.OWNER: "change owner of", Action.COMMENT: "comment on"}


@dataclass(frozen=True, slots=True)
class Change:
    """One object and what has to be done to it. At least one of ``wanted`` and ``found`` is there."""

    action: Action
    """What has to be done."""
    wanted: DatabaseObject | None = None
    """None for an object to drop."""
    found: DatabaseObject | None = None
    """What is there; None for an object to create."""
    differences: tuple[Difference, ...] = ()
    """Each attribute that changes."""
    owner: str | None = None
    """The owner that it should have, where it has another one."""

    @property
    def object(self) -> DatabaseObject:
        """The object as it will be, or as it is if it is to go."""
        one = self.wanted or self.found
        assert one is not None, "a change of nothing"  # noqa: S101
        return one

    @property
    def kind(self) -> ObjectKind:
        """The kind of the object."""
        return self.object.kind

    @property
    def name(self) -> str:
        """The object's name in SQL."""
        return self.object.name

    @property
    def verb(self) -> str:
        """What is done, in the words of SQL; the action is how xtrig does it."""
        if self.action is Action.REPLACE and self.kind.is_kept:
            return "alter"  # what it holds stays
        if self.action is Action.ENABLE and self.object.state.get(ENABLED) == DISABLED:
            return "disable"
        return _VERBS.get(self.action, str(self.action))

    def __str__(self) -> str:
        return f"{self.verb} {self.kind} {self.name}"

    def make(self) -> Iterable[Statement]:
        """Yield the statements that make the change."""
        wanted, found = self.wanted, self.found
        if wanted is None:
            yield from self.object.drop()
        elif found is None:
            yield from wanted.create()
        elif self.action is Action.REPLACE:
            yield from wanted.replace(found)
        elif self.action is Action.ENABLE:
            yield from wanted.enable(found)
        else:
            yield from wanted.remark(found)
        if self.owner is not None:
            yield from self.object.give(self.owner)

    def take_back(self) -> Iterable[Statement]:
        """Yield the statements that bring back what was there before the change."""
        found = self.found
        if found is None:
            yield from self.object.unmake()
        elif self.action in (Action.REPLACE, Action.DROP):
            yield from found.restore(self.wanted)
        elif self.action is Action.ENABLE:
            yield from found.restore_enabled()
        else:
            yield from found.restore_comment()
