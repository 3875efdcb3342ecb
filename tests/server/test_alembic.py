"""Revisions of Alembic that deploy sets: written by autogenerate, run up and down, printed, proved, refused."""

from __future__ import annotations

import importlib.metadata
import logging
import re
import subprocess
import sys
import time

import pytest
from alembic.util import CommandError

import xtrig
from tests.server.alembic_project import Project, load, project_of, psql, sqlalchemy_url
from tests.server.conftest import fresh_database, on_17_and_18
from tests.server.deployed import NO_DROP, Here
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

ODD = "':now %s %(a)s a%b \\ \"q\" ''z''\t$1 $$ 세종'"
"""What drivers, SQLAlchemy's text(), Python and JSON each read in a way of their own."""
ONE = f"""
xtrig: 1
name: first
schema: audit
tables:
  log: {{columns: {{at: timestamptz, who: text}}}}
functions:
  note: {{steps: [{{insert: log, values: {{at: "${{now}}", who: {ODD.replace("'", "''").join("''")}}}}}]}}
  gone: {{steps: [{{log: "gone"}}]}}
triggers:
  on_logon: {{event: logon, run: note}}
  on_drop: {{event: sql_drop, run: gone}}
"""
TWO = (
    ONE.replace('  gone: {steps: [{log: "gone"}]}\n', "")
    .replace("  on_drop: {event: sql_drop, run: gone}\n", "  on_end: {event: ddl_command_end, steps: [{log: done}]}\n")
    .replace("note: {steps: [", "note: {steps: [{log: 'a%b :x'}, ")
    .replace("who: text}", "who: text, extra: integer}")
)
PORTABLE = """
xtrig: 1
name: first
triggers:
  no_drop: {event: sql_drop, steps: [{deny: no}]}
"""


@pytest.fixture
def project(here: Here) -> Project:
    return project_of(here, ONE)


def stamped(here: Here) -> list[str]:
    return [row[0] for row in here.admin.execute("SELECT version_num FROM public.alembic_version")]


HISTORY = {("schema", "xtrig"), ("relation", "xtrig.deployments")}


def catalogs(here: Here) -> dict[tuple[str, str], str]:
    """Return the objects without Alembic's own."""
    return {key: value for key, value in here.site.snapshot().items() if "alembic" not in key[1]}


@on_17_and_18("here")
def test_a_new_users_path(here: Here, project: Project, server18: EmbeddedServer) -> None:
    empty = catalogs(here)
    first = project.revise("one")
    assert "op.apply_triggers('first', before=None, after=FIRST_AFTER)" in first
    assert "# + create trigger on_logon" in first
    assert "# table log stays, as it may hold rows: with_data=True drops it" in first
    project.upgrade()
    project.check()
    after_one = catalogs(here)
    assert here.status(ONE).is_in_sync

    project.write(TWO)
    with pytest.raises(CommandError, match="change_triggers"):
        project.check()
    second = project.revise("two")
    assert "op.apply_triggers('first', before=FIRST_BEFORE, after=FIRST_AFTER)" in second
    assert "op.apply_triggers('first', before=FIRST_AFTER, after=FIRST_BEFORE)" in second
    project.upgrade()
    project.check()
    after_two = catalogs(here)
    assert here.status(TWO).is_in_sync
    assert here.site.log_in("postgres") is None
    assert here.site.value("SELECT who FROM audit.log") == ":now %s %(a)s a%b \\ \"q\" 'z'\t$1 $$ 세종"

    project.downgrade("-1")
    log = ("relation", "audit.log")  # its new column stays, as it may hold rows
    assert catalogs(here) == {**after_one, log: after_two[log].replace(_mark(after_two[log]), _mark(after_one[log]))}
    project.downgrade()
    kept = catalogs(here)
    assert set(kept.keys() - empty.keys()) == {("relation", "audit.log"), ("schema", "audit"), *HISTORY}
    assert here.site.value("SELECT count(*) FROM audit.log") > 1
    project.upgrade()
    assert catalogs(here) == after_two
    project.check()

    with fresh_database(here.site.database.server) as database, database.connect() as other:
        other.execute("CREATE TABLE other_side (a integer)")
        there = Here(type(here.site)(database, other), here.folder, here.capsys)
        way_in = database.server.conninfo(database=database.name, tcp=True)
        printed = project.sql("head")
        assert printed.count("BEGIN;") == printed.count("COMMIT;") == 1
        assert "unproved" in printed
        psql(server18, way_in, printed)
        other.execute("DROP TABLE other_side")
        assert catalogs(there) == after_two
        psql(server18, way_in, project.sql("head:base", up=False))
        assert set(catalogs(there)) == set(kept)


