"""Manipulations that `xtrig status` and `xtrig audit verify` do not report: for each kind which, and why.

Whoever makes one of them seen takes its line away; the test fails until then. docs/auditors.md has them all.
"""

from __future__ import annotations

from collections.abc import Mapping

OF_A_DEFINITION: Mapping[str, str] = {
    "a column": "it gets no value of its own, and the rows are as the definition says",
    "a plain index": "it changes no row; what it costs is its owner's to know",
    "SELECT to mallory": "a definition cannot say yet who reads; look at the grants of the table",
    "a column's SELECT to mallory": "the same",
    "no autovacuum": "it changes no row",
    "a publication": "what subscribers get is in no definition; look at pg_publication_tables",
    "no rows": "a table of steps has no seal: use `sessions`, or copy the rows away",
    "TRUNCATE": "the same",
    "the superuser as owner": "the deploying role owns it already: nothing has changed",
}
"""The same for a table that steps fill, and for `xtrig status`."""
SURVIVORS: Mapping[str, Mapping[str, str]] = {
    "table": {
        "no rows": "of `session_inbox` alone: `maintain()` empties it too, and a seal at a login would cost too much",
        "TRUNCATE": "the same; sessions whose end is in the server log come back from there",
        "no statistics": "it changes plans, and no row",
        "statistics that are wrong": "the same",
        "stored as it comes": "it changes how a value is stored, and no value",
        "clustered": "it is the order in which CLUSTER would write rows",
        "no autovacuum of TOAST": "of the partitioned `session_log` alone, which has no rows of its own",
        "no relhasindex": "of `session_inbox` alone, which has no index: nothing has changed",
        "a view on it": "its owner could read the table before; `xtrig drop` says that it is in the way",
        "a column's comment": "xtrig writes none, and reads none",
    },
    "view": {
        "a column's default": "`SET DEFAULT NULL` is no default: nothing has changed",
        "a view on it": "whoever may read the record may read it by a view of his own",
        "a column's comment": "xtrig writes none, and reads none",
    },
    "function": {"another estimate": "of functions that return one row, it changes nothing"},
    "role": {
        "a password": "only superusers can see whether there is one; it is of use with LOGIN alone, which is reported",
        "another mark": "roles belong to all databases of a server, and several sets share them",
        "a member": "of the reader: that is what it is for; members of owner and writer are reported",
        "a member of a member": "the same",
        "NOINHERIT": "from 16 on it is the default of later memberships alone; those that are there are reported",
        "a limit of connections": "the roles cannot log in",
        "a day until which it is valid": "the same",
        "a schema of its own": "it opens no object of the record",
    },
    "schema": {
        "USAGE to mallory": "schedulers need it, and it opens no object; rights on the objects are reported",
        "another mark": "a schema may be shared by sets; its mark decides who drops it when it is empty",
    },
    "event trigger": {
        "another owner": "another superuser gains nothing; an owner who is none is reported",
        "a second one with a mark": "only superusers make one; another set of xtrig's may be there too",
        "one on DDL, which denies": "it changes what others may do, and not the record; `xtrig doctor` lists it",
    },
    "database": {
        "search_path": "the functions of the record have their own",
        "another owner": "a definition does not say whose a database is; what an owner can set is reported",
        "CREATE to mallory": "what she makes is in schemas of her own",
        "mallory is in pg_read_all_data": "roles for backups are; she reads, and changes nothing",
        "mallory is superuser": "a definition does not say who is superuser, and nothing binds one",
        "mallory replicates": "she reads all of the server, and changes nothing",
        "mallory is in pg_monitor": "the same of what sessions do and of the log's names",
        "mallory is in pg_read_server_files": "the same",
        "mallory reads the server's files": "the same",
        "mallory passes row security": "the record has no policies; a policy is reported",
        "mallory is in pg_create_subscription": "what comes in needs the rights of the subscription's owner, too",
        "mallory is in pg_signal_backend": "she ends sessions, which is recorded; a later `maintain()` goes on",
        "mallory rotates the log": "the file of another name is read, too; one that is removed unread is a gap",
        "mallory resets statistics": "the count of sessions begins anew, as after a restart",
        "statistics reset": "the same",
        "a limit of connections": "nobody gets in unrecorded",
        "no connections": "the same",
        "no CONNECT": "the same",
        "a template": "a copy is another database, with logins of its own",
        "a library": "only superusers set it, and nothing binds one",
        "a library of a role's": "the same",
        "a cast": "only superusers make one between the server's types",
        "another handler of the language": "only superusers can, and it is the same function",
        "read-only of a role": "any client may choose it: the row comes from the server log",
        "lock_timeout": "the functions of the record have their own",
        "client_min_messages": "the same",
        "another collation version": "the server warns of it at each login",
        "mallory makes roles": "a definition does not say who does; roles of the record are looked at themselves",
    },
    "rows": {
        "session_inbox: another user": "a row has a seal once its session has ended and `maintain()` has put it away",
    },
}
