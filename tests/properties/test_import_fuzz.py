"""Scripts that were damaged: an import ends in findings, and loses nothing without one."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.import_samples import SAMPLES
from xtrig.errors import DefinitionError
from xtrig.findings import Finding
from xtrig.importer import import_script, to_yaml
from xtrig.load import load_text

FILES = {file.stem: file.read_text("utf-8") for file in sorted((Path(__file__).parents[1] / "import").glob("*.sql"))}
SCRIPTS = [(each.script, each.dialect) for each in SAMPLES] + [
    (text, text.partition("\n")[0].removeprefix("-- ")) for text in FILES.values()
]
WHOLE = [each for each in SCRIPTS if each[1] == "postgresql" and not set(each[0].split()) & {"DO", "COMMENT", "COPY"}]
"""Scripts whose every statement stands in a finding whole, or in the definition."""
LEFT_OUT = ("oracle-broken", "oracle-call-and-local", "oracle-instance-events")
"""Scripts with units that are left out whole, by their heads."""
ORACLES = [text for name, text in FILES.items() if text.startswith("-- oracle\n") and name not in LEFT_OUT]
PIECES = (
    *(
        "'",
        "''",
        "' '",
        '"',
        '""',
        "$$",
        "$f$",
        "(",
        ")",
        ";",
        "--",
        "/*",
        "*/",
        "\\",
        "\n\\c x\n",
        ":=",
        "::",
        "..",
        ",",
        "%",
        "${",
        "}",
        "@",
    ),
    *("NULL", "BEGIN", "END", "IF", "THEN", "LOOP", "END LOOP;", "END IF;", "CASE", "SELECT", "INTO", "FROM", "UNION"),
    *(
        "RETURNING",
        "ON CONFLICT DO NOTHING",
        "WHERE",
        "EXECUTE",
        "RAISE",
        "USING",
        "RETURN;",
        "EXCEPTION WHEN OTHERS THEN",
    ),
    *(
        "é",
        "\u2028",
        "\u0085",
        "\x00",
        "\ufeff",
        "1e400",
        "-1",
        "0x",
        "e'\\",
        "U&'\\",
        "b'1'",
        "$1",
        "pg_temp.",
        "public.",
    ),
    *("SET search_path = a", "LANGUAGE sql", "SECURITY DEFINER", "DROP", "AS", "%TYPE", "ARRAY[", "[1]", "COLLATE x"),
)
MARKS = (
    "PERFORM app.{}(1);",
    "INSERT INTO app.{} VALUES (1);",
    "UPDATE app.{} SET a = 1;",
    "DELETE FROM app.{} WHERE a = 1;",
    "RAISE NOTICE '{}';",
    "RAISE LOG '{}';",
    "SET app.{} = '1';",
    "NOTIFY {};",
    "EXECUTE 'DROP TABLE {}';",
    "IF current_setting('app.{}') = '1' THEN RAISE LOG 'x'; END IF;",
    "IF session_user = '{}' THEN RAISE LOG 'y'; END IF;",
    "BEGIN UPDATE app.{} SET a = 2; EXCEPTION WHEN OTHERS THEN NULL; END;",
    "PERFORM set_config('app.{}', '1', false);",
    "LOCK TABLE app.{};",
    "CREATE TEMP TABLE {} (a int);",
)
ORACLE_MARKS = (
    "INSERT INTO {} VALUES (1);",
    "INSERT INTO sec.{} (a) VALUES (USER);",
    "UPDATE {} SET a = 1;",
    "DELETE FROM {} WHERE a = 1;",
    "MERGE INTO {} t USING dual ON (1 = 1) WHEN MATCHED THEN UPDATE SET t.a = 1;",
    "{}(1);",
    "pkg.{};",
    "EXECUTE IMMEDIATE 'DROP TABLE {}';",
    "EXECUTE IMMEDIATE 'ALTER SESSION SET NLS_DATE_FORMAT = ''{}''';",
    "DBMS_SESSION.SET_IDENTIFIER('{}');",
    "DBMS_APPLICATION_INFO.SET_MODULE('{}', 'x');",
    "DBMS_OUTPUT.PUT_LINE('{}');",
    "DBMS_SESSION.SET_ROLE('{}');",
    "RAISE_APPLICATION_ERROR(-20001, '{}');",
    "IF USER = '{}' THEN pkg.x; END IF;",
    "IF USER = '{}' THEN RETURN; END IF; pkg.x;",
    "CASE WHEN USER = '{}' THEN pkg.x; ELSE NULL; END CASE;",
    "SELECT a INTO {} FROM dual;",
    "{} := 1;",
    "LOCK TABLE {} IN EXCLUSIVE MODE;",
    "SAVEPOINT {};",
    "GOTO {};",
    "OPEN {};",
    "RAISE {};",
    "FOR r IN (SELECT a FROM {}) LOOP NULL; END LOOP;",
    "BEGIN INSERT INTO {} VALUES (1); EXCEPTION WHEN OTHERS THEN NULL; END;",
    "DECLARE x NUMBER; BEGIN x := {}(1); END;",
    "DECLARE x NUMBER := pkg.{}(1); BEGIN NULL; END;",
)
TOKEN = re.compile(r"\w+|\s+|.", re.DOTALL)


def mutated(script: str, source: random.Random) -> str:
    """Return a script with some tokens gone, doubled, exchanged, replaced or put in, or cut off."""
    found = TOKEN.findall(script)
    for _ in range(source.choice((1, 1, 1, 2, 3, 8))):
        place, other = source.randrange(len(found)), source.randrange(len(found))
        match source.randrange(7):
            case 0:
                found[place] = ""
            case 1:
                found[place] *= 2
            case 2:
                found[place], found[other] = found[other], found[place]
            case 3:
                found[place] = source.choice(PIECES)
            case 4:
                found[place] += source.choice(PIECES)
            case 5:
                found[place] = f" {source.choice(PIECES)} {found[place]}"
            case 6 if source.random() < 0.2:
                found = found[: max(place, 1)]
    return "".join(found)


def check(script: str, dialect: str) -> str | None:
    """Import a script; return the definition with its comments, None if it was refused."""
    findings: Sequence[Finding]
    result = None
    try:
        result = import_script(script.encode("utf-8", "surrogatepass"), dialect, "a.sql")
        findings = result.findings
    except DefinitionError as refused:
        findings = refused.findings
    assert all(map(is_one_line, findings))
    if result is None:
        return None
    text = to_yaml(result)
    assert load_text(text) == result.triggers
    return text


def is_one_line(finding: Finding) -> bool:
    text = str(finding)
    return len(text.splitlines()) == 1 and len(text) < 2000


def damage(seeds: range) -> None:
    for seed in seeds:
        source = random.Random(seed)
        script, dialect = source.choice(SCRIPTS)
        damaged = mutated(script, source)
        try:
            check(damaged, dialect)
        except Exception as error:
            raise AssertionError(f"seed {seed} on {dialect}:\n{damaged}") from error


def lose(seeds: range) -> None:
    """Put a statement into a body; what it names stands in the definition, or in a finding."""
    for seed in seeds:
        source = random.Random(seed)
        if seed % 2:
            script, dialect = source.choice(WHOLE)
            ends, marks = r";[ \t]*\n", MARKS
        else:
            script, dialect = source.choice(ORACLES), "oracle"
            ends, marks = r"\n[ ]*BEGIN\n|(?<=[;\n])[ ]+[^\n]*;\n", ORACLE_MARKS
        place = source.choice([match.end() for match in re.finditer(ends, script)])
        mark = f"mark_{seed}"
        marked = f"{script[:place]}{source.choice(marks).format(mark)}\n{script[place:]}"
        text = check(marked, dialect)
        is_said = text is None or mark in text.lower() or "what is done where that is so is left out" in text
        assert is_said, f"seed {seed}:\n{marked}\n{text}"


def test_some_damaged_scripts_end_in_findings() -> None:
    damage(range(300))


def test_some_statements_that_are_put_in_are_not_lost() -> None:
    lose(range(300))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_damaged_scripts_end_in_findings(part: int) -> None:
    damage(range(1000 + part * 2500, 1000 + (part + 1) * 2500))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_statements_that_are_put_in_are_not_lost(part: int) -> None:
    lose(range(1000 + part * 1000, 1000 + (part + 1) * 1000))
