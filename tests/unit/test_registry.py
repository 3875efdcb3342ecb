"""Finding a dialect by name: lazily, and never the wrong one."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from xtrig import registry
from xtrig.errors import PluginError, UsageError
from xtrig.plugin import PLUGIN_API, Dialect, hookimpl
from xtrig_postgresql.dialect import PostgreSQLDialect

FAKES = "tests.unit.test_registry"


class Inherits(PostgreSQLDialect):
    """Declares nothing of its own."""


class OtherName(PostgreSQLDialect):
    name = "postgresql"
    title = "Fake"
    plugin_api = PLUGIN_API
    versions = ("1",)
    default_version = "1"
    capabilities = ()
    spellings = {}


class Future(OtherName):
    name = "fake"
    title = "Fake"
    plugin_api = PLUGIN_API + 1
    versions = ("1",)
    default_version = "1"
    capabilities = ()
    spellings = {}


class Plugin:
    """A plugin object whose hook returns what it is given."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    @hookimpl
    def xtrig_register_dialect(self) -> object:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


inherits = Plugin(Inherits())
other_name = Plugin(OtherName())
future = Plugin(Future())
nothing = Plugin(None)
text = Plugin("postgresql")
broken = Plugin(RuntimeError("first line\nsecond line"))


def entry(value: str) -> EntryPoint:
    return EntryPoint(name="fake", value=f"{FAKES}:{value}", group=registry.GROUP)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("inherits", "class Inherits must declare name itself"),
        ("other_name", "names itself 'postgresql'; the two must be equal"),
        ("future", f"written for plugin API {PLUGIN_API + 1}, this xtrig has {PLUGIN_API}"),
        ("nothing", "must return one Dialect"),
        ("text", "must return one Dialect"),
        ("broken", "cannot be loaded: RuntimeError: first line second line"),
        ("missing", "cannot be loaded: AttributeError"),
    ],
)
def test_a_broken_plugin_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch, value: str, said: str):
    monkeypatch.setattr(registry, "_installed", lambda: (entry(value),))
    with pytest.raises(PluginError) as caught:
        registry.get_dialect("fake")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_name_claimed_twice_is_refused_naming_both(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        registry,
        "_installed",
        lambda: (
            entry("future"),
            entry("text"),
        ),
    )
    with pytest.raises(PluginError, match=r"future.* and .*text.*uninstall"):
        registry.get_dialect("fake")


def test_the_same_claim_found_twice_is_one_claim(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        registry,
        "_installed",
        lambda: (
            entry("future"),
            entry("future"),
        ),
    )
    with pytest.raises(PluginError, match="plugin API"):
        registry.get_dialect("fake")


def test_an_unknown_name_is_a_wrong_call():
    with pytest.raises(UsageError, match="did you mean 'polardb'"):
        registry.get_dialect("polrdb")


def test_each_installed_dialect_keeps_the_contract():
    for name in ("postgresql", "polardb", "polardb-oracle"):
        dialect = registry.get_dialect(name)
        assert isinstance(dialect, Dialect)
        assert dialect.name == name
        assert registry.get_dialect(name) is dialect


@pytest.mark.parametrize(("name", "loaded"), [("postgresql", {"xtrig_postgresql"}), ("polardb", {"xtrig_polardb"})])
def test_only_the_plugin_that_is_asked_for_is_imported(name: str, loaded: set[str]):
    code = (
        "import sys; from xtrig.registry import dialect_names, get_dialect; dialect_names()\n"
        "assert not [m for m in sys.modules if m.startswith(('xtrig_postgresql', 'xtrig_polardb'))]\n"
        f"get_dialect({name!r})\n"
        "print(*(m for m in ('xtrig_postgresql', 'xtrig_polardb', 'sqlalchemy', 'psycopg') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == loaded
