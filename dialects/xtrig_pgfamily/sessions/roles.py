"""The roles of the record: who owns it, whose rights the login trigger has, who reads.

A role that can replace the login function becomes superuser at the next superuser's login. So its owner is a role
without LOGIN and without members. It may insert a row, read one row and call reap_at_login(), and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xtrig.plugin import Mark, Statement
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


def _role(role: str, what: str, names: Names, rights: tuple[Statement, ...] = ()) -> Role:
    return Role(path=(role,), purpose=f"Role {role} {what}", after=rights, mark=Mark("", names.set_name))
