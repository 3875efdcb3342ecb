"""CSV and JSON: everything comes back as it was, whatever it holds."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.json_outputs import parsed
from tests.unit.audit.sample import HOSTILE, MARKUP, POLARDB, POSTGRESQL, at, ended, realistic, session
from xtrig.audit.records import Ddl, Gap, Refusal, Session, Tampering
from xtrig.cli.audit.output import KINDS, columns, flat, guarded, labelled, write_csv, write_json

STORABLE = [text for text in HOSTILE if "\ud800" not in text]  # no server sends half a character
FORMULAS = ["=1+1", "+1", "-1", "@SUM(1)", " =1", "\t=1", "\r1", "\n=1", "\u00a0=1", "'", "'=1", "\uff1d1"]
PLAIN = ["", "alice", "a=b", "10.0.0.1", "1-1", "\u2019=1"]


def as_csv(rows: list[Any], capsys: pytest.CaptureFixture[str], *kinds: type[Any], **said: Any) -> list[dict[str, str]]:
    write_csv(iter(rows), columns(*kinds), lambda: True, **{"exact": False, **said})
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out, newline="")))


def test_a_session_as_one_level_of_values():
    found = flat(ended(hours=1))
    assert tuple(found) == columns(Session)
    assert (found["vendor"], found["server"], found["source_database"]) == (
        "PostgreSQL 18.4",
        "db1.example:5432",
        "shop",
    )
    assert (found["logon_at"], found["logoff_at"]) == ("2026-03-01T00:00:00+00:00", "2026-03-01T01:00:00+00:00")
    assert (found["at_least_seconds"], found["at_most_seconds"]) == (3600, 3600)
    assert (found["ended_by"], found["last_seen_at"], found["recorded_by"]) == ("logoff", None, "login trigger")


def test_bounds_of_an_end_that_is_not_exact():
    found = flat(session(ended_by="inferred", last_seen_at=at(hours=1), detected_at=at(hours=2)))
    assert (found["logoff_at"], found["at_least_seconds"], found["at_most_seconds"]) == (None, 3600, 7200)
    assert flat(session())["at_most_seconds"] is None


def test_every_kind_of_record_has_a_label_and_fits_the_columns_of_a_report():
    records = [
        session(),
        Refusal(POSTGRESQL, at(), "eve", "shop", None, "no", sqlstate="28P01"),
        Ddl(POSTGRESQL, at(), "bob", "DROP TABLE", None, None),
        Gap(POLARDB, at(), None, "off"),
        Tampering(POLARDB, "seal 7", "broken", at()),
    ]
    assert [type(record) for record in records] == list(KINDS)
    header = columns(*KINDS, label=True)
    assert header[:4] == ("record", "vendor", "server", "source_database")
    for record in records:
        assert set(labelled(record)) <= set(header)
    assert [labelled(record)["record"] for record in records] == list(KINDS.values())


@pytest.mark.parametrize("text", [*STORABLE, *FORMULAS, *PLAIN])
def test_what_csv_holds_comes_back(text: str, capsys: pytest.CaptureFixture[str]):
    given_ = flat(session(login_user=text, application=text))
    (read,) = as_csv([given_], capsys, Session, exact=True)
    assert (read["login_user"], read["application"], read["logon_at"]) == (text, text, given_["logon_at"])
    (read,) = as_csv([given_], capsys, Session)
    assert bared(read["login_user"]) == text


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str, capsys: pytest.CaptureFixture[str]):
    (read,) = as_csv([flat(session(login_user=text))], capsys, Session)
    assert read["login_user"].startswith(f"'{text[:1]}")
    assert bared(read["login_user"]) == text


@pytest.mark.parametrize("mark", [";", "\t", "\n", "\r", "|", "\uff1b"])
@pytest.mark.parametrize("begun", ["", "a", "'", ";"])
@pytest.mark.parametrize("blank", ["", " ", "\t"])
def test_no_cell_that_a_spreadsheet_splits_off_is_a_formula(mark: str, begun: str, blank: str):
    text = f"{begun}{mark}{blank}=1+1"
    assert not any(part.lstrip().startswith("=") for part in re.split("[;\uff1b|\t\r\n]", guarded(text)))
    assert bared(guarded(text)) == text


@pytest.mark.parametrize("value", [*PLAIN, None, 0, -5, 1.5])
def test_what_is_no_formula_stays(value: Any):
    assert guarded(value) == value


def bared(shown: str) -> str:
    """Return a text without the guard, as docs/audit.md says how."""
    return re.sub("(\\A|[;\uff1b|\t\r\n\v\f])'", r"\1", shown)


@given(st.text() | st.text("=;'\t\n| a"))
def test_the_guard_can_be_taken_off(text: str):
    shown = guarded(text)
    assert bared(shown) == text
    assert not shown.lstrip().startswith(("=", "+", "-", "@"))


def test_json_has_all_records_exactly(capsys: pytest.CaptureFixture[str]):
    rows = [flat(session(login_user=text)) for text in (*STORABLE, *FORMULAS)]
    write_json(iter(rows), lambda: True)
    assert parsed(capsys.readouterr().out)["records"] == rows


def test_a_realistic_report_survives_both_forms(capsys: pytest.CaptureFixture[str]):
    data = realistic(300)
    rows = [flat(each) for each in data.sessions if "\ud800" not in each.login_user + (each.application or "")]
    write_json(iter(rows), lambda: True)
    assert parsed(capsys.readouterr().out)["records"] == rows
    read = as_csv(rows, capsys, Session, exact=True)
    assert [each["login_user"] for each in read] == [row["login_user"] for row in rows]
    assert any(MARKUP in each["login_user"] for each in read)


@pytest.mark.parametrize(("answered", "csv_lines", "is_json"), [(True, 1, True), (False, 0, False)])
def test_no_rows_is_an_answer_only_where_somebody_answered(
    answered: bool, csv_lines: int, is_json: bool, capsys: pytest.CaptureFixture[str]
):
    write_csv(iter([]), columns(Gap), lambda: answered, exact=False)
    assert capsys.readouterr().out.count("\n") == csv_lines
    write_json(iter([]), lambda: answered)
    out = capsys.readouterr().out
    assert parsed(out)["records"] == [] if is_json else out == ""


@pytest.mark.parametrize("write", [write_json, lambda rows, said: write_csv(rows, ("a",), said, exact=False)])
def test_rows_are_written_as_they_come(write: Callable[..., None], capsys: pytest.CaptureFixture[str]):
    def rows():
        yield {"a": "first"}
        assert "first" in capsys.readouterr().out
        yield {"a": "second"}

    write(rows(), lambda: True)
    assert "second" in capsys.readouterr().out
