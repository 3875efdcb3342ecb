"""Records: how long a session lasted, and several readings as one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.unit.audit.sample import POLARDB, POSTGRESQL, SINCE, UNTIL, at, audit, ended, realistic, session, tampered
from xtrig.audit.records import Gap, Session, merge

HOUR = timedelta(hours=1)


def inferred(seen: datetime | None, found: datetime | None, **said: datetime) -> Session:
    return session(SINCE, ended_by="inferred", last_seen_at=seen, detected_at=found, **said)


def test_an_end_that_is_known_gives_a_duration():
    known = ended(hours=1)
    assert known.duration == HOUR
    assert known.duration_range == (HOUR, HOUR)
    assert replace(known, ended_by="server log").duration == HOUR


def test_an_inferred_end_gives_bounds_and_no_duration():
    found = inferred(at(hours=1), at(hours=3), logoff_at=at(hours=3))
    assert found.duration is None
    assert found.duration_range == (HOUR, 3 * HOUR)


def test_bounds_that_nobody_noted_are_open():
    assert inferred(None, at(hours=3)).duration_range == (timedelta(0), 3 * HOUR)
    assert inferred(at(hours=1), None).duration_range == (HOUR, None)
    assert inferred(at(hours=1), None, logoff_at=at(hours=2)).duration_range == (HOUR, 2 * HOUR)


def test_an_open_session_lasted_at_least_until_it_was_seen():
    assert session().duration is None
    assert session().duration_range == (timedelta(0), None)
    assert session(last_seen_at=at(hours=1)).duration_range == (HOUR, None)


def test_a_session_that_ended_somehow_has_no_upper_bound():
    assert session(ended_by="unknown", last_seen_at=at(hours=1)).duration_range == (HOUR, None)


def test_a_clock_that_was_set_back_gives_no_negative_duration():
    assert ended(hours=-1).duration == timedelta(0)
    assert inferred(at(hours=-2), at(hours=-1)).duration_range == (timedelta(0), timedelta(0))


def test_a_period_has_time_zones_and_an_order():
    with pytest.raises(ValueError, match="before it begins"):
        audit(since=UNTIL, until=SINCE)
    with pytest.raises(ValueError, match="since has no time zone"):
        audit(since=SINCE.replace(tzinfo=None))


def test_merging_keeps_all_records_in_the_order_of_time():
    data = realistic(200)
    data = replace(data, tamperings=tampered(data), refusals=tuple(sorted(data.refusals, key=lambda one: one.at)))
    data = replace(data, ddl=tuple(sorted(data.ddl, key=lambda one: one.at)))
    parts = [
        replace(
            data,
            **{
                name: tuple(one for one in getattr(data, name) if one.source == source)
                for name in ("sessions", "refusals", "ddl", "gaps", "tamperings")
            },
            sources=(source,),
        )
        for source in data.sources
    ]
    merged = merge(*reversed(parts))
    assert set(merged.sources) == set(data.sources)
    assert merged.sessions == data.sessions
    assert sorted(map(repr, merged.refusals)) == sorted(map(repr, data.refusals))
    assert [one.at for one in merged.ddl] == [one.at for one in data.ddl]
    assert merged.gaps == data.gaps
    assert set(merged.tamperings) == set(data.tamperings)


def test_merging_one_changes_nothing():
    assert merge(realistic(0)).sources == realistic(0).sources
    assert merge(audit(ended(hours=1))) == audit(ended(hours=1))


def test_a_source_that_was_not_read_for_all_of_the_period_has_gaps():
    first = audit(until=at(20))
    second = audit(since=at(30), until=at(40))
    other = audit(sources=(POLARDB,))
    why = "not read for this time"
    assert merge(first, second, other).gaps == (
        Gap(POSTGRESQL, at(20), at(30), why),
        Gap(POSTGRESQL, at(40), UNTIL, why),
    )
    assert merge(second, other).gaps[0] == Gap(POSTGRESQL, SINCE, at(30), why)


def test_merging_takes_the_widest_period_and_the_latest_reading():
    merged = merge(audit(until=at(9), generated_at=at(70)), audit(since=at(5), until=at(12), generated_at=at(13)))
    assert (merged.since, merged.until, merged.generated_at) == (SINCE, at(12), at(70))
    assert merged.gaps == ()


def test_there_has_to_be_something_to_merge():
    with pytest.raises(ValueError, match="nothing to merge"):
        merge()
