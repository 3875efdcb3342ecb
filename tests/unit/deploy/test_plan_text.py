"""A plan for people: a line for each object, a diff of each body, and nothing that breaks out of its line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.deploy.live import AUDIT, applied, but, planned
from xtrig.deploy.text import difference_lines
from xtrig.dialect.objects import Difference

CONTROLS = "\n\r\x00\x1b[31m\x07\x85\u2028\u2029\u202e\t"


def lines_of(definition: str, objects: object, **options: bool) -> list[str]:
    return str(planned(definition, objects, **options)).splitlines()  # type: ignore[arg-type]


def test_an_empty_plan_says_so() -> None:
    assert lines_of(AUDIT, applied(AUDIT)) == [
        "PostgreSQL 18.4, database mydb, set first",
        "",
        "The database is as the definition says.",
    ]


def test_a_new_object_is_shown_by_what_is_short() -> None:
    lines = lines_of(AUDIT, [])
    start = lines.index("+ create function audit.note")
    assert lines[start + 1 : start + 3] == ["    language: plpgsql", "    security: definer"]
    assert not [line for line in lines if "INSERT INTO" in line]
    assert lines[-1].startswith("6 to create. Stages: rehearsal, prepare, canary, go live, ")


def test_a_body_is_shown_as_a_diff_with_two_lines_around() -> None:
    body = next(each for each in applied(AUDIT) if each.name == "audit.on_drop").body
    assert body.count("something is gone") == 1
    objects = but(applied(AUDIT), "audit.on_drop", body=body.replace("something is gone", "nothing is"))
    lines = lines_of(AUDIT, objects)
    assert lines[2:4] == ["~ replace function audit.on_drop", "    body:"]
    signs = [line[4] for line in lines[4:] if line.startswith("    ")]
    assert (signs.count("-"), signs.count("+"), signs.count("@")) == (1, 1, 1)
    assert signs.count(" ") <= 4
    assert any(line.startswith("    -") and "nothing is" in line for line in lines)
    assert any(line.startswith("    +") and "something is gone" in line for line in lines)


def test_a_short_attribute_is_shown_before_and_after() -> None:
    objects = but(applied(AUDIT), "on_drop", enabled="disabled", tags=("DROP TABLE",))
    lines = lines_of(AUDIT, objects)
    assert lines[2:5] == [
        "~ replace trigger on_drop",
        "    tags: DROP TABLE -> (none)",
        "    enabled: disabled -> origin",
    ]


def test_what_is_kept_is_asked_after() -> None:
    smaller = AUDIT[: AUDIT.index("  on_drop:")].replace("  log:", "  diary:").replace("insert: log", "insert: diary")
    lines = lines_of(smaller, applied(AUDIT))
    assert "? trigger on_drop: of this set, no more in the definition; kept: drop it with --prune" in lines
    assert "? table audit.log: of this set, no more in the definition; kept: it may hold rows" in lines


def test_what_is_dropped_has_its_sign() -> None:
    lines = lines_of(AUDIT[: AUDIT.index("  on_drop:")], applied(AUDIT), prune=True)
    assert "- drop trigger on_drop" in lines
    assert lines[-1].startswith("2 to drop. Stages: ")


def test_what_stands_against_it_has_its_sign() -> None:
    lines = lines_of(AUDIT, but(applied(AUDIT), "on_drop", comment=None))
    assert lines[2].startswith("! trigger on_drop exists and was not made by xtrig; ")


def test_a_plan_with_only_refusals_is_not_empty() -> None:
    plan = planned(AUDIT, but(applied(AUDIT), "on_drop", comment=None))
    assert not plan.is_empty
    assert "as the definition says" not in str(plan)


def test_a_plan_with_only_a_table_left_over_is_empty() -> None:
    smaller = AUDIT.replace("  log:", "  diary:").replace("insert: log", "insert: diary")
    both = [*applied(smaller), *(each for each in applied(AUDIT) if each.name == "audit.log")]
    assert planned(smaller, both).is_empty


@pytest.mark.parametrize("char", list(CONTROLS))
def test_no_name_and_no_body_breaks_out_of_its_line(char: str) -> None:
    hostile = f"a{char}b"
    extra = next(each for each in applied(AUDIT) if each.name == "audit.on_drop")
    objects = [
        *applied(AUDIT),
        replace(extra, path=("audit", hostile.replace("\0", "0"))),
        replace(extra, mark=None, comment=hostile),
    ]
    objects = but(objects, "audit.note", language=hostile, body=f"x\n{hostile}\ny")
    text = str(planned(AUDIT, objects)) + str(planned(AUDIT, objects, prune=True))
    allowed = text.replace("\n", "")
    assert allowed.isprintable(), [each for each in allowed if not each.isprintable()]


@pytest.mark.parametrize(
    ("difference", "shown"),
    [
        (Difference("a", None, "x"), ["a: (none) -> x"]),
        (Difference("a", "x", None), ["a: x -> (none)"]),
        (Difference("a", "x\ny", "x"), ["a:", "@@ -1,2 +1 @@", " x", "-y"]),
        (Difference("body", "x", "y"), ["body:", "@@ -1 +1 @@", "-x", "+y"]),
        (Difference("body", "a\u2028b", "a\nb"), ["body:", "@@ -1 +1,2 @@", "-a b", "+a", "+b"]),
        (Difference("body", "a\x1b[2J", "y"), ["body:", "@@ -1 +1 @@", "-a [2J", "+y"]),
    ],
)
def test_a_difference_has_its_lines(difference: Difference, shown: list[str]) -> None:
    assert list(difference_lines(difference)) == shown


def test_a_plan_as_data_has_all_that_the_text_has() -> None:
    data = planned(AUDIT, but(applied(AUDIT), "audit.note", body="x")).to_dict()
    assert data["set"] == "first"
    assert data["verified"] == "server"
    (change,) = data["changes"]
    assert (change["action"], change["kind"], change["name"]) == ("replace", "function", "audit.note")
    assert change["differences"][0]["live"] == "x"
    assert [stage["name"] for stage in data["stages"]][:4] == ["rehearsal", "prepare", "canary", "switch"]
