"""Who could make what a set uses run code with rights that he has not: decided by ownership and rights alone.

A comment proves nothing, since whoever owns an object writes its comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from xtrig.plugin import Version, literal

_SINGLE_OPTIONS = (16,)
"""The first version whose memberships have the options INHERIT, SET and ADMIN each for itself."""

_WORD = re.compile("@([a-z_]+)@")
_READ = " AND classid IN ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_class'::regclass, 'pg_cast'::regclass)"
"""What hangs on a relation and runs when it is read: not triggers, defaults and checks."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What a set or a reader uses, of which one query finds those who are not trusted with it.

    Trusted are superusers, whoever has the rights of the current role already and, for a current role that is no
    superuser, the owners of event triggers: those run in its sessions as it is. A role that cannot log in is trusted
    if all who could act as it are.
    """

    named: Sequence[tuple[str, ...]]
    """Schema and name of relations and functions; those that are not there yet are left out."""
    schemas: Sequence[str] = ()
    """Schemas that are used even if nothing is in them yet."""
    schemas_found: str = ""
    """Instead of ``schemas``, a query for their names."""
    closed: Sequence[str] = ()
    """Those of them in which nobody else may create: names in them are looked up again after the deployment."""
    made: Sequence[tuple[str, ...]] = ()
    """Tables that are made where they are not there, and then have the default privileges of the current role."""
    paths: Sequence[str] = ()
    """Schemas that a text looks for names in: whoever makes one that is not there puts his code into it."""
    kept: Sequence[str] = ()
    """Roles that own functions which run for everybody."""
    reader: str = ""
    """The role that may read the records; whoever made it could read them too."""
    version: Version = ()
    """The version of PostgreSQL; () is any."""
    is_reading: bool = False
    """Whether relations are only read."""

    def query(self) -> str:
        """Return a query with a row for each ``problem``: whose the object is, what he could, and what to do."""
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """Return the query line by line; a name may hold a newline, which is data."""
        may = "'MEMBER'"
        may_act_as = may
        if self.version >= _SINGLE_OPTIONS:
            may = "'USAGE, SET, SET WITH ADMIN OPTION'"
            # CREATE ROLE gives ADMIN to a maker who is no superuser, and where there is none nobody can take it away.
            may_act_as = f"CASE WHEN rolsuper THEN {may} ELSE 'USAGE, SET' END"
        privileges = "false" if self.is_reading else "privilege_type = 'TRIGGER'"
        if self.closed:
            privileges += f" OR (privilege_type = 'CREATE' AND is_named AND name IN ({_quoted(self.closed)}))"
        words = {
            "may_act_as": may_act_as,
            "may": may,
            "named": _pairs(self.named),
            "made": _pairs(self.made),
            "closed": _quoted(self.closed) or "NULL",
            # The functions of a record run with its owner's rights, and EXECUTE is taken from PUBLIC.
            "rights": "defaclobjtype = 'r' OR (defaclobjtype = 'f' AND grantee <> 0)"
            if self.reader
            else "defaclobjtype = 'r' AND privilege_type = 'TRIGGER'",
            "schemas": self.schemas_found or _quoted(self.schemas) or "NULL",
            "hanging": _READ if self.is_reading else "",
            "granted": privileges,
        }
        text = _text("trust.sql") + (_text("default_privileges.sql") if self.made or self.closed else ())
        return [*(_WORD.sub(lambda found: words[found[1]], line) for line in text), *self._missing(), *self._roles()]

    def _missing(self) -> Iterator[str]:
        if self.paths:
            missing = "schema %I does not exist, a hand-written text looks for names there, and %I could create it"
            yield f"UNION ALL SELECT format({literal(f'{missing}; create it first')}, wanted, maker)"
            yield f"FROM unnest(ARRAY[{_quoted(self.paths)}]) AS w (wanted), LATERAL ("
            yield "    SELECT rolname FROM other"
            yield "    WHERE has_database_privilege(oid, current_database(), 'CREATE') ORDER BY 1 LIMIT 1"
            yield ") AS m (maker) WHERE to_regnamespace(quote_ident(wanted)) IS NULL"

    def _roles(self) -> Iterator[str]:
        if self.kept:
            has = "role %I has the member %I, who could become superuser by it; REVOKE it from them"
            yield f"UNION ALL SELECT format({literal(has)}, r.rolname, other.rolname)"
            yield "FROM pg_roles AS r CROSS JOIN me JOIN other ON pg_has_role(other.oid, r.oid, may)"
            yield f"WHERE r.rolname IN ({_quoted(self.kept)})"
        if self.reader and self.version >= _SINGLE_OPTIONS:
            made = "role %I was made by %I, who could let anybody read by it; REVOKE it from them"
            yield f"UNION ALL SELECT format({literal(made)}, r.rolname, other.rolname)"
            yield "FROM pg_auth_members AS m JOIN pg_roles AS r ON r.oid = roleid JOIN other ON other.oid = m.member"
            yield "    JOIN me ON me.rolsuper"
            yield f"WHERE r.rolname = {literal(self.reader)} AND admin_option AND NOT (inherit_option OR set_option)"


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(literal(word) for word in words)


def _pairs(names: Iterable[tuple[str, ...]]) -> str:
    return ", ".join(f"({_quoted(each)})" for each in sorted(set(names))) or "(NULL, NULL)"


@cache
def _text(file: str) -> tuple[str, ...]:
    return tuple(Path(__file__).with_name(file).read_text("utf-8").splitlines())
