"""XT311: what the client's TimeZone moves is found in every expression and body, and what it does not move is not."""

from __future__ import annotations

from typing import Any

import pytest

import xtrig
from xtrig.checks import examine
from xtrig.registry import get_dialect


def codes(version: int = 18, **trigger: Any) -> list[str]:
    whole = {
        "tables": {"t": {"columns": {"d": "date", "u": "timestamp", "z": "timestamptz"}}},
        "triggers": {"x": {"event": "logon", "exempt_roles": ["dba"], **trigger}},
    }
    dialect = get_dialect("postgresql")
    found = examine(xtrig.TriggerSet.model_validate(whole)).translate(dialect, (version,)).findings
    return [finding.code for finding in found if finding.code == "XT311"]


def of_condition(text: str, version: int = 18) -> list[str]:
    return codes(version, steps=[{"deny": "no", "when": text}])


MOVED = [
    "extract(hour from ${now}) not between 8 and 18",
    "extract(dow from now()) = 0",
    "date_part('hour', clock_timestamp()) < 8",
    "to_char(${now}, 'D') = '1'",
    "${now}::date = '2026-12-01'",
    "CAST(${now} AS time) < '08:00'",
    "date_trunc('day', ${now}) = ${now}",
    "localtime < '08:00'",
    "localtimestamp > '2026-01-01'",
    "current_time > '18:00'",
    "current_date = '2026-01-01'",
    "date(now()) = '2026-01-01'",
    "${now} > '2026-12-01'",
    "'2026-12-01 08:00' < ${now}",
    "${now} < 'today'::timestamptz",
    "${now}::timestamp without time zone > '2026-12-01'",
    "age(${now}) < interval '8 hours'",
    "age(timestamptz '2020-01-01 00:00Z') > interval '1 day'",
    "timeofday() LIKE 'Sun%'",
    "make_timestamptz(2026, 1, 1, 8, 0, 0) > ${now}",
    "extract(hour from ${now} AT LOCAL) < 8",
    "extract(hour from ${now} AT TIME ZONE current_setting('TimeZone')) < 8",
    "now() - interval '1 day' > '2026-01-01'",
    "${now} > 'today'",
    "tstzrange('2026-01-01', null) @> ${now}",
    "'01/02/2026'::date < ${now}",
    "to_char(${now} AT TIME ZONE INTERVAL '0', 'TMDay') = 'Sunday'",
]
OF_CONDITIONS = [
    "${now}::text LIKE '% 08:%'",
    "CAST(${now} AS text) LIKE '% 08:%'",
    "'' || ${now} LIKE '% 08:%'",
    "concat(${now}) LIKE '% 08:%'",
    "to_json(${now})::text LIKE '%T08%'",
    "EXISTS (SELECT 1 FROM t WHERE d <= ${now})",
    "EXISTS (SELECT 1 FROM t WHERE ${now} BETWEEN u AND u)",
    "to_date('2026', 'YYYY') < ${now}",
]


@pytest.mark.parametrize("text", OF_CONDITIONS)
def test_a_moment_as_a_text_and_beside_a_date_is_found_in_a_condition(text: str):
    assert of_condition(text)


@pytest.mark.parametrize("version", [17, 18])
@pytest.mark.parametrize("text", MOVED)
def test_what_the_clients_zone_moves_is_found(text: str, version: int):
    assert of_condition(text, version)
    body = f"BEGIN IF {text.replace('${now}', 'now()')} THEN RAISE EXCEPTION 'no'; END IF; END"
    assert codes(version, body={"postgresql": body})
    assert codes(version, steps=[{"if": text, "then": [{"log": "x"}]}])


@pytest.mark.parametrize(
    "text",
    [
        "extract(hour from ${now} AT TIME ZONE 'Asia/Seoul') < 8",
        "extract(hour from timezone('Europe/Berlin', ${now})) < 8",
        "extract(hour from ${now} AT TIME ZONE 'utc') < 8",
        "date_trunc('day', ${now}, 'Asia/Seoul') = ${now}",
    ],
)
def test_the_name_of_a_zone_is_moved_from_18_on(text: str):
    assert of_condition(text, 18)
    assert not of_condition(text, 17)


@pytest.mark.parametrize(
    "text",
    [
        "extract(hour from ${now} AT TIME ZONE INTERVAL '0') < 8",
        "extract(epoch from ${now}) > 1",
        "${hour_utc} < 8",
        "${hour('Asia/Seoul')} < 8 and extract(hour from ${now}) < 30",  # the function has a TimeZone of its own
        "${now} > '2026-12-01 00:00+09'",
        "${now} > '2026-12-01T00:00:00Z'",
        "${now} - interval '1 day' > ${now}",
        "${now}::timestamptz > ${now}",
        "${login_user} = 'localtime'",
        "app.current_date = 1",
        "make_timestamptz(2026, 1, 1, 8, 0, 0, '+09') > ${now}",
        "EXISTS (SELECT 1 FROM t WHERE z <= ${now})",
        "tstzrange('2026-01-01 00:00Z', null) @> ${now}",
        "app.age(${login_user}) = 1",
        "${login_user} = '01/02/2026'",
    ],
)
def test_what_no_client_moves_is_no_finding(text: str):
    assert of_condition(text) == []


def test_the_text_of_a_moment_keeps_its_offset_in_a_row():
    assert codes(steps=[{"log": "x", "when": "true"}, {"set": "app.at", "value": "'at ' || ${now}"}]) == []


@pytest.mark.parametrize(("column", "is_moved"), [("d", True), ("u", True), ("z", False)])
def test_a_moment_in_a_column_without_a_zone(column: str, is_moved: bool):
    assert bool(codes(steps=[{"insert": "t", "values": {column: "${now}"}}])) is is_moved
