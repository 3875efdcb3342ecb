"""The plugin in tests/example_plugin on a stranger's road: built, installed beside xtrig, and run."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.distributions import ROOT, Done, build_wheel, install, run, xtrig

PROJECT = ROOT / "tests" / "example_plugin"
EXAMPLES = ROOT / "examples"

pytestmark = pytest.mark.xdist_group("example plugin")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the plugin is installed in."""
    folder = tmp_path_factory.mktemp("acmedb")
    install(build_wheel(PROJECT, folder), folder / "site")
    return folder / "site"


def run_its_tests(site: Path, *arguments: str) -> Done:
    """Run the plugin's tests against what is installed in ``site``, not against its source."""
    copy = site.parent / "project"
    copy.mkdir(exist_ok=True)
    shutil.copy(PROJECT / "pyproject.toml", copy)
    shutil.copytree(PROJECT / "tests", copy / "tests", dirs_exist_ok=True)
    return run("-m", "pytest", "-q", "-ra", "-p", "no:cacheprovider", *arguments, cwd=copy, site=site)


def test_it_imports_what_the_page_on_plugins_allows() -> None:
    for file in (PROJECT / "xtrig_acmedb").glob("*.py"):
        imported = set(re.findall(r"^ *from (xtrig[.\w]*) import", file.read_text("utf-8"), re.MULTILINE))
        for module in imported:
            allowed = r"xtrig\.(plugin|model|errors|dialect\.\w+)|xtrig_acmedb(\.\w+)?"
            assert re.fullmatch(allowed, module), (file.name, module)


def test_it_is_listed(site: Path) -> None:
    done = xtrig("dialects", site=site)
    assert (done.returncode, done.stderr) == (0, "")
    assert "acmedb          AcmeDB; versions 4, 5, default 5\n" in done.stdout


def test_it_renders_a_definition_that_was_not_written_for_it(site: Path) -> None:
    done = xtrig("render", str(EXAMPLES / "session_audit.yaml"), "--dialect", "acmedb", site=site)
    assert (done.returncode, done.stderr) == (0, "")
    assert "CREATE OR REPLACE TRIGGER `login_event_trigger` AFTER LOGON\n" in done.stdout
    assert "CREATE OR REPLACE TRIGGER `logout_event_trigger` BEFORE LOGOFF\n" in done.stdout
    assert "INSERT INTO `users_log`" in done.stdout
    assert "audit." not in done.stdout


@pytest.mark.parametrize(
    ("example", "codes"),
    [
        ("ddl_audit", {"XT201", "XT202", "XT207", "XT208", "XT209"}),
        ("no_ddl", {"XT201"}),
        ("init_session", {"XT202", "XT207", "XT209"}),
    ],
)
def test_it_refuses_what_it_cannot_keep(site: Path, example: str, codes: set[str]) -> None:
    done = xtrig("render", str(EXAMPLES / f"{example}.yaml"), "--dialect", "acmedb", site=site)
    assert (done.returncode, done.stdout) == (1, "")
    found = {line.rpartition("[")[2].rstrip("]") for line in done.stderr.splitlines()}
    assert codes <= found
    assert "Traceback" not in done.stderr


LATE = """xtrig: 1
schema: audit
tables: {log: {columns: {what: text}}}
triggers:
  x: {event: ddl_command_end, on_error: allow, steps: [{insert: log, values: {what: "${event}"}}]}
"""


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["-d", "acmedb"], True),
        (["-d", "acmedb", "--select", "ACME1"], True),
        (["-d", "acmedb", "--ignore", "ACME101"], False),
        (["-d", "postgresql"], False),
    ],
)
def test_its_own_code_is_shown_and_selected(site: Path, tmp_path: Path, arguments: list[str], shown: bool) -> None:
    (tmp_path / "x.yaml").write_text(LATE, "utf-8")
    done = xtrig("check", str(tmp_path / "x.yaml"), *arguments, site=site)
    assert done.returncode == 0, done.stdout
    assert ("committed the command before the trigger runs" in done.stdout) == shown
    assert ("[ACME101]" in done.stdout) == shown


