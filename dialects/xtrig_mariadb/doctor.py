"""``xtrig doctor`` on MariaDB: what init_connect would do to logins, and how to get it out of the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xtrig.dialect.doctor import Answers, Command, Doctor, Problem
from xtrig.dialect.driver import WayIn
from xtrig.plugin import Severity, Version
from xtrig_mariadb.compilation import PUBLIC
from xtrig_mariadb.objects import called
from xtrig_mariadb.rights import PUBLIC_GRANTS, Granted


class MariaDBDoctor(Doctor):
    """Reads init_connect and what it calls."""

    def __init__(self, version: Version) -> None:
        self._version = version

    def queries(self) -> Mapping[str, str]:
        """Return the queries; ORIGIN is SQL for a value that no option file has (10.11, 11.8)."""
        return {
            "init_connect": "SELECT @@GLOBAL.init_connect AS statements, @@GLOBAL.sql_mode AS mode, @@socket AS socket,"
            " v.GLOBAL_VALUE_ORIGIN AS origin FROM information_schema.SYSTEM_VARIABLES AS v"
            " WHERE v.VARIABLE_NAME = 'INIT_CONNECT'",
            "accounts": "SELECT GRANTEE AS account, SUM(PRIVILEGE_TYPE IN ('SUPER', 'CONNECTION ADMIN')) AS rights"
            " FROM information_schema.USER_PRIVILEGES GROUP BY GRANTEE",
            "procedures": "SELECT ROUTINE_SCHEMA AS home, ROUTINE_NAME AS name, DEFINER AS definer"
            " FROM information_schema.ROUTINES WHERE ROUTINE_TYPE = 'PROCEDURE'",
            **({"granted": PUBLIC_GRANTS} if self._version >= PUBLIC else {}),
        }

    def problems(self, answers: Answers, way_in: WayIn) -> Iterator[Problem]:
        """Yield what would refuse logins, and what would not last."""
        for query, answer in answers.items():
            if answer.problem is not None:
                message = f"cannot be read: {answer.problem}"
                yield Problem("check-not-run", Severity.NOTE, query, message, "ask as an administrator")
                return
        (row,) = answers["init_connect"].rows
        statements = str(row["statements"] or "")
        if statements and row["origin"] == "SQL":
            message = "was set while the server ran, and is gone when it is restarted"
            remedy = "put what SELECT @@GLOBAL.init_connect says into an option file, under [mariadbd]"
            yield Problem("lost-at-restart", Severity.WARNING, "init_connect", message, remedy)
        if statements and "ORACLE" in str(row["mode"]).split(","):
            message = "ORACLE for the whole server: it understands no init_connect of xtrig's, and refuses every login"
            yield Problem("oracle-mode", Severity.ERROR, "sql_mode", message, "take ORACLE out of it")
        yield from _called(statements, answers)
        accounts = {str(each["account"]): bool(each["rights"]) for each in answers["accounts"].rows}
        if not any(accounts.values()):
            message = "none with SUPER or CONNECTION ADMIN is to be seen: they alone get past init_connect"
            yield Problem("no-way-back", Severity.WARNING, "accounts", message, "ask as an administrator, or make one")

    def emergency_commands(self, answers: Answers, way_in: WayIn) -> Iterator[Command]:
        """Yield the way past init_connect, and the one that needs no login."""
        rows = answers["init_connect"].rows
        socket = f" --socket={rows[0]['socket']}" if rows else ""
        yield Command(
            "An administrator never meets init_connect, and empties it for everybody",
            f"mariadb --user=root{socket} --execute=\"SET GLOBAL init_connect = ''\"",
            "xtrig apply, and what others had in it",
        )
        yield Command(
            "No administrator can log in: take init_connect out of the option files, and restart the server",
            "grep -r init.connect /etc/my.cnf /etc/mysql\nsystemctl restart mariadb",
        )


def _called(statements: str, answers: Answers) -> Iterator[Problem]:
    """Yield each procedure that init_connect calls in vain: an error of it refuses everybody, or goes by unseen."""
    there = {(str(each["home"]), str(each["name"])): str(each["definer"]) for each in answers["procedures"].rows}
    accounts = {str(each["account"]) for each in answers["accounts"].rows}
    for schema, name in called(statements):
        definer = there.get((schema, name))
        if definer is None:
            message = "init_connect calls it and it is not there"
            remedy = "deploy the set again: xtrig apply; or take its section out: xtrig drop"
            yield Problem("missing-procedure", Severity.ERROR, f"procedure {schema}.{name}", message, remedy)
        elif len(accounts) > 1 and "'{}'@'{}'".format(*definer.rsplit("@", 1)) not in accounts:
            message = f"its definer {definer} is no account any more, so each call of it fails"
            remedy = "drop the set and apply it again as an account that stays"
            yield Problem("missing-definer", Severity.ERROR, f"procedure {schema}.{name}", message, remedy)
        elif "granted" in answers and Granted(answers["granted"].rows).whom(schema, name) == "nobody":
            message = "init_connect calls it with the rights of whoever logs in, and PUBLIC may not execute it"
            remedy = "GRANT EXECUTE on it TO PUBLIC; or xtrig apply, without the --canary-url that cannot log in"
            yield Problem("not-callable", Severity.ERROR, f"procedure {schema}.{name}", message, remedy)
