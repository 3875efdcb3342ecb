"""Plugins that break the contract, as tiny distributions: each ends in one line that names it, and harms no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.distributions import ROOT, Done, run, write_distribution, xtrig
from xtrig.registry import dialect_names

EXAMPLE = str(ROOT / "examples" / "session_audit.yaml")

HOOK = """
from xtrig.plugin import PLUGIN_API, Capability, Dialect, Event, Script, Support, hookimpl


class Tiny(Dialect):
    name = "tiny"
    title = "TinyDB"
    plugin_api = PLUGIN_API
    versions = ("1",)
    default_version = "1"
    capabilities = (Capability(Event.LOGON, Support.NATIVE),)
    spellings = {}

    def compile(self, triggers, version):
        return Script(self.name, "1", "tiny", ())


@hookimpl
def xtrig_register_dialect():
    return Tiny()
"""

CHECKS = (
    HOOK.replace("import PLUGIN_API,", "import Check, PLUGIN_API,")
    .replace("class Tiny(", 'class Late(Check, code="TINY101"):\n    """It comes late."""\n\n\nclass Tiny(')
    .replace("    def compile", "    def checks(self):\n        return (Late,)\n\n    def compile")
)
CLAIMS_ANOTHER_NAME = HOOK.replace('name = "tiny"', 'name = "huge"')
INHERITS = HOOK.replace(
    "@hookimpl", 'class Fork(Tiny):\n    name = "tiny"\n    plugin_api = PLUGIN_API\n\n\n@hookimpl'
).replace("return Tiny()", "return Fork()")

BROKEN = {
    "an import that fails": ("import no_such_package\n", "ModuleNotFoundError: No module named 'no_such_package'"),
    "an import that raises": ("raise ImportError('two\\nlines')\n", "ImportError: two lines"),
    "an import that exits": ("raise SystemExit('good bye')\n", "good bye"),
    "a syntax error": ("def (:\n", "SyntaxError"),
    "another plugin API": (HOOK.replace("plugin_api = PLUGIN_API", "plugin_api = 0"), "written for plugin API 0"),
    "the plugin API before this one": (
        HOOK.replace("plugin_api = PLUGIN_API", "plugin_api = 1"),
        "was written for plugin API 1, this xtrig has 2; install versions that go together",
    ),
    "inherited capabilities": (INHERITS, "class Fork must declare"),
    "no compile": (HOOK.replace("def compile", "def compose"), "abstract"),
    "an error in the hook": (HOOK.replace("return Tiny()", "return 1 / 0"), "ZeroDivisionError"),
    "no dialect": (HOOK.replace("return Tiny()", "return 'tiny'"), "must return one Dialect"),
    "a code of xtrig's": (CHECKS.replace("TINY101", "XT101"), "Late has the code 'XT101'; codes of a plugin are"),
    "a code that nobody can select": (CHECKS.replace("TINY101", "tiny-1"), "Late has the code 'tiny-1'"),
    "a check without a code": (CHECKS.replace(', code="TINY101"', ""), "its checks cannot be listed: AttributeError"),
    "one code for two checks": (
        CHECKS.replace("(Late,)", "(Late, type('Other', (Check,), {}, code='TINY101'))"),
        "the code TINY101 is that of",
    ),
    "another name": (CLAIMS_ANOTHER_NAME, "names itself 'huge'"),
    "a hook that is misspelt": (
        HOOK.replace("def xtrig_register_dialect", "def xtrig_registr_dialect"),
        "unknown hook",
    ),
    "no hook": ("", "must return one Dialect"),
}


def one_line(done: Done) -> str:
    """Return the line that a refused call wrote."""
    assert (done.returncode, done.stdout) == (64, "")
    (line,) = done.stderr.splitlines()
    return line


@pytest.mark.parametrize(("source", "reason"), BROKEN.values(), ids=BROKEN)
def test_broken_plugin_asked_for_by_name_is_one_line(tmp_path: Path, source: str, reason: str) -> None:
    write_distribution(tmp_path, "xtrig-tiny", "xtrig_tiny", source, "tiny")
    line = one_line(xtrig("render", EXAMPLE, "--dialect", "tiny", site=tmp_path))
    assert line.startswith("xtrig: dialect 'tiny': the plugin 'xtrig_tiny' of xtrig-tiny")
    assert reason in line


def test_entry_point_to_nothing_is_one_line(tmp_path: Path) -> None:
    write_distribution(tmp_path, "xtrig-tiny", "xtrig_tiny", HOOK, "tiny")
    (tmp_path / "xtrig_tiny.py").unlink()
    assert "No module named 'xtrig_tiny'" in one_line(xtrig("render", EXAMPLE, "--dialect", "tiny", site=tmp_path))


def test_name_claimed_twice_is_refused_with_both_owners(tmp_path: Path) -> None:
    write_distribution(tmp_path, "xtrig-thief", "xtrig_thief", HOOK.replace("tiny", "polardb"), "polardb")
    line = one_line(xtrig("render", EXAMPLE, "--dialect", "polardb", site=tmp_path))
    assert "'polardb' is provided by xtrig (xtrig_polardb) and xtrig-thief (xtrig_thief)" in line
    assert "uninstall" in line


def test_two_strangers_with_one_name_are_refused(tmp_path: Path) -> None:
    write_distribution(tmp_path, "xtrig-tiny", "xtrig_tiny", HOOK, "tiny")
    write_distribution(tmp_path, "xtrig-tiny-fork", "xtrig_tiny_fork", HOOK, "tiny")
    line = one_line(xtrig("render", EXAMPLE, "--dialect", "tiny", site=tmp_path))
    assert "xtrig-tiny (xtrig_tiny) and xtrig-tiny-fork (xtrig_tiny_fork)" in line


@pytest.mark.parametrize("dialect", ["postgresql", "polardb"])
def test_broken_neighbour_does_not_disturb_rendering(tmp_path: Path, dialect: str) -> None:
    write_distribution(tmp_path, "xtrig-broken", "xtrig_broken", "raise ImportError('broken')\n", "broken")
    write_distribution(tmp_path, "xtrig-thief", "xtrig_thief", HOOK, "polardb-oracle")
    done = xtrig("render", EXAMPLE, "--dialect", dialect, site=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "CREATE EVENT TRIGGER" in done.stdout


def test_broken_neighbour_does_not_hide_the_others(tmp_path: Path) -> None:
    write_distribution(tmp_path, "xtrig-broken", "xtrig_broken", "raise ImportError('broken')\n", "broken")
    done = xtrig("dialects", site=tmp_path)
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(dialect_names())
    (line,) = done.stderr.splitlines()
    assert "'xtrig_broken' of xtrig-broken" in line


def test_unknown_name_is_answered_with_those_there_are(tmp_path: Path) -> None:
    write_distribution(tmp_path, "xtrig-tiny", "xtrig_tiny", HOOK, "tiny")
    line = one_line(xtrig("render", EXAMPLE, "--dialect", "postgres", site=tmp_path))
    assert line.count("'postgresql'") == 1
    line = one_line(xtrig("render", EXAMPLE, "--dialect", "sybase", site=tmp_path))
    assert "tiny" in line


def test_a_code_of_two_strangers_is_refused(tmp_path: Path) -> None:
    write_distribution(tmp_path, "xtrig-tiny", "xtrig_tiny", CHECKS, "tiny")
    write_distribution(tmp_path, "xtrig-tony", "xtrig_tony", CHECKS.replace('"tiny"', '"tony"'), "tony")
    line = one_line(xtrig("check", EXAMPLE, "-d", "tiny", "-d", "tony", site=tmp_path))
    assert line.startswith("xtrig: dialect 'tony': the plugin 'xtrig_tony' of xtrig-tony")
    assert "the code TINY101 is that of Late in xtrig_tiny already" in line


def test_the_smallest_dialect_of_the_documentation_passes_the_suite(tmp_path: Path) -> None:
    """It deploys nothing, and the suite says so: those tests are all that is skipped."""
    source = (ROOT / "tests" / "example_plugin" / "smallest.py").read_text("utf-8")
    write_distribution(tmp_path, "xtrig-tinydb", "xtrig_tinydb", source, "tinydb")
    lines = ("from xtrig.testing.suite import DialectSuite", "class TestTinyDB(DialectSuite): dialect_name = 'tinydb'")
    (tmp_path / "test_tinydb.py").write_text("\n".join(lines), "utf-8")
    done = run("-m", "pytest", "-q", "-ra", "-p", "no:cacheprovider", "test_tinydb.py", cwd=tmp_path, site=tmp_path)
    assert done.returncode == 0, done.stdout
    assert not [line for line in done.stdout.splitlines() if "SKIPPED" in line and "deployed.py" not in line]