def test_its_own_code_is_waived(site: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(LATE.replace("on_error: allow", "on_error: allow, ignore: {ACME101: known}"), "utf-8")
    assert "ACME101" not in xtrig("check", str(file), "-d", "acmedb", site=site).stdout
    assert "XT112" not in xtrig("check", str(file), "-d", "all", site=site).stdout
    file.write_text(LATE.replace("ddl_command_end", "logon, ignore: {ACME101: known}"), "utf-8")
    unused = xtrig("check", str(file), "-d", "all", site=site).stdout
    assert "ignore ACME101: there is no such finding here" in unused


def test_its_own_code_has_its_title(site: Path, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(LATE, "utf-8")
    done = xtrig("check", str(tmp_path / "x.yaml"), "-d", "acmedb", "-f", "sarif", site=site)
    rules = json.loads(done.stdout)["runs"][0]["tool"]["driver"]["rules"]
    titles = {rule["id"]: rule["shortDescription"]["text"] for rule in rules}
    assert titles["ACME101"] == "A DDL trigger that comes too late to prevent anything"


def test_its_version_counts(site: Path) -> None:
    arguments = ["render", str(EXAMPLES / "session_audit.yaml"), "--dialect", "acmedb", "--target-version", "4"]
    done = xtrig(*arguments, site=site)
    assert done.returncode == 1
    assert "AcmeDB has logoff triggers from version 5 on" in done.stderr


def test_its_own_tests_pass(site: Path) -> None:
    """They include both suites, a server and a deployment, so nothing is skipped."""
    done = run_its_tests(site)
    assert done.returncode == 0, done.stdout
    assert "SKIPPED" not in done.stdout


def test_the_command_line_deploys_with_its_driver(site: Path, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(LATE.replace("ddl_command_end", "logon"), "utf-8")
    made = run(
        "-c", f"import acmedb, pathlib; acmedb.create(pathlib.Path({str(tmp_path / 'db')!r}))", cwd=site, site=site
    )
    assert made.returncode == 0, made.stderr

    def call(command: str, *more: str) -> Done:
        done = xtrig(command, str(tmp_path / "x.yaml"), "--url", f"acmedb://{tmp_path}/db", *more, site=site)
        assert "Traceback" not in done.stderr
        return done

    planned = call("plan")
    assert planned.returncode == 2, planned.stderr
    assert "+ create trigger `x`\n    event: AFTER LOGON\n" in planned.stdout
    applied = call("apply")
    assert applied.returncode == 0, applied.stderr
    assert "login as owner (live): ok" in applied.stdout
    assert call("plan").returncode == 0
    checked = call("status", "--dialect", "acmedb")
    assert (checked.returncode, "in sync  trigger `x`" in checked.stdout) == (0, True)
    dropped = call("drop", "--with-data")
    assert (dropped.returncode, "drop trigger `x`" in dropped.stdout) == (0, True)
    assert call("status").returncode == 2
    elsewhere = call("plan", "--dialect", "postgresql")
    assert (elsewhere.returncode, elsewhere.stdout) == (64, "")
    assert len(elsewhere.stderr.splitlines()) == 1


# Each is a fault that a dialect's author could make, the test of the suite that finds it, and a word of what it says.
FAULTS = {
    "a closing backtick ends the name": (
        ("words.py", 'quoted(word, "`")', 'f"`{word}`"'),
        ("test_hostile_name_is_quoted", "a`b"),
    ),
    "a quote ends the text": (
        ("words.py", "literal(value, backslash_escapes=False)", "f\"'{value}'\""),
        ("test_hostile_message_is_quoted", "assert"),
    ),
    "steps are left out silently": (
        ("steps.py", "EXPRESSIBLE = (", "EXPRESSIBLE = (object, "),
        ("test_every_step_leaves_its_mark", "is rendered as nothing"),
    ),
    "a comment swallows the terminator": (
        ("steps.py", "\\n;", ";"),
        ("test_comment_at_the_end_of_sql_swallows_nothing", "the last word;"),
    ),
    "a statement has a terminator": (
        ("compilation.py", '"END"]', '"END;"]'),
        ("test_every_statement_is_one_without_terminator", "END;"),
    ),
    "the trigger stays behind": (
        ("objects.py", "DROP TRIGGER IF EXISTS {self.name}", "DROP TRIGGER"),
        ("test_removal_drops_every_trigger_by_name", "stays behind"),
    ),
    "the removal drops the data": (
        ("objects.py", "(Hazard.LOSES_DATA,)", "(Hazard.REFUSES_DDL,)"),
        ("test_removal_keeps_the_data", "assert"),
    ),
    "a claim has no source": (
        ("capabilities.py", "evidence=_MANUAL", "evidence=documented('')"),
        ("test_every_capability_says_how_it_is_known", "assert"),
    ),
    "a cell of the matrix has no source": (
        ("capabilities.py", 'Claim("by name", _MANUAL)', 'Claim("by name")'),
        ("test_every_claim_says_how_it_is_known", "assert"),
    ),
    "what a server showed names no test": (
        ("behaviours.py", "documented, unverified\n", "documented, seen as unverified\n"),
        ("test_nothing_is_seen_without_naming_the_test", "assert"),
    ),
    "a behaviour is no sentence": (
        ("behaviours.py", '"On replicas."', '"on replicas"'),
        ("test_every_behaviour_is_a_sentence_with_a_source", "assert"),
    ),
    "an event is claimed and not compiled": (
        ("compilation.py", "in self.triggers.triggers:", "in self.triggers.triggers[:1]:"),
        ("test_removal_drops_every_trigger_by_name", "stays behind"),
    ),
    "the text differs between processes": (
        ("dialect.py", "for {self.title}", "for {hash(self.title)}"),
        ("test_fresh_process_gives_same_bytes", "assert"),
    ),
    "a driver is loaded": (
        ("dialect.py", "from typing import", "import psycopg\nfrom typing import"),
        ("test_it_loads_no_driver", "psycopg"),
    ),
    "its own driver is loaded": (
        ("dialect.py", "from typing import", "import acmedb\nfrom typing import"),
        ("test_it_loads_no_driver", "acmedb"),
    ),
    "a column type is not translated": (
        ("compilation.py", "self.dialect.column_type(column.type)", "column.type"),
        ("test_column_type_is_rendered_or_refused_as_declared", "boolean"),
    ),
    "a script writes no mark": (
        ("objects.py", "        yield from self.remark(self)\n        hazards", "        hazards"),
        ("test_script_and_deployment_write_the_same_marks", "assert"),
    ),
    "a stage is not taken back": (
        ("deployment.py", "tuple(undo), proof=proof", "(), proof=proof"),
        ("test_stages_do_something_and_can_be_taken_back", "nothing takes back stage tables"),
    ),
    "what was made differs from what is wanted": (
        ("deployment.py", 'bool(row["IS_REQUIRED"])', "False"),
        ("test_script_and_deployment_leave_the_same", "a plan after the script"),
    ),
    "the table of marks stays": (
        ("objects.py", 'f"DROP TABLE IF EMPTY {self.name}", "Marks"', '"SELECT 1", "Marks"'),
        ("test_script_runs_twice_and_is_taken_back", "XTRIG_MARKS"),
    ),
    "another dialect is loaded": (
        ("dialect.py", "from typing import", "import xtrig_polardb\nfrom typing import"),
        ("test_it_loads_no_other_dialect", "xtrig_polardb"),
    ),
}


@pytest.mark.parametrize(("change", "found"), FAULTS.values(), ids=FAULTS)
def test_suite_finds_fault(site: Path, tmp_path: Path, change: tuple[str, str, str], found: tuple[str, str]) -> None:
    name, right, wrong = change
    faulty = tmp_path / "site"
    shutil.copytree(site, faulty, ignore=shutil.ignore_patterns("__pycache__"))
    module = faulty / "xtrig_acmedb" / name
    source = module.read_text(encoding="utf-8")
    assert right in source
    module.write_text(source.replace(right, wrong), encoding="utf-8")
    test, word = found
    done = run_its_tests(faulty, "-k", test)
    assert done.returncode == 1, done.stdout
    assert f"::{test}" in done.stdout
    assert word in done.stdout  # the assertion's detail reaches the plugin's author
