"""When PolarDB fires a trigger and when not, what is not recorded, and what policies do: ``behaviours.yaml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from xtrig.plugin import DDL_EVENTS, Behaviour, Evidence, Situation
from xtrig_pgfamily.behaviours import Behaviours, ddl_behaviours, read_behaviours
from xtrig_polardb import evidence
from xtrig_polardb.capabilities import SYSTEM_TRIGGERS
from xtrig_polardb.system_trigger import is_system_trigger


def _is_system(each: Situation) -> bool:
    """Whether the trigger becomes a system trigger; versions are those of the Oracle edition."""
    return each.version >= SYSTEM_TRIGGERS and is_system_trigger(each.trigger)


def _only(behaviour: Behaviour, *, system: bool) -> Behaviour:
    return replace(behaviour, applies=lambda each: _is_system(each) is system and behaviour.applies(each))


def _sections(page: Evidence) -> Mapping[str, tuple[Behaviour, ...]]:
    return read_behaviours(__package__, named={**vars(evidence), "PAGE": page})


def _from_kernel() -> Iterator[Behaviour]:
    """Yield what holds of PostgreSQL's DDL events as what may hold of an event trigger here."""
    for each in ddl_behaviours():
        yield replace(each, evidence=evidence.KERNEL, events=each.events & DDL_EVENTS)


def _postgresql() -> Iterator[Behaviour]:
    said = _sections(evidence.PAGE)
    yield from (*said["postgresql"], *said["session"], *_from_kernel())


def _oracle() -> Iterator[Behaviour]:
    said = _sections(evidence.ORACLE_PAGE)
    yield from (*said["oracle"], *said["session"])
    yield from (_only(each, system=True) for each in said["system"])
    yield from (_only(each, system=False) for each in _from_kernel())


POLARDB = Behaviours(_postgresql)
POLARDB_ORACLE = Behaviours(_oracle)
