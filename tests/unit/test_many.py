"""Lists of databases, and variables of a definition: what is read, and what is refused in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import xtrig
from xtrig.cli import main
from xtrig.cli.exits import Exit
from xtrig.cli.many.run import SKIPPED, Databases, Outcome, worst
from xtrig.cli.many.targets import Selection, Target, _fits, read_targets
from xtrig.errors import DatabaseError, DefinitionError, UsageError

DEFINITION = (
    "xtrig: 1\nname: x\nschema: audit\ntriggers:\n  t: {event: sql_drop, steps: [{log: 'in ${vars.region}'}]}\n"
)


def read(text: str, folder: Path) -> list[Target]:
    file = folder / "databases.yaml"
    file.write_text(text, "utf-8")
    return list(read_targets(str(file), None))


def test_urls_services_and_variables_are_read(tmp_path: Path) -> None:
    found = read(
        "vars: {a: 1}\n"
        "targets:\n"
        "  one: postgresql://ann:hunter2@db.example:5433/shop\n"
        '  two: {service: "it\'s", databases: shop_*, vars: {a: 2, b: [x]}}\n',
        tmp_path,
    )
    assert [(each.name, each.server, each.database) for each in found] == [
        ("one", "db.example:5433", "shop"),
        ("two", "service it's", "by default"),
    ]
    assert [dict(each.variables) for each in found] == [{"a": 1}, {"a": 2, "b": ["x"]}]
    assert found[1].patterns == ("shop_*",)
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a mapping of keys"),
        ("[]", "is not a mapping of keys"),
        ("target: {}", "databases.yaml:1: target is an unknown key; did you mean 'targets'?"),
        ("targets:", "targets is not a mapping of keys"),
        ("targets: {}", "targets names no database"),
        ("targets:\n  a: 3\n", "databases.yaml:2: targets.a is not a mapping of keys"),
        ("targets:\n  a: {}\n", "databases.yaml:2: targets.a has to name either url or service"),
        ("targets:\n  a: {url: dbname=x, service: y}\n", "targets.a has to name either url or service"),
        ("targets:\n  a: {uri: dbname=x}\n", "targets.a.uri is an unknown key; did you mean 'url'?"),
        ("targets:\n  a: {url: 7}\n", "targets.a has a value that is no text"),
        ("targets:\n  a: ''\n", "targets.a has a value that is no text"),
        ("targets:\n  a: {service: x, databases: [1]}\n", "targets.a has a value that is no text"),
        ("targets:\n  a: {service: x, vars: []}\n", "targets.a.vars is not a mapping of keys"),
        (
            "targets:\n  a: mysql://ann:hunter2@x/y\n",
            "databases.yaml:2: targets.a ",
        ),
        ("targets:\n  a: dbname=x\n  a: dbname=y\n", "the name 'a' is given twice"),
        ("targets: {a: dbname=x}\nvars: 3\n", "vars is not a mapping of keys"),
        ("a: [", "is not YAML"),
    ],
)
def test_a_file_that_is_wrong_says_where_in_one_line(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises((UsageError, DefinitionError)) as refused:
        read(text, tmp_path)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("name", ["none.yaml", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        list(read_targets(str(tmp_path / name), None))


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (["all"], "a shop_1 shop_test"),
        (["shop_*"], "shop_1 shop_test"),
        (["shop_?", "a"], "a shop_1"),
        (["!shop_test"], "a shop_1"),
        (["shop_*", "!*_test"], "shop_1"),
        (["SHOP_*"], ""),
        (["all", "!all"], "a shop_1 shop_test"),
    ],
)
def test_patterns_are_those_of_a_shell(patterns: list[str], names: str) -> None:
    assert [each for each in ("a", "shop_1", "shop_test") if _fits(each, tuple(patterns))] == names.split()


@pytest.mark.parametrize(
    ("codes", "code"),
    [([], 0), ([0, 0], 0), ([0, 2], 2), ([2, 1], 1), ([1, 3, 2], 3), ([3, 64, 0], 64)],
)
def test_the_exit_code_is_that_of_the_worst(codes: list[int], code: int) -> None:
    assert worst([Outcome(Exit(each), "") for each in codes]) == code


def outcomes(work: Any, number: int, **given: Any) -> list[Outcome]:
    targets = [Target(str(each), server="s") for each in range(number)]
    return Databases(Selection(**{"jobs": 1, "keep_going": False, **given}), work).run(targets)


def test_what_one_meets_is_its_own_and_stops_the_rest() -> None:
    def work(target: Target, progress: object) -> Outcome:
        if target.name == "1":
            raise DatabaseError("gone")
        return Outcome(Exit.DIFFERS, "differs")

    found = outcomes(work, 4)
    assert [int(each.code) for each in found[:2]] == [2, 3]
    assert [each.is_skipped for each in found] == [False, False, True, True]
    assert [int(each.code) for each in outcomes(work, 4, keep_going=True)] == [2, 3, 2, 2]
    # The canaries stop the rest whatever is said of going on.
    stopped = outcomes(work, 4, keep_going=True, first=2)
    assert [each.is_skipped for each in stopped] == [False, False, True, True]


def test_a_defect_of_ours_is_one_line_of_one_database() -> None:
    def work(target: Target, progress: object) -> Outcome:
        return Outcome(Exit.OK, "ok") if target.name else 1 / 0  # type: ignore[return-value]

    broken = Databases(Selection(keep_going=True), work).run([Target(""), Target("b")])
    assert broken[0].errors == ("internal error: ZeroDivisionError: division by zero",)
    assert broken[1].code == 0
    assert SKIPPED.code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plan", "x.yaml", "--targets", "t.yaml", "--url", "dbname=a"], "--url does not go with --targets"),
        (["plan", "x.yaml", "--database", "a*", "--out", "p.json"], "--out is for one database"),
        (["plan", "x.yaml", "--database", "all", "-f", "markdown"], "--format markdown is for one database"),
        (["apply", "--url", "dbname=a", "--url", "dbname=b", "--plan", "p.json"], "--plan is for one database"),
        (["apply", "x.yaml", "--database", "all", "--dry-run"], "--dry-run is for one database"),
        (["drop", "x.yaml", "--targets", "t.yaml", "--dry-run"], "--dry-run is for one database"),
        (["status", "x.yaml", "--targets", "none.yaml"], "none.yaml: cannot be read"),
        (["doctor", "--url", "mysql://a", "--url", "dbname=b"], "the database URL begins with mysql://"),
        (["status", "x.yaml", "--jobs", "0"], "0 is not in the range"),
        (["status", "x.yaml", "--var", "region"], "'region' is not NAME=VALUE"),
    ],
)
def test_what_does_not_go_together_is_refused_before_any_database_is_asked(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.yaml").write_text(DEFINITION, "utf-8")
    Path("t.yaml").write_text("targets: {a: dbname=x}", "utf-8")
    with pytest.raises(SystemExit) as left:
        main(arguments)
    out, err = capsys.readouterr()
    assert (left.value.code, out) == (64, "")
    assert said in err
    assert err.count("\n") == 1


def message(value: Any, **variables: Any) -> Any:
    text = DEFINITION.replace("'in ${vars.region}'", value)
    step: Any = xtrig.load_text(text, variables=variables).triggers["t"].steps[0]
    return step.message


def test_variables_become_what_a_database_is_given() -> None:
    assert message("'in ${vars.region}, ${vars.n}'", region="eu", n=7) == "in eu, 7"
    assert message("'${vars.region}'", region="it's ${now}") == "it's ${now}"
    assert message("'${login_user}'") == "${login_user}"
    tags = "xtrig: 1\ntriggers:\n  t: {event: sql_drop, tags: '${vars.tags}', steps: [{log: x}]}\n"
    assert list(xtrig.load_text(tags, variables={"tags": ["DROP TABLE"]}).triggers["t"].tags) == ["DROP TABLE"]


@pytest.mark.parametrize(
    ("text", "variables", "said"),
    [
        ("'${vars.region}'", {}, "the variable 'region' has no value"),
        ("'a ${vars.region}'", {"regoin": "eu"}, "the variable 'region' has no value"),
        ("'a ${vars.}'", {}, "the variable '' has no value"),
        ("'a ${vars.region}'", {"region": "o'clock"}, "holds a quote"),
        ("'a ${vars.region}'", {"region": "${now}"}, "holds a quote, $"),
        ("'a ${vars.region}'", {"region": "a\nb"}, "a line break"),
        ("'a ${vars.region}'", {"region": ["x"]}, "its value is no text"),
        ("'a ${vars.region}'", {"region": True}, "its value is no text"),
    ],
)
def test_a_variable_that_cannot_be_filled_in_is_found_at_its_line(text: str, variables: Any, said: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        message(text, **variables)
    assert str(refused.value).startswith("<text>:5: ")
    assert said in str(refused.value)
