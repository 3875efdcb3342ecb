"""What servers of the family do when a trigger fires, fails or records, read from a file beside each dialect.

A file has sections, which a dialect puts together; in a section stand sentences by topic, and by policy under
``policy NAME``, of which the first that holds is said. A sentence has

- ``text``, as :class:`~xtrig.plugin.Behaviour` describes it;
- ``events``: ``session``, ``ddl`` or one or more events; left out, all events;
- ``when``: its condition, of ``and``, ``or`` (which binds less) and ``not``, of properties of a
  :class:`~xtrig.plugin.Situation`, and of ``POLICY is VALUE`` or ``POLICY is set``;
- ``since``: the first major version;
- ``known``: how it is known, by a word that :mod:`xtrig_pgfamily.evidence` has for it (``login_test FILE::TEST``,
  ``manual CHAPTER``, ``unverified WHY``), or by the name of an evidence of the dialect; a test may be followed by what
  is left on versions that it does not run on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from operator import attrgetter

import yaml

from xtrig.plugin import (
    ALL_EVENTS,
    DDL_EVENTS,
    SESSION_EVENTS,
    Behaviour,
    Condition,
    Event,
    Evidence,
    Topic,
    unverified,
)
from xtrig_pgfamily import evidence

_EVENTS = {"": ALL_EVENTS, "session": SESSION_EVENTS, "ddl": DDL_EVENTS}
_TESTS = {"login_test": evidence.login_test, "ddl_test": evidence.ddl_test, "only_on_18": evidence.only_on_18}


class Behaviours(Collection[Behaviour]):
    """Behaviours that are read when they are asked for, which is by ``xtrig explain`` alone."""

    def __init__(self, read: Callable[[], Iterable[Behaviour]]) -> None:
        self._all = cache(lambda: tuple(read()))

    def __contains__(self, behaviour: object) -> bool:
        return behaviour in self._all()

    def __iter__(self) -> Iterator[Behaviour]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def read_behaviours(
    package: str, file: str = "behaviours.yaml", named: Mapping[str, Evidence] | None = None
) -> Mapping[str, tuple[Behaviour, ...]]:
    """Return the sections of a file in a package; ``named`` is the evidence that it refers to by name."""
    sections = yaml.load(files(package).joinpath(file).read_text("utf-8"), Loader=yaml.CSafeLoader)
    known = vars(evidence) if named is None else named
    return {
        name: tuple(_behaviour(topic, known, **said) for topic, sentences in topics.items() for said in sentences)
        for name, topics in sections.items()
    }


def ddl_behaviours() -> tuple[Behaviour, ...]:
    """Return what PostgreSQL does around a trigger on DDL."""
    return read_behaviours(__package__, "ddl_behaviours.yaml")["ddl"]


def _behaviour(
    topic: str,
    named: Mapping[str, Evidence],
    *,
    text: str,
    known: str | list[str],
    events: str = "",
    when: str = "",
    since: int = 0,
) -> Behaviour:
    about, _, policy = topic.partition(" ")
    return Behaviour(
        Topic(about),
        text,
        _evidence([known] if isinstance(known, str) else known, named),
        _EVENTS[events] if events in _EVENTS else frozenset(map(Event, events.split(", "))),
        since=(since,) if since else (),
        applies=_condition(when),
        policy=policy,
    )


def _evidence(known: Sequence[str], named: Mapping[str, Evidence]) -> Evidence:
    first, *others = known
    word, _, what = first.partition(" ")
    if word in _TESTS:
        return _TESTS[word](what, _evidence(others, named) if others else evidence.UNTRIED)
    says: Mapping[str, Callable[[str], Evidence]] = {"manual": evidence.manual, "unverified": unverified}
    return says[word](what) if what else named[first]


def _condition(text: str) -> Condition:
    ways = [[_term(term) for term in way.split(" and ")] for way in text.split(" or ")] if text else [[]]
    return lambda each: any(all(term(each) for term in way) for way in ways)


def _term(text: str) -> Condition:
    if text.startswith("not "):
        inner = _term(text.removeprefix("not "))
        return lambda each: not inner(each)
    policy, is_policy, value = text.partition(" is ")
    if not is_policy:
        return attrgetter(text)
    return lambda each: each.policy(policy) is not None if value == "set" else each.policy(policy) == value