def _mark(text: str) -> str:
    (found,) = re.findall(r"xtrig:1/[^:]+:\w+:first", text)
    return str(found)


@pytest.mark.parametrize(("driver", "kind"), [("psycopg2", "generic"), ("psycopg", "async"), ("asyncpg", "async")])
def test_any_driver_does(here: Here, driver: str, kind: str) -> None:
    project = project_of(here, ONE, driver=driver, kind=kind)
    project.revise("one")
    project.upgrade()
    assert here.status(ONE).is_in_sync
    project.check()
    project.downgrade()
    assert "on_logon" not in {name for _, name in catalogs(here)}


@on_17_and_18("here")
def test_what_is_neither_before_nor_after_is_refused_with_a_diff(here: Here, project: Project) -> None:
    project.revise("one")
    project.upgrade()
    project.write(TWO)
    project.revise("two")
    here.admin.execute("ALTER EVENT TRIGGER on_logon DISABLE")
    before = here.site.snapshot()
    with pytest.raises(CommandError, match="neither as before this step nor as after it") as refused:
        project.upgrade()
    assert "enabled: disabled -> origin" in str(refused.value)
    assert here.site.snapshot() == before
    assert len(stamped(here)) == 1
    with pytest.raises(CommandError, match="neither as before this step nor as after it"):
        project.downgrade()
    here.admin.execute("ALTER EVENT TRIGGER on_logon ENABLE")
    project.upgrade()
    assert here.status(TWO).is_in_sync


def test_a_set_that_should_not_be_there_is_refused(here: Here, project: Project) -> None:
    project.revise("one")
    here.apply(TWO, canary=None)
    before = here.site.snapshot()
    with pytest.raises(CommandError, match="set 'first' is to be created, but the database has of it: "):
        project.upgrade()
    assert here.site.snapshot() == before


