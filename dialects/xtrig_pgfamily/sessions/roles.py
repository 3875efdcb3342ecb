"""The roles of the record: who owns it, whose rights the login trigger has, who reads.

A role that can replace the login function becomes superuser at the next superuser's login. So its owner is a role
without LOGIN and without members. It may insert a row, read one row and call reap_at_login(), and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Lines, Mark, ObjectKind, Part, Statement, literal
from xtrig_pgfamily import statements
from xtrig_pgfamily.sessions.names import Names
from xtrig_pgfamily.words import name

_ATTRIBUTES = "NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
_READ_FILE = "pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)"


def roles(names: Names) -> Iterator[Part]:
    """Yield the parts."""
    sessions = names.sessions
    mark = Mark("", names.set_name)
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
    yield _role(sessions.owner, "owns the record of sessions", mark, tuple(rights))
    yield _role(sessions.writer, "writes sessions down", mark)
    yield _role(sessions.reader, "reads the record of sessions", mark)


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


def _role(role: str, what: str, mark: Mark, rights: tuple[Statement, ...] = ()) -> Part:
    lines: Lines = [
        f"IF to_regrole({literal(name(role))}) IS NULL THEN",
        [f"CREATE ROLE {name(role)} {_ATTRIBUTES};", f"{statements.comment('ROLE', name(role), str(mark))};"],
        "END IF;",
    ]
    create = Statement(statements.do_block(lines), f"Role {role} {what}", undo=(_drop(role),))
    return Part(ObjectKind.ROLE, name(role), (create, *rights), mark=mark)


def _drop(role: str) -> Statement:
    # It can only be dropped together with the data that it owns.
    return Statement(statements.drop_unused_role(name(role)), f"Drop role {role}", hazards=statements.LOSES_DATA)
