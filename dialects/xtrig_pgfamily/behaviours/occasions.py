"""When PostgreSQL fires a trigger and when not, as sentences."""

from __future__ import annotations

from functools import partial

from xtrig.plugin import DDL_EVENTS, Behaviour, Event, Topic, unverified
from xtrig_pgfamily.evidence import EVENT_TRIGGERS, LOGIN, ddl, inferred, login_test, manual, occasion, only_on_18

LOGON = frozenset({Event.LOGON})
LOGOFF = frozenset({Event.LOGOFF})
SESSION = LOGON | LOGOFF
_DROP = frozenset({Event.SQL_DROP})
_REWRITE = frozenset({Event.TABLE_REWRITE})

_fires = partial(Behaviour, Topic.FIRES)
_silent = partial(Behaviour, Topic.SILENT)

_LOGIN_OCCASIONS = (
    _fires(
        "At every login to the database that holds it, before the session's first command.",
        occasion("test_superusers_are_not_exempt", LOGIN),
        LOGON,
    ),
    _fires(
        "For each connection of a program that opens several, such as pg_dump -j.",
        occasion("test_a_program_fires_it_for_each_of_its_connections"),
        LOGON,
    ),
    _fires(
        "On a hot standby, too.",
        only_on_18("test_standby.py::test_the_audit_lets_everybody_into_a_standby_and_leaves_a_log_line", LOGIN),
        LOGON,
    ),
    _fires(
        "For logical replication connections (replication=database), such as those of a subscriber.",
        occasion("test_logical_replication_fires_it"),
        LOGON,
    ),
    _silent(
        "When a pool hands out a session that is open already, and at SET ROLE, SET SESSION AUTHORIZATION, "
        "DISCARD ALL or RESET ALL: none of these is a login.",
        occasion("test_an_open_session_fires_nothing"),
        LOGON,
    ),
    _silent(
        "For physical replication and pg_basebackup, which connect to no database.",
        occasion("test_physical_replication_does_not_fire_it"),
        LOGON,
    ),
    _silent("For parallel workers.", occasion("test_a_parallel_worker_does_not_fire_it"), LOGON),
    _silent(
        "For autovacuum and other background workers.",
        unverified("measured on 17.9 and 18.4 outside of this project's tests"),
        LOGON,
    ),
    _silent(
        "When the login fails before it: wrong password, NOLOGIN, no right to connect, connection limit.",
        occasion("test_a_login_that_fails_before_does_not_fire_it"),
        LOGON,
    ),
    _silent(
        "At logins to other databases of the server: a trigger belongs to one database.",
        occasion("test_other_databases_do_not_fire_it"),
        SESSION,
    ),
    _silent(
        "In a session begun with event_triggers=off. Only a superuser can ask for that, or a role that was granted "
        "SET on the parameter, or for which a superuser has set it.",
        occasion("test_only_a_superuser_can_switch_event_triggers_off", LOGIN),
        SESSION,
    ),
    _silent("In single-user mode.", LOGIN, SESSION),
    _silent(
        "For sessions that were open before the trigger was created.",
        occasion("test_an_open_session_fires_nothing"),
        LOGON,
    ),
)
_LOGOFF_OCCASIONS = (
    _fires(
        "PostgreSQL has no logoff event: the end of a session is noticed by a later login, which runs the steps for "
        "it. At most 20 ends are worked off by one login, the oldest first.",
        inferred("test_one_login_records_a_bounded_number"),
        LOGOFF,
    ),
    _fires(
        "However the session ended: by disconnecting, by pg_terminate_backend, or in a crash of the server. Each "
        "end gets its steps once.",
        inferred("test_sessions_lost_in_a_crash_get_one_logoff_each"),
        LOGOFF,
    ),
    _silent(
        "As long as nobody logs in: an end that no later login notices is not recorded.",
        inferred("test_an_open_session_has_no_logoff"),
        LOGOFF,
    ),
    _silent(
        "For sessions whose logon could not be written down: read-only ones, and those on a hot standby.",
        inferred("test_a_read_only_session_is_let_in_and_leaves_no_row"),
        LOGOFF,
    ),
    _silent(
        "For logins that were refused: they leave nothing open.",
        inferred("test_a_denied_login_leaves_nothing_open"),
        LOGOFF,
    ),
    _silent(
        "If the function's owner may not see when other sessions began (no superuser, not in pg_read_all_stats): "
        "then a session counts as open as long as its process id is in use.",
        inferred("test_an_owner_who_cannot_see_other_sessions_takes_none_for_ended"),
        LOGOFF,
    ),
)
_DDL_OCCASIONS = (
    _fires(
        "At DDL commands in the database that holds it, also inside functions, and also on temporary tables.",
        ddl("test_nobody_is_exempt"),
        DDL_EVENTS - _REWRITE - _DROP,
    ),
    _fires(
        "At commands that drop something, DROP ... and ALTER TABLE ... DROP COLUMN among them, once for all that "
        "goes with it.",
        ddl("test_a_drop_lists_all_that_goes_with_it"),
        _DROP,
    ),
    _fires(
        "When ALTER TABLE, ALTER TYPE or ALTER MATERIALIZED VIEW is about to rewrite a table.",
        ddl("test_only_alter_rewrites"),
        _REWRITE,
    ),
    _silent(
        "At VACUUM FULL and CLUSTER, which rewrite a table without it.",
        ddl("test_only_alter_rewrites", EVENT_TRIGGERS),
        _REWRITE,
    ),
    _silent(
        "At TRUNCATE and REFRESH MATERIALIZED VIEW, which write a table anew.",
        ddl("test_only_alter_rewrites"),
        _REWRITE,
    ),
    _silent(
        "At ALTER TABLE that need not rewrite, such as ADD COLUMN with a constant default.",
        ddl("test_only_alter_rewrites"),
        _REWRITE,
    ),
    _silent(
        "At commands on roles, memberships, databases, tablespaces and parameters, ALTER SYSTEM, TRUNCATE, VACUUM "
        "and ANALYZE, and at anything that is no DDL.",
        ddl("test_what_no_event_trigger_sees", EVENT_TRIGGERS),
        DDL_EVENTS - _REWRITE,
    ),
    _silent(
        "At commands on event triggers themselves: who may alter or drop this one is not watched by it.",
        ddl("test_commands_on_event_triggers_fire_none", EVENT_TRIGGERS),
        DDL_EVENTS - _REWRITE,
    ),
    _silent(
        "When temporary tables go with their session.",
        ddl("test_temporary_tables_that_go_with_their_session_fire_nothing"),
        _DROP,
    ),
    _silent(
        "At a command that fails before its end.",
        ddl("test_a_command_that_fails_reaches_no_end", EVENT_TRIGGERS),
        frozenset({Event.DDL_COMMAND_END, Event.SQL_DROP}),
    ),
    _silent("In other databases of the server.", ddl("test_other_databases_do_not_fire_it"), DDL_EVENTS),
    _silent(
        "On a hot standby, where no DDL command runs.",
        manual("chapter Hot Standby, User's Overview"),
        DDL_EVENTS,
    ),
    _silent("In single-user mode.", EVENT_TRIGGERS, DDL_EVENTS),
    _silent(
        "In a session with event_triggers=off, which a superuser can set, or a role that was granted SET on it.",
        login_test("test_ddl_occasions.py::test_a_superuser_can_switch_event_triggers_off", EVENT_TRIGGERS),
        DDL_EVENTS,
        since=(17,),
    ),
)

OCCASIONS: tuple[Behaviour, ...] = (*_LOGIN_OCCASIONS, *_LOGOFF_OCCASIONS, *_DDL_OCCASIONS)