def test_what_is_as_after_already_is_only_stamped(
    here: Here, project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    project.revise("one")
    here.apply(ONE, canary=None)
    before = catalogs(here)
    caplog.set_level(logging.INFO, "xtrig.alembic")
    project.upgrade()
    assert catalogs(here) == {**before, ("relation", "orders"): catalogs(here)["relation", "orders"]}
    assert len(stamped(here)) == 1


def test_a_database_that_is_not_as_its_revision_left_it_is_no_new_revision(here: Here, project: Project) -> None:
    project.revise("one")
    project.upgrade()
    here.admin.execute("DROP EVENT TRIGGER on_drop")
    with pytest.raises(CommandError, match=r"is not as revision \w+ has left it:\n(?s:.*)\+ create trigger on_drop"):
        project.check()


def test_with_data_nothing_is_left(here: Here, project: Project) -> None:
    empty = catalogs(here)
    project.write(TWO)
    project.revise("one")
    project.upgrade()
    one = catalogs(here)
    more = TWO.replace(", extra: integer", "").replace("tables:", "tables:\n  more: {columns: {a: text}}")
    project.write(more)
    text_ = project.revise("two")
    assert "# column log.extra stays" in text_
    assert "# table more stays" in text_
    project.edit("before=FIRST_BEFORE, after=FIRST_AFTER)", "before=FIRST_BEFORE, after=FIRST_AFTER, with_data=True)")
    project.edit("before=FIRST_AFTER, after=None)", "before=FIRST_AFTER, after=None, with_data=True)")
    project.edit("before=FIRST_AFTER, after=FIRST_BEFORE)", "before=FIRST_AFTER, after=FIRST_BEFORE, with_data=True)")
    project.upgrade()
    columns = "SELECT string_agg(attname, ' ') FROM pg_attribute WHERE attrelid = 'audit.log'::regclass AND attnum > 0"
    assert here.site.value(f"{columns} AND NOT attisdropped") == "at who"
    project.downgrade("-1")
    assert catalogs(here) == one
    project.downgrade()
    assert catalogs(here) == empty


def test_two_sets_and_one_that_is_registered_no_more(
    here: Here, project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    second = here.folder / "second.yaml"
    second.write_text(NO_DROP, "utf-8")
    project.env(f"{str(project.definition)!r}, {str(second)!r}")
    made = project.revise("both")
    assert made.index("apply_triggers('first', before=None") < made.index("apply_triggers('second', before=None")
    assert made.index("apply_triggers('second', before=SECOND_AFTER") < made.index(
        "apply_triggers('first', before=FIRST_"
    )
    project.upgrade()
    project.check()
    project.env(repr(str(project.definition)))
    with caplog.at_level(logging.WARNING, "xtrig.alembic"):
        project.check()
    assert (
        "the set 'second' is not registered any more, and stays; to drop it: register(drop=['second'])" in caplog.text
    )
    project.env(f"{str(project.definition)!r}, drop=['second']")
    dropping = project.revise("drop")
    assert "op.apply_triggers('second', before=SECOND_BEFORE, after=None)" in dropping
    project.upgrade()
    assert ("event trigger", "no_drop") not in catalogs(here)
    project.check()
    project.downgrade("-1")
    assert here.status(NO_DROP).is_in_sync
    project.upgrade()
    project.env(f"{str(project.definition)!r}, drop=['third']")
    with pytest.raises(CommandError, match="no revision has the set 'third'"):
        project.check()


def test_autogenerate_hides_our_tables_and_no_others(here: Here, project: Project) -> None:
    own = "def own(object_, name, type_, reflected, compare_to): return name != 'hidden'\n"
    # An application that reads its audit has a model of the table.
    model = 'sa.Table("log", target_metadata, sa.Column("who", sa.Text), schema="audit")\n'
    project.env(repr(str(project.definition)), own + model, "xtrig.alembic.hiding(own)")
    here.admin.execute("CREATE TABLE hidden (a integer); CREATE TABLE surplus (a integer)")
    made = project.revise("one")
    assert "create_table('orders'" in made
    assert "drop_table('surplus'" in made
    assert "hidden" not in made
    assert "audit" not in made.partition("def upgrade")[2].replace("audit.", "").replace("schema audit", "")
    project.upgrade()
    project.check()


def test_a_record_of_sessions_is_hidden_with_its_partitions(here: Here, project: Project) -> None:
    project.write("xtrig: 1\nschema: sessions_here\nsessions: {}\n")
    try:
        project.revise("one")
        project.upgrade()
        here.admin.execute("SELECT sessions_here.maintain()")
        project.check()
        made = catalogs(here)
        project.downgrade()
        assert here.site.log_in("postgres") is None
        project.upgrade()
        assert catalogs(here).keys() == made.keys()
    finally:
        here.admin.rollback()
        xtrig.drop(load(project.definition.read_text("utf-8")), here.url, with_data=True)


def test_a_listed_plugin_comes_last(here: Here, project: Project) -> None:
    project.env(repr(str(project.definition)), more=', autogenerate_plugins=["alembic.autogenerate.*", "xtrig"]')
    made = project.revise("one")
    assert made.count("op.apply_triggers(") == 2
    assert made.index("op.create_table(") < made.index("op.apply_triggers(")
    assert made.rindex("op.apply_triggers(") < made.index("op.drop_table(")


@pytest.mark.parametrize("listed", ['"xtrig"', '"alembic.autogenerate.*"'])
def test_a_plugin_list_is_followed(listed: str, here: Here, project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.env(repr(str(project.definition)), more=f", autogenerate_plugins=[{listed}]")
    made = project.revise("one")
    is_ours = "xtrig" in listed
    assert ("op.apply_triggers" in made) is is_ours
    assert ("op.create_table" in made) is not is_ours
    assert (
        "the registered triggers are not compared: add 'xtrig' to autogenerate_plugins" in caplog.text
    ) is not is_ours


def test_alembic_finds_the_plugin_by_its_entry_point() -> None:
    (found,) = importlib.metadata.entry_points(group="alembic.plugins", name="xtrig")
    assert found.load().setup
    assert list(found.load()) == [found.load()]  # 1.18 iterates over it
    # Alembic imports it while it is being imported itself.
    done = subprocess.run([sys.executable, "-c", "import alembic"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


BACK = (
    "import xtrig.deploy\nop.apply_triggers('first', before={before!r}, after=None, with_data=True, "
    "prove=xtrig.deploy.Canary(rounds=1))"
)
PROVE = (
    "import xtrig.deploy\nop.apply_triggers('first', before=None, after={after!r}, prove=xtrig.deploy.Canary(rounds=1))"
)


@on_17_and_18("here")
def test_prove_deploys_with_proofs(here: Here, project: Project) -> None:
    project.add("before", "op.create_table('before', sa.Column('id', sa.Integer))")
    project.add("prove", PROVE.format(after=ONE), BACK.format(before=ONE))
    project.add("after", "op.create_table('orders', sa.Column('id', sa.Integer))\nop.drop_table('before')")
    project.upgrade()
    assert here.status(ONE).is_in_sync
    assert len(stamped(here)) == 1
    project.check()
    project.downgrade()
    assert set(catalogs(here)) == {("relation", "orders"), ("schema", "public")}


@on_17_and_18("here")
def test_a_login_that_fails_leaves_the_revision_unstamped(here: Here, project: Project) -> None:
    denies = NO_DROP.replace("event: sql_drop", "event: logon").replace(
        ", when: \"${login_user} <> 'postgres'\"", ", when: \"${application} <> 'nobody'\""
    )
    project.add("before", "op.create_table('before', sa.Column('id', sa.Integer))")
    project.add("prove", PROVE.replace("'first'", "'second'").format(after=denies))
    with pytest.raises(CommandError, match="nothing is dropped here") as failed:
        project.upgrade()
    assert "\n" not in str(failed.value)
    assert "logins work" in str(failed.value)
    assert ("relation", "before") in catalogs(here)
    assert not [name for kind, name in catalogs(here) if kind == "event trigger"]
    assert len(stamped(here)) == 1
    assert here.site.log_in("postgres") is None


def test_prove_is_refused_in_a_transaction_of_the_callers(here: Here, project: Project) -> None:
    project.add("prove", PROVE.format(after=ONE))
    environment = project.folder / "migrations" / "env.py"
    environment.write_text(
        environment.read_text("utf-8").replace(
            "        context.configure(\n            connection=connection",
            "        connection.begin()\n        context.configure(\n            connection=connection",
        ),
        "utf-8",
    )
    with pytest.raises(CommandError, match="prove= commits what came before, but the transaction is the caller's"):
        project.upgrade()


def test_the_callers_settings_hold_after_the_step(here: Here, project: Project, server18: EmbeddedServer) -> None:
    steps = (
        "op.execute('CREATE SCHEMA app')\nop.execute('SET LOCAL search_path = app')\n"
        f"op.apply_triggers('first', before=None, after={ONE!r})\n"
        "op.execute('CREATE TABLE here_it_is (a integer)')\nop.execute('SET LOCAL search_path = public')"
    )
    project.add("one", steps)
    psql(server18, here.site.database.server.conninfo(database=here.site.database.name, tcp=True), project.sql("head"))
    assert ("relation", "app.here_it_is") in catalogs(here)
    with fresh_database(here.site.database.server) as database:
        project.upgrade(url=sqlalchemy_url(database.url))
        with database.connect(options="-c event_triggers=off") as other:
            assert other.execute("SELECT to_regclass('app.here_it_is')").fetchone() != (None,)


def test_a_printed_change_stops_where_the_set_is_not_as_before(
    here: Here, project: Project, server18: EmbeddedServer
) -> None:
    project.revise("one")
    project.upgrade()
    project.write(TWO)
    project.revise("two")
    one, two = (
        path.stem.partition("_")[0] for path in sorted(project.revisions, key=lambda path: path.stat().st_mtime)
    )
    script = project.sql(f"{one}:{two}")
    way_in = here.site.database.server.conninfo(database=here.site.database.name, tcp=True)
    here.admin.execute("COMMENT ON FUNCTION audit.note() IS 'xtrig:1:0000000000000000:first'")
    with pytest.raises(AssertionError, match=r"function audit\.note: not as before this step"):
        psql(server18, way_in, script)
    here.apply(ONE, canary=None)
    psql(server18, way_in, script)
    assert here.status(TWO).is_in_sync


def test_polardb_is_an_option_offline(here: Here, project: Project) -> None:
    project.write(PORTABLE)
    project.revise("one")
    assert "-- xtrig: set first, postgresql 18; unproved" in project.sql("head")
    project.env(f"{str(project.definition)!r}, dialect='polardb', target_version='14'")
    printed = project.sql("head")
    assert "-- xtrig: set first, polardb 14; unproved" in printed
    with pytest.raises(CommandError, match="this server is not one of dialect 'polardb'"):
        project.upgrade()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("op.apply_triggers('first', before=None, after=None)", "neither before nor after is given"),
        ("op.apply_triggers('other', before=None, after={one!r})", "set 'other': the definition is of the set 'first'"),
        ("op.apply_triggers('first', before=None, after='xtrig: 1')", "the definition is of the set 'public'"),
        ("op.apply_triggers('first', before=None, after={{'xtrig': 1, 'trigers': {{}}}})", "did you mean 'triggers'"),
        ("op.apply_triggers('first', before=None, after=7)", "after is of type int"),
    ],
)
def test_a_wrong_call_is_one_message(call: str, message: str, here: Here, project: Project) -> None:
    project.add("one", call.format(one=ONE))
    with pytest.raises(CommandError) as refused:
        project.upgrade()
    assert message in str(refused.value)


def test_what_cannot_be_read_without_running_it_is_said(here: Here, project: Project) -> None:
    project.add("one", f"made = {ONE!r}\nop.apply_triggers('first', before=None, after=made)")
    project.upgrade()
    with pytest.raises(CommandError, match=r"cannot read after of op\.apply_triggers; write it as a literal"):
        project.check()


def test_two_sets_of_one_name_are_refused(here: Here, project: Project) -> None:
    project.env(f"{str(project.definition)!r}, {str(project.definition)!r}")
    with pytest.raises(CommandError, match="two sets are called 'first'"):
        project.check()
    project.env(f"{str(project.definition)!r}, drop=['first']")
    with pytest.raises(CommandError, match="the set 'first' is registered, and named in drop"):
        project.check()
    project.env("'none.yaml'")
    with pytest.raises(CommandError, match=r"none\.yaml: cannot be read"):
        project.check()


def test_branches_that_change_the_same_set_do_not_overwrite_each_other(here: Here, project: Project) -> None:
    project.revise("one")
    project.upgrade()
    (base,) = stamped(here)
    three = ONE.replace('{log: "gone"}', '{log: "three"}')
    project.add("left", f"op.apply_triggers('first', before={ONE!r}, after={TWO!r})", head=base)
    project.add("right", f"op.apply_triggers('first', before={ONE!r}, after={three!r})", head=base, splice=True)
    left, right = (
        path.stem.partition("_")[0] for name in ("left", "right") for path in project.revisions if name in path.stem
    )
    project.upgrade(left)
    assert here.status(TWO).is_in_sync
    with pytest.raises(CommandError, match="neither as before this step nor as after it"):
        project.upgrade(right)
    assert here.status(TWO).is_in_sync
    # The merge says what is meant: the later one begins where the earlier one has ended.
    path = next(path for path in project.revisions if "right" in path.stem)
    path.write_text(path.read_text("utf-8").replace(repr(ONE), repr(TWO)), "utf-8")
    project.upgrade("heads")
    assert here.status(three).is_in_sync


def test_what_another_xtrig_has_worded_otherwise_gets_a_revision(here: Here, project: Project) -> None:
    project.revise("one")
    project.upgrade()
    # As if the former xtrig had rendered another text of the same definition.
    here.apply(ONE.replace('{log: "gone"}', '{log: "worded otherwise"}'), canary=None)
    made = project.revise("again")
    assert "op.apply_triggers('first', before=FIRST_BEFORE, after=FIRST_BEFORE)" in made
    project.upgrade()
    assert here.status(ONE).is_in_sync
    project.check()


def test_importing_alembic_is_not_slowed_down() -> None:
    program = "import sys, alembic; print(*sorted(name for name in sys.modules if name.startswith('xtrig')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["xtrig", "xtrig._version", "xtrig.alembic"]


def test_a_lock_of_others_is_not_waited_for_long(here: Here, project: Project) -> None:
    project.revise("one")
    project.upgrade()
    project.write(TWO)
    project.revise("two")
    before = catalogs(here)
    with here.site.database.connect(options="-c event_triggers=off") as other, other.transaction():
        other.execute("LOCK TABLE audit.log")
        begin = time.monotonic()
        with pytest.raises(CommandError, match="lock timeout"):
            project.upgrade()
        assert time.monotonic() - begin < 4
    assert catalogs(here) == before
    project.upgrade()
    assert here.status(TWO).is_in_sync
