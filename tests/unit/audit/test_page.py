"""The audit page: what it says is what the records say."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta, timezone

from tests.unit.audit.reading import key_numbers, page_of
from tests.unit.audit.sample import POLARDB, POSTGRESQL, SINCE, at, audit, ended, realistic, session, tampered
from xtrig.audit.records import Ddl, Gap, Refusal, Session, Source

DATA = realistic()
PAGE = page_of(DATA)
COPY = "from tests.unit.audit.sample import realistic; from xtrig.audit.page import report_page; "


def test_the_same_records_give_the_same_page_in_any_process():
    digest = f"{COPY}import hashlib; print(hashlib.sha256(report_page(realistic(300)).encode()).hexdigest())"
    seen = {
        subprocess.run(
            [sys.executable, "-c", digest],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ".", "TZ": zone, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai"), ("3", "America/New_York"))
    }
    assert len(seen) == 1


def test_key_numbers():
    assert key_numbers(PAGE) == {
        "Sessions": "3,000",
        "Users": str(len({one.login_user for one in DATA.sessions})),
        "Addresses": str(len({one.client_ip for one in DATA.sessions if one.client_ip})),
        "Refused logins": "140",
        "DDL commands": "260",
        "Open now": str(sum(one.ended_by is None for one in DATA.sessions)),
        "Gaps in coverage": "2",
    }


def test_sessions_per_day_by_vendor():
    days = Counter((f"{one.logon_at:%Y-%m-%d}", one.source) for one in DATA.sessions)
    rows = PAGE.by_id("activity").rows(0)
    assert len(rows) == 60
    for day, postgresql, polardb, both in rows:
        assert (int(postgresql), int(polardb)) == (days[day, POSTGRESQL], days[day, POLARDB])
        assert int(both) == int(postgresql) + int(polardb)


def test_logons_by_weekday_and_hour():
    hours = Counter((one.logon_at.strftime("%a"), one.logon_at.hour) for one in DATA.sessions)
    rows = PAGE.by_id("activity").rows(1)
    assert [row[0] for row in rows] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert all(int(number) == hours[row[0], hour] for row in rows for hour, number in enumerate(row[1:]))


def test_users_are_those_with_most_sessions():
    by_account: dict[tuple[str, str], list[Session]] = defaultdict(list)
    for one in DATA.sessions:
        by_account[one.login_user, one.source.vendor].append(one)
    refused = Counter((one.login_user, one.source.vendor) for one in DATA.refusals)
    rows = PAGE.by_id("users").rows()
    assert len(rows) == 25
    assert f"{len(by_account) - 25} more rows" in PAGE.by_id("users").text
    assert [int(row[2]) for row in rows] == sorted(map(len, by_account.values()), reverse=True)[:25]
    checked = 0
    for user, vendor, number, first, _, addresses, refusals, _ in rows:
        if found := by_account.get((user, vendor)):
            assert int(number) == len(found)
            assert first == f"{min(one.logon_at for one in found):%Y-%m-%d %H:%M:%S}"
            assert int(addresses) == len({one.client_ip for one in found})
            assert int(refusals) == refused[user, vendor]
            checked += 1
    assert checked > 15


def test_addresses():
    number = Counter(one.client_ip for one in DATA.sessions)
    rows = PAGE.by_id("addresses").rows()
    assert {row[0]: int(row[2]) for row in rows}.items() <= {
        key or "no address": n for key, n in number.items()
    }.items()
    assert [int(row[2]) for row in rows] == sorted(number.values(), reverse=True)[:25]


def test_refused_logins_that_are_alike_share_a_row():
    twice = [Refusal(POSTGRESQL, at(day), "root", "shop", "203.0.113.4", "no such role") for day in (4, 2)]
    once = Refusal(POSTGRESQL, at(3), "root", "shop", None, "no such role")
    rows = page_of(audit(refusals=(*twice, once))).by_id("refused").rows()
    assert rows == [
        ["root", "shop", "203.0.113.4", "no such role", "2", "2026-03-03 00:00:00", "2026-03-05 00:00:00"],
        ["root", "shop", "no address", "no such role", "1", "2026-03-04 00:00:00", "2026-03-04 00:00:00"],
    ]


def test_ddl_by_type_and_the_latest():
    section = PAGE.by_id("ddl")
    assert {row[0]: int(row[1]) for row in section.rows(0)} == Counter(one.command_tag for one in DATA.ddl)
    times = sorted((f"{one.at:%Y-%m-%d %H:%M:%S}" for one in DATA.ddl), reverse=True)
    assert [row[0] for row in section.rows(1)] == times[:25]
    assert "235 more rows" in section.text


def test_a_ddl_command_without_an_object():
    command = Ddl(POSTGRESQL, SINCE, "alice", "GRANT", None, None)
    rows = page_of(audit(ddl=(command,))).by_id("ddl").rows(1)
    assert [[cell.replace("\u2013", "-") for cell in row] for row in rows] == [
        ["2026-03-01 00:00:00", "alice", "GRANT", "-", "-"]
    ]


def test_how_sessions_ended():
    ends = Counter(one.ended_by for one in DATA.sessions)
    section = PAGE.by_id("ends")
    assert [int(row[1].replace(",", "")) for row in section.rows()] == [
        ends[how] for how in ("logoff", "server log", "inferred", "unknown", None)
    ]
    assert "the time of detection is not the time of logoff" in section.text


def test_sources_and_what_was_in_them():
    number = Counter(one.source for one in DATA.sessions)
    assert [[row[0], int(row[3].replace(",", "")), row[6]] for row in PAGE.by_id("sources").rows()] == [
        ["PostgreSQL 18.4", number[POSTGRESQL], "1"],
        ["PolarDB 2.0.14", number[POLARDB], "1"],
    ]


def test_latest_sessions_say_how_exactly_their_end_is_known():
    found = session(at(3), ended_by="inferred", last_seen_at=at(3, hours=1), detected_at=at(3, hours=4))
    late = session(at(2), ended_by="inferred", detected_at=at(2, hours=4))
    page = page_of(audit(ended(minutes=90), session(at(1), last_seen_at=at(1, minutes=5)), late, found, session(at(4))))
    assert [row[-2:] for row in page.by_id("sessions").rows()] == [
        ["open", "still open"],
        ["inferred", "1 h to 4 h"],
        ["inferred", "at most 4 h"],
        ["open", "at least 5 min"],
        ["logoff", "1 h 30 min"],
    ]


def test_time_connected_is_a_lower_bound_where_an_end_is_not_known():
    open_one = session(at(1), last_seen_at=at(1, hours=2))
    assert page_of(audit(ended(hours=1))).by_id("users").rows()[0][-1] == "1 h"
    assert page_of(audit(ended(hours=1), open_one)).by_id("users").rows()[0][-1] == "\u2265 3 h"
    assert page_of(audit(open_one)).by_id("users").rows()[0][3] == "2026-03-02 02:00:00"


def test_times_are_shown_in_utc_whatever_they_are_given_in():
    tokyo = timezone(timedelta(hours=9))
    page = page_of(audit(ended(at(2, hours=20).astimezone(tokyo), hours=1), since=SINCE.astimezone(tokyo)))
    assert page.by_id("sessions").rows()[0][0] == "2026-03-03 20:00:00"
    assert page.by_id("activity").rows(1)[1][21] == "1"
    assert page.by_id("activity").rows(0)[0][0] == "2026-03-01"
    assert "All times are in UTC." in page.text


def test_one_source_needs_no_column_and_no_legend():
    page = page_of(audit(ended(hours=1)))
    assert "Source" not in [cell.text for cell in page.by_id("users").all("th")]
    assert not [node for node in page.all("ul") if node.attributes.get("class") == "legend"][1:]


def test_sources_of_the_same_vendor_are_told_apart():
    other = replace(POSTGRESQL, server="db2")
    page = page_of(audit(ended(hours=1), replace(ended(hours=1), source=other), sources=(POSTGRESQL, other)))
    assert {row[1] for row in page.by_id("users").rows()} == {
        "PostgreSQL 18.4, db1.example:5432 / shop",
        "PostgreSQL 18.4, db2 / shop",
    }
    assert [cell.text for cell in page.by_id("activity").all("table")[0].all("thead")[0].all("th")] == [
        "Day",
        "PostgreSQL 18.4",
    ]


def test_many_vendors_share_the_last_colour():
    sources = tuple(Source(f"PostgreSQL {number}", "db", "shop") for number in range(12, 20))
    data = audit(*(replace(ended(hours=1), source=source) for source in sources), sources=sources)
    (head,) = page_of(data).by_id("activity").all("table")[0].all("thead")
    assert [cell.text for cell in head.all("th")][-2:] == ["other vendors", "All"]
    assert page_of(data).by_id("activity").rows(0)[0] == ["2026-03-01", "1", "1", "1", "1", "4", "8"]


def test_gaps_are_prominent_and_say_that_silence_proves_nothing():
    section = PAGE.by_id("coverage")
    assert section.attributes["class"] == "alert warn"
    assert "event_triggers was off" in section.text
    assert "since 2026-04-29 15:00:00 UTC and still, at least 9 h" in section.text
    assert "does not mean that there was none" in section.text
    assert "2 gaps, together 2 d 15 h" in section.text


def test_gaps_that_overlap_count_once_and_only_within_the_period():
    gaps = (Gap(POSTGRESQL, at(-5), at(2), "off"), Gap(POLARDB, at(1), at(3), "off"))
    assert "together 3 d of" in page_of(audit(gaps=gaps)).by_id("coverage").text
    assert "no gap" in page_of(audit()).by_id("coverage").text.lower()


def test_signs_of_tampering_come_first_or_not_at_all():
    page = page_of(replace(DATA, tamperings=tampered(DATA)))
    first = page.all("section")[0]
    assert first.attributes["class"] == "alert bad"
    assert "audit.session_log, row 12" in first.text
    assert key_numbers(page)["Signs of tampering"] == "2"
    assert "tamper" not in PAGE.text.lower()


def test_sessions_outside_of_the_period_are_counted_and_not_drawn():
    page = page_of(audit(ended(at(-1), hours=1), ended(at(61), hours=1), ended(at(5), hours=1)))
    assert "Not drawn: 2 sessions" in page.by_id("activity").text
    assert sum(int(row[1]) for row in page.by_id("activity").rows(0)) == 1


def test_no_records_give_a_page_without_charts():
    for data in (audit(), audit(sources=()), audit(until=SINCE)):
        page = page_of(data)
        assert "No sessions recorded in this period." in page.text
        assert not page.all("svg")
        assert set(key_numbers(page).values()) == {"0"}


def test_a_period_of_no_time_can_hold_no_bars():
    page = page_of(audit(ended(hours=1), gaps=(Gap(POSTGRESQL, SINCE, None, "off"),), until=SINCE))
    assert "Not drawn: 1 session " in page.text
