"""``xtrig import`` on the command line: what it prints where, and files that are no scripts."""

from __future__ import annotations

import json
import re
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from tests.distributions import run
from xtrig.cli import main
from xtrig.cli.exits import Exit
from xtrig.importer import MAX_BYTES

GOOD = """CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE LOG 'a'; END $$;
CREATE EVENT TRIGGER t ON login EXECUTE FUNCTION f();
"""


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(["import", *arguments])
    out, err = capsys.readouterr()
    assert isinstance(left.value.code, int)
    return left.value.code, out, err


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "a.sql"
    file.write_text(GOOD, "utf-8")
    return file


def test_definition_goes_to_stdout_and_findings_to_stderr(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = command(capsys, "a.sql", "--from", "postgresql")
    assert code == Exit.OK
    assert "event: logon" in out
    assert err.startswith("a.sql:1: note: function 'f': ")


def test_json_is_json(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command(capsys, "a.sql", "--from", "postgresql", "--format", "json")
    assert code == Exit.OK
    assert json.loads(out)["triggers"] == {"t": {"event": "logon", "run": "f"}}


def test_the_definition_names_no_folder(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = command(capsys, str(script), "--from", "postgresql")
    assert str(script.parent) not in out


def test_stdin_is_read(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(GOOD.encode())))
    code, out, err = command(capsys, "-", "--from", "postgresql")
    assert code == Exit.OK
    assert out.startswith("# Imported from <stdin>;")
    assert err.startswith("<stdin>:1: note:")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "a.sql: script: is empty"),
        (b" \n\t\n", "a.sql: script: is empty"),
        (b"-- only\n/* comments */", "a.sql: script: makes no trigger"),
        (b"SELECT 1;\n\xff\xfe", "a.sql:2: script: is not UTF-8 text"),
        (b"\x7fELF\x02\x00\x00", "a.sql:1: script: holds a NUL character"),
        (b"SELECT 1;\nSELECT '\0';", "a.sql:2: script: holds a NUL character"),
        (b"SELECT (1;", "a.sql:1: script: syntax error"),
        (b"SELECT 1;\n\n  CREATE TRIGGER;", "a.sql:3: script: syntax error"),
        (b"SELECT $$abc", "a.sql:1: script: unterminated dollar-quoted string"),
        (b"SELECT " + b"(" * 200_000, "a.sql:1: script: an expression is nested too deeply"),
        (b"SELECT " + b"1+" * 5000 + b"1;", "a.sql:1: script: an expression is nested too deeply"),
        (b"SELECT '" + b"x" * 10_000_000 + b"';", "a.sql: script: is larger than 4 MiB"),
        (b"SELECT 1 \\gset\n" + GOOD.encode(), "a.sql:1: script: syntax error"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("dialect", ["postgresql", "polardb", "polardb-oracle"])
def test_what_is_no_script_is_one_line(
    dialect: str, content: bytes, said: str, script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script.write_bytes(content)
    code, out, err = command(capsys, "a.sql", "--from", dialect)
    assert code == Exit.FINDINGS
    assert out == ""
    assert said in err
    assert "Traceback" not in err
    assert len(err) < 2000


def test_a_byte_order_mark_is_no_error(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert command(capsys, "a.sql", "--from", "postgresql")[0] == Exit.OK


def test_lines_end_as_on_windows(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script.write_bytes(GOOD.replace("\n", "\r\n").encode())
    assert command(capsys, "a.sql", "--from", "postgresql")[0] == Exit.OK


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a.sql",), "Missing option '--from'"),
        (("--from", "postgresql"), "Missing argument 'FILE'"),
        (("b.sql", "--from", "postgresql"), "xtrig: b.sql: cannot be read: No such file or directory"),
        ((".", "--from", "postgresql"), "xtrig: .: cannot be read: Is a directory"),
        (("a.sql", "--from", "sybase"), "xtrig: there is no dialect 'sybase'"),
        (("--url", "postgresql://h/d", "--verify"), "--verify is for a script; what a database has, xtrig plan"),
        (("a.sql", "--from", "postgresql", "-f", "xml"), "'xml' is not one of 'yaml', 'json'"),
    ],
)
def test_wrong_usage_is_one_line(
    arguments: tuple[str, ...], said: str, script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = command(capsys, *arguments)
    assert (code, out) == (Exit.USAGE, "")
    assert said in err
    assert err.count("\n") == 1


def test_without_the_parser_the_extra_is_named(
    script: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xtrig_pgfamily.reading.find_spec", lambda _: None)
    for dialect in ("postgresql", "polardb", "polardb-oracle"):
        code, out, err = command(capsys, "a.sql", "--from", dialect)
        assert (code, out) == (Exit.USAGE, "")
        assert err == "xtrig: reading scripts needs a parser; install it with: pip install 'xtrig[import]'\n"


def test_rendering_does_not_load_the_parser(script: Path) -> None:
    told = 'import sys, xtrig; str(xtrig.render(xtrig.load_text(\'{"xtrig": 1, "triggers": {"t": {"event": '
    told += '"sql_drop", "steps": [{"deny": "no"}]}}}\'))); print("postgast" in sys.modules)'
    done = run("-c", told, cwd=script.parent)
    assert done.stdout == "False\n", done.stderr


def test_a_large_script_takes_seconds_at_most(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = [GOOD.replace("f()", f"f{number}()").replace("TRIGGER t", f"TRIGGER t{number}") for number in range(5000)]
    script.write_text("".join(parts), "utf-8")
    assert sum(map(len, parts)) < MAX_BYTES
    code, out, _ = command(capsys, "a.sql", "--from", "postgresql")
    assert code == Exit.OK
    assert out.count("event: logon") == 5000


@pytest.mark.server
def test_verify_says_on_stderr_that_both_do_the_same(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = command(capsys, "a.sql", "--from", "postgresql", "--verify")
    assert (code, "xtrig: 1" in out) == (Exit.OK, True)
    assert re.search(r"verified: \d+ actions, 0 differences, \d+ that were announced", err)
