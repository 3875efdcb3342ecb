"""What is loaded when: rendering stays quick and needs no database, and imports go one way."""

from __future__ import annotations

import re

import pytest

import xtrig
from tests.distributions import ROOT, run

EXAMPLE = str(ROOT / "examples" / "session_audit.yaml")
RECORD = (
    "xtrig: 1\ntables: {t: {columns: {a: text}}}\ntriggers: {r: {event: logon, steps: [{insert: t, values: {a: '1'}}]}}"
)
HEAVY = {"sqlalchemy", "psycopg", "pymysql", "rich", "click", "pytest", "jsonschema"}
PLUGINS = {"xtrig_postgresql", "xtrig_polardb", "xtrig_mariadb"}

OF_A_VENDOR = re.compile(
    r"\bpg_\w+|\bpolar_\w+|\brdb\$\w+|psycopg|libpq|current_setting|set_config|session_replication_role|event_triggers",
    re.IGNORECASE,
)
"""Catalogs, functions, settings and drivers of vendors."""
ALLOWED = {
    "checks/sources.py": ("pg_catalog", "pg_temp"),  # the explanation of a finding about PostgreSQL's scripts
    "cli/parameters.py": ("libpq",),  # texts for users, who have to read how a database is named
    "model/triggers.py": ("session_replication_role",),  # the published JSON Schema says it
    "testing/suite/declared.py": ("psycopg",),  # what a dialect must not load to render
}

PRINT = "; print(*sorted({name.partition('.')[0] for name in sys.modules}))"


def loaded_after(statements: str) -> set[str]:
    """Return the top-level packages that a fresh Python has loaded after running the statements."""
    done = run("-c", f"import sys; {statements}{PRINT}", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("dialect", xtrig.dialects())
def test_rendering_loads_no_driver_and_no_screen(dialect: str) -> None:
    loaded = loaded_after(f"import xtrig; str(xtrig.render(xtrig.load_text({RECORD!r}), {dialect!r}))")
    assert not loaded & HEAVY


def test_rendering_on_the_command_line_loads_no_driver() -> None:
    arguments = ["render", EXAMPLE, "--dialect", "polardb"]
    told = f"from xtrig.cli import main\ntry: main({arguments!r})\nexcept SystemExit: pass\nimport sys"
    done = run("-c", f"{told}{PRINT}", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert not set(done.stdout.splitlines()[-1].split()) & (HEAVY - {"click"})


def modules_after(*arguments: str) -> set[str]:
    """Return every module that a command line has loaded when it is done."""
    program = f"import sys\nfrom xtrig.cli import main\ntry: main({list(arguments)!r})\nexcept SystemExit: pass\n"
    done = run("-c", f"{program}print(*sys.modules)", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_saying_the_version_loads_no_model() -> None:
    loaded = modules_after("--version")
    assert "click" in loaded
    assert not {name.partition(".")[0] for name in loaded} & {"pydantic", "yaml", "pluggy", *PLUGINS, "sqlalchemy"}


@pytest.mark.parametrize("dialect", xtrig.dialects())
def test_rendering_loads_nothing_that_other_commands_are_for(dialect: str) -> None:
    loaded = modules_after("render", EXAMPLE, "--dialect", dialect)
    assert "xtrig.render" in loaded
    others = "explain|importer|deploy|doctor|trial|audit|testing|schema|connect|cli.(?!exits|parameters|render_)"
    contracts = "dialect.(driver|deployment|platform|doctor|trial|history)"
    assert [name for name in loaded if re.match(rf"xtrig\.({others}|{contracts})", name)] == []
    of_dialects = "(platform|deployment|deploy|driver|doctor|trial|embedded|catalog.(?!queries|trust)|reading.)"
    of_other_sets = "(bodies.(?!relations)|sessions|session_record)"  # with texts written by hand; with ``sessions``
    unused = [name for name in loaded if re.match(rf"xtrig_\w+\.({of_dialects}|{of_other_sets})", name)]
    assert unused == ([] if dialect != "firebird" else ["xtrig_firebird.session_record"])
    assert not loaded & {"difflib", "importlib.resources.readers", "click.shell_completion"}


def test_a_public_name_is_found_whatever_was_imported_before() -> None:
    modules = ", ".join(sorted({getattr(xtrig, name).__module__ for name in xtrig.__all__}))
    functions = "xtrig.render, xtrig.load, xtrig.explain, xtrig.check, xtrig.plan, xtrig.dialects"
    loaded_after(f"import xtrig, {modules}; assert all(callable(each) for each in ({functions}))")
    assert set(xtrig.__all__) <= set(dir(xtrig))
    with pytest.raises(AttributeError, match="has no attribute 'rendr'"):
        getattr(xtrig, "rendr")  # noqa: B009  # a type checker sees the misspelling, too


def test_naming_the_dialects_imports_none() -> None:
    assert not loaded_after("import xtrig; assert len(xtrig.dialects()) >= 3") & (PLUGINS | HEAVY)


def test_one_dialect_loads_no_other() -> None:
    loaded = loaded_after(f"import xtrig; str(xtrig.render(xtrig.load({EXAMPLE!r}), 'postgresql'))")
    assert loaded & PLUGINS == {"xtrig_postgresql"}


def test_a_trial_is_free_of_pytest() -> None:
    modules = "xtrig.testing, xtrig.trial, xtrig_pgfamily.trial, xtrig_pgfamily.embedded.server"
    assert "pytest" not in loaded_after(f"import {modules}")


def test_the_trial_of_the_core_loads_no_driver() -> None:
    assert not loaded_after("import xtrig.trial") & (PLUGINS | HEAVY)


def test_the_core_names_no_catalog_and_no_driver_of_a_vendor() -> None:
    found = {}
    for path in sorted((ROOT / "xtrig").rglob("*.py")):
        file = path.relative_to(ROOT / "xtrig").as_posix()
        words = set(OF_A_VENDOR.findall(path.read_text("utf-8"))) - set(ALLOWED.get(file, ()))
        if words:
            found[file] = sorted(words)
    assert not found


def test_imports_go_one_way() -> None:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"
    done = run("-c", program, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout
