"""What all kinds of objects have in common: quoted names, comments, owners, rights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Self

from xtrig.dialect.objects import COMMENT, DatabaseObject
from xtrig.plugin import Statement, literal
from xtrig_pgfamily.words import name


class Grant(NamedTuple):
    """What a role may do; the role ``PUBLIC`` is everybody."""

    role: str
    privilege: str

    def grantee(self, quoted: Callable[[str], str]) -> str:
        """Return the role as GRANT and REVOKE name it."""
        return "PUBLIC" if self.role == "PUBLIC" else quoted(self.role)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogObject(DatabaseObject):
    """An object of PostgreSQL's catalogs."""

    keywords: ClassVar[str]
    """What COMMENT ON, ALTER and DROP call its kind."""
    granted_on: ClassVar[str] = ""
    """What GRANT and REVOKE call its kind, with a blank at the end; a table is named alone."""

    grants: tuple[Grant, ...] = ()
    """What others than the owner may do."""
    states_grants: bool = False
    """Whether the grants are part of the state: the definition says them."""
    purpose: str = field(default="", compare=False)
    """What the script says above the statement that makes it."""
    is_live: bool = False
    """Whether it was read from a server."""

    @staticmethod
    def quoted(word: str) -> str:
        """Return a name as an identifier; a vendor of the family that reserves other words overrides it."""
        return name(word)

    @property
    def name(self) -> str:
        """The name in SQL, qualified with its schema if it is in one."""
        return ".".join(map(self.quoted, self.path))

    @property
    def signature(self) -> str:
        """The name as commands on the object want it."""
        return self.name

    def commented(self, text: str | None, purpose: str = "") -> Statement:
        """Return COMMENT ON; None takes the comment away."""
        told = "NULL" if text is None else literal(text)
        return Statement(f"COMMENT ON {self.keywords} {self.signature} IS {told}", purpose)

    def owned_by(self, owner: str, purpose: str = "") -> Statement:
        """Return ALTER ... OWNER TO."""
        return Statement(f"ALTER {self.keywords} {self.signature} OWNER TO {self.quoted(owner)}", purpose)

    def dropped(self, purpose: str) -> Statement:
        """Return DROP ... IF EXISTS."""
        return Statement(f"DROP {self.keywords} IF EXISTS {self.signature}", purpose)

    def revoked(self, grantee: str = "PUBLIC", purpose: str = "") -> Statement:
        """Return REVOKE ALL."""
        return Statement(f"REVOKE ALL ON {self.granted_on}{self.signature} FROM {grantee}", purpose)

    def granting(self, grants: Iterable[Grant], purpose: str = "") -> Iterator[Statement]:
        """Yield GRANT for each right."""
        for each in grants:
            on = f"{self.granted_on}{self.signature}"
            privilege, _, option = each.privilege.partition(" WITH ")
            to = each.grantee(self.quoted) + (f" WITH {option}" if option else "")
            yield Statement(f"GRANT {privilege} ON {on} TO {to}", purpose)

    def given(self) -> Iterator[Statement]:
        """Yield the statements that give a new object to the owner it has to have, and its rights to no one else."""
        if self.owner is not None:
            yield self.owned_by(self.owner)
            yield self.revoked()

    def ungranted(self, found: Self) -> Iterator[Statement]:
        """Yield the statements that take away what others may do with the live object, if that has to change."""
        if self.states_grants and found.grants != self.grants:
            for each in found.grants:
                yield self.revoked(each.grantee(self.quoted), f"Grants of {self.kind} {self.name}")

    @property
    def granted_state(self) -> Mapping[str, str]:
        """The part of the state that is the grants: a line for each."""
        lines = (f"{each.role} {each.privilege}" for each in self.grants)
        return {"grants": "\n".join(lines)} if self.states_grants else {}

    def remark(self, found: Self | None) -> Iterator[Statement]:
        """Yield the statement that writes the mark, unless the live object carries it."""
        said = self.state.get(COMMENT)
        is_same = found is not None and found.mark == self.mark and said in (None, found.state.get(COMMENT))
        if self.mark is not None and not is_same:
            yield self.commented(str(self.mark), f"Mark {self.kind} {self.name}")

    def give(self, owner: str) -> Iterator[Statement]:
        """Yield the statement that makes ``owner`` its owner."""
        yield self.owned_by(owner, f"Owner of {self.kind} {self.name}")

    def drop(self) -> Iterator[Statement]:
        """Yield the statement that takes it away."""
        yield self.dropped(f"Drop {self.kind} {self.name}")

    def restore_comment(self) -> Iterator[Statement]:
        """Yield the statements that bring back comment and owner."""
        yield self.commented(self.comment)
        if self.owner is not None:
            yield self.owned_by(self.owner)


def read_grants(rows: Sequence[Sequence[str]] | None) -> tuple[Grant, ...]:
    """Return the grants of a row of the catalogs: pairs of role and privilege."""
    return tuple(Grant(role, privilege) for role, privilege in rows or ())
