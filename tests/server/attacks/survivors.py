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
    },
    "view": {"a column's default": "`SET DEFAULT NULL` is no default: nothing has changed"},
    "role": {
        "a password": "only superusers can see whether there is one; it is of use with LOGIN alone, which is reported",
        "another mark": "roles belong to all databases of a server, and several sets share them",
        "a member": "of the reader: that is what it is for; members of owner and writer are reported",
        "a member of a member": "the same",
    },
    "schema": {
        "USAGE to mallory": "schedulers need it, and it opens no object; rights on the objects are reported",
        "another mark": "a schema may be shared by sets; its mark decides who drops it when it is empty",
    },
    "event trigger": {
        "another owner": "another superuser gains nothing; an owner who is none is reported",
        "one on DDL, which denies": "it changes what others may do, and not the record; `xtrig doctor` lists it",
    },
    "database": {
        "search_path": "the functions of the record have their own",
        "another owner": "a definition does not say whose a database is; what an owner can set is reported",
        "CREATE to mallory": "what she makes is in schemas of her own",
        "mallory is in pg_read_all_data": "roles for backups are; she reads, and changes nothing",
        "mallory is superuser": "a definition does not say who is superuser, and nothing binds one",
        "mallory makes roles": "a definition does not say who does; roles of the record are looked at themselves",
    },
    "rows": {
        "session_inbox: another user": "a row has a seal once its session has ended and `maintain()` has put it away",
    },
}
