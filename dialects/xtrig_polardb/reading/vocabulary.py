"""The words of both editions."""

from __future__ import annotations

from dataclasses import replace

from xtrig.plugin import Event, Fact
from xtrig_pgfamily.reading.vocabulary import ALSO, DDL, POSTGRESQL, Vocabulary, flat
from xtrig_polardb.spellings import SESSION, SYSTEM

_TYPES = {"varchar2": "varchar", "nvarchar2": "varchar", "number": "numeric", "clob": "text"}
_POLARDB = Vocabulary(
    "polardb",
    (*flat(SESSION), *POSTGRESQL.spellings),
    {"after_user_logon": Event.LOGON, "before_user_logoff": Event.LOGOFF, **DDL},
    ALSO,
    ("CASE tg_event WHEN 'after_user_logon' THEN 'logon' WHEN 'before_user_logoff' THEN 'logoff' ELSE tg_event END",),
    _TYPES,
    ("polar_",),
    errors_bind=False,
    has_clauses=False,
)
ORACLE_CLAUSES = {"logon": Event.LOGON, "logoff": Event.LOGOFF}
"""The word between AFTER or BEFORE and ON DATABASE."""

VOCABULARIES = {
    "polardb": _POLARDB,
    "polardb-oracle": replace(
        _POLARDB,
        dialect="polardb-oracle",
        events={**ORACLE_CLAUSES, **DDL},
        told_events=("CASE WHEN LOWER(tg_event) LIKE '%logoff%' THEN 'logoff' ELSE 'logon' END",),
    ),
}

# A system trigger fires for each object, so that the command's tag is the object's too.
_TAG = (Fact.COMMAND_TAG, "ora_sysevent || ' ' || ora_dict_obj_type")
SYSTEM_TRIGGERS = Vocabulary(
    "polardb-oracle",
    tuple((fact, sql) for fact, sql in flat(SYSTEM) if fact is not Fact.TAG),
    DDL,
    (*ALSO, _TAG),
    types=_TYPES,
    prefixes=("ora_",),
)
