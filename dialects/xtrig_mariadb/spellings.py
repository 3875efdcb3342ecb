"""Session facts as MariaDB expressions, inside of a procedure that init_connect calls.

The parameters have what is another thing inside of a procedure with its definer's rights: DATABASE() is the
procedure's, CURRENT_USER() its definer.
"""

from __future__ import annotations

from collections.abc import Mapping

from xtrig.plugin import Event, Fact, Spelling
from xtrig_mariadb.evidence import logon_test, manual

_LOGON = frozenset({Event.LOGON})
_SEEN = logon_test("test_every_fact_is_what_it_says")

DATABASE, ACCOUNT = "xtrig_database", "xtrig_account"
"""The parameters of every procedure: the schema of the login or NULL, and the account, such as ``bob@%``."""

# Not SUBSTRING_INDEX(..., 1): a user's name may have an @ in it, a host's cannot.
_USER = "LEFT({0}, CHAR_LENGTH({0}) - LOCATE('@', REVERSE({0})))"
_HOST = "SUBSTRING_INDEX(USER(), '@', -1)"
_TEXT = "CONVERT({} USING utf8mb4) COLLATE utf8mb4_nopad_bin"
_ROLE = f"SELECT {_TEXT.format('m.Role')} FROM mysql.roles_mapping AS m"
_HELD = (
    f"SELECT {_TEXT.format(_USER.format(ACCOUNT))} UNION {_ROLE} WHERE CONCAT(m.User, '@', m.Host) = {ACCOUNT}"
    f" UNION {_ROLE} JOIN held AS h ON m.User = h.role AND m.Host = ''"
)
"""The user's name and the names of its roles; a role's grants are under an empty host."""
_IS_ADDRESS = f"(IS_IPV4({_HOST}) OR IS_IPV6({_HOST}))"
_NAMED = "on a unix socket, and where the server has looked up a name for the address (skip_name_resolve is off)"


def _spelt(sql: str, note: str = "", null: str = "") -> tuple[Spelling, ...]:
    return (Spelling(sql, _LOGON, note=note, evidence=_SEEN, null=null),)


SPELLINGS: Mapping[Fact, tuple[Spelling, ...]] = {
    Fact.LOGIN_USER: _spelt(_USER.format("USER()"), "the user's name as it was given, without the host"),
    Fact.CURRENT_USER: _spelt("CURRENT_USER()", "with its host; the procedure's definer under security: definer"),
    Fact.DATABASE: _spelt(DATABASE, "a schema", null="for a login without one"),
    Fact.CLIENT_IP: _spelt(f"IF({_IS_ADDRESS}, {_HOST}, NULL)", null=_NAMED),
    Fact.CLIENT_HOST: _spelt(
        f"IF({_IS_ADDRESS}, NULL, {_HOST})", "localhost on a unix socket", null="for an address without a name"
    ),
    Fact.BACKEND_PID: _spelt("CONNECTION_ID()", "the connection's number in SHOW PROCESSLIST; there are no processes"),
    Fact.SESSION_ID: _spelt("CAST(CONNECTION_ID() AS CHAR)", "counted anew from each start of the server"),
    Fact.INSTANCE: _spelt("@@GLOBAL.server_id", "the parameter server_id"),
    Fact.SERVER_VERSION: _spelt("VERSION()"),
    Fact.SSL: _spelt(
        "(SELECT s.VARIABLE_VALUE <> '' FROM information_schema.SESSION_STATUS AS s"
        " WHERE s.VARIABLE_NAME = 'Ssl_cipher')"
    ),
    Fact.APPLICATION: _spelt(
        "(SELECT a.ATTR_VALUE FROM performance_schema.session_connect_attrs AS a"
        " WHERE a.PROCESSLIST_ID = CONNECTION_ID() AND a.ATTR_NAME = 'program_name')",
        "chosen by the client",
        "where performance_schema is off, as it is by default, and for a client that does not say it",
    ),
    Fact.TAG: _spelt("'CONNECT'", "the word of the plugin server_audit"),
    Fact.NATIVE_EVENT: _spelt("'init_connect'"),
    Fact.NOW: _spelt("NOW(6)", "in the server's time zone"),
    Fact.HOUR_UTC: _spelt("HOUR(UTC_TIMESTAMP())"),
    Fact.MEMBER_OF: (
        Spelling(
            f"EXISTS (WITH RECURSIVE held (role) AS ({_HELD}) SELECT 1 FROM held AS h WHERE h.role = {{}})",
            _LOGON,
            note="needs a definer who may read mysql.roles_mapping",
            evidence=logon_test("test_membership_goes_by_way_of_other_roles", manual("Roles")),
        ),
    ),
}

VARIABLES: Mapping[Fact, str] = {
    fact: DATABASE if fact is Fact.DATABASE else f"xtrig_{fact}"
    for fact in SPELLINGS
    if fact in (Fact.LOGIN_USER, Fact.CURRENT_USER, Fact.DATABASE, Fact.CLIENT_IP, Fact.CLIENT_HOST, Fact.APPLICATION)
}
"""Facts that are texts, by the variable that holds each: the functions' own collation is blind to case."""
