"""The roles of the record: who owns it, whose rights the login trigger has, who reads.

A role that can replace the login function becomes superuser at the next superuser's login. So its owner is a role
without LOGIN and without members. It may insert a row, read one row and call reap_at_login(), and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xtrig.plugin import Mark, Statement, literal
from xtrig_pgfamily.objects import Role
from xtrig_pgfamily.sessions.names import Names
from xtrig_pgfamily.words import name

_READ_FILE = "pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)"


def roles(names: Names) -> Iterator[Role]:
    """Yield the roles."""
    sessions = names.sessions
    owner = name(sessions.owner)
    rights = [
        # backend_start of other people's sessions, pg_ls_logdir(), log_directory.
        Statement(f"GRANT pg_monitor TO {owner}", "The owner sees who is logged in"),
        *(
            [Statement(f"GRANT EXECUTE ON FUNCTION {_READ_FILE} TO {owner}", "The owner reads the server log")]
            if sessions.logoff == "server log"
            else []
        ),
    ]
    needed = ("member of pg_monitor", *(["execute pg_read_binary_file"] if sessions.logoff == "server log" else []))
    yield replace(_role(sessions.owner, "owns the record of sessions", names, tuple(rights)), rights=needed)
    yield _role(sessions.writer, "writes sessions down", names)
    yield _role(sessions.reader, "reads the record of sessions", names)


def problems(names: Names) -> str:
    """Return a query for roles that could become superuser through the record."""
    kept = ", ".join(literal(role) for role in (names.sessions.owner, names.sessions.writer))
    may = "role %I may log in or is superuser, but would own functions that run for everybody; name another one"
    has = "role %I has the member %I, who could become superuser by it; REVOKE it from them"
    return (
        f"SELECT format({literal(may)}, rolname) AS problem FROM pg_roles "
        f"WHERE rolname IN ({kept}) AND (rolcanlogin OR rolsuper) "
        f"UNION ALL SELECT format({literal(has)}, own.rolname, member.rolname) FROM pg_auth_members AS m "
        "JOIN pg_roles AS own ON own.oid = m.roleid JOIN pg_roles AS member ON member.oid = m.member "
        f"WHERE own.rolname IN ({kept}) AND NOT member.rolsuper"
    )


def _role(role: str, what: str, names: Names, rights: tuple[Statement, ...] = ()) -> Role:
    return Role(path=(role,), purpose=f"Role {role} {what}", after=rights, mark=Mark("", names.set_name))
