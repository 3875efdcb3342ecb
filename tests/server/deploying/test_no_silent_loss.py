"""What once did nothing, or something else, without a word: `check` or the rehearsal names it, or it works."""

from __future__ import annotations

import pytest

import xtrig
from tests.server.deploying.site import Site
from xtrig.checks import examine
from xtrig.deploy import ProofError, drop
from xtrig.errors import RefusedError
from xtrig.importer import import_script
from xtrig.model import TriggerSet
from xtrig.registry import get_dialect

pytestmark = pytest.mark.server


def at_logon(*steps: str, more: str = "", tables: str = "{}") -> str:
    listed = "".join(f"      - {step}\n" for step in steps)
    return (
        f"xtrig: 1\nschema: audit\ntables: {tables}\n"
        f"triggers:\n  t:\n    event: logon\n    exempt_roles: [postgres]\n{more}    steps:\n{listed}"
    )


def on_ddl(*steps: str, tags: str = "", tables: str = "{}", event: str = "ddl_command_end") -> str:
    listed = "".join(f"      - {step}\n" for step in steps)
    tagged = f"    tags: [{tags}]\n" if tags else ""
    return (
        f"xtrig: 1\nschema: audit\ntables: {tables}\ntriggers:\n  t:\n    event: {event}\n{tagged}    steps:\n{listed}"
    )


def body(text: str, event: str = "ddl_command_end") -> str:
    lines = "".join(f"        {line}\n" for line in text.strip().splitlines())
    return f"xtrig: 1\nschema: audit\ntriggers:\n  t:\n    event: {event}\n    body:\n      postgresql: |\n{lines}"


def found(triggers: TriggerSet) -> set[str]:
    return {finding.code for finding in examine(triggers).translate(get_dialect("postgresql"), (18,)).findings}


LOG, SEEN = '{log: "login of ${login_user} from ${client_ip}"}', "{seen: {columns: {who: text, what: text}}}"
ALLOWED = "{allowed: {columns: {who: text, net: inet}}}"

REFUSED = {
    "a path of the user's before a log": (
        at_logon("{set: search_path, value: \"quote_ident(${login_user}) || ', public'\"}", LOG),
        "XT240",
    ),
    "a path of the user's before a condition": (
        at_logon("{set: search_path, value: \"'public'\"}", "{deny: no, when: \"upper(${login_user}) = 'EVE'\"}"),
        "XT240",
    ),
    "a path in a branch": (
        at_logon("{if: 'true', then: [{set: search_path, value: \"'public'\"}]}", LOG),
        "XT240",
    ),
    "the meaning of literals before a deny": (
        at_logon("{set: standard_conforming_strings, value: \"'off'\"}", "{deny: 'a\\\\b', when: \"'a' = 'b'\"}"),
        "XT240",
    ),
    "a text in a network": (
        at_logon(
            "{deny: no, when: 'NOT EXISTS (SELECT 1 FROM allowed WHERE who = ${login_user} AND ${client_ip} <<= net)'}",
            tables=ALLOWED,
        ),
        "XT233",
    ),
    "a text and a number": (at_logon("{deny: no, when: '${login_user} > 3'}"), "XT233"),
    "a column that is not there": (
        at_logon("{deny: no, when: 'EXISTS (SELECT 1 FROM allowed WHERE whom = ${login_user})'}", tables=ALLOWED),
        "XT23",
    ),
    "a function of Oracle's": (at_logon("{deny: no, when: \"NVL(${client_ip}, 'x') = 'x'\"}"), "XT232"),
    "a command that fires its own trigger": (
        body("""
DECLARE obj record;
BEGIN
  FOR obj IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
    IF obj.object_type = 'table' THEN
      EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', obj.object_identity);
    END IF;
  END LOOP;
END
"""),
        "XT307",
    ),
    "a comment that fires its own trigger": (body("BEGIN\n  COMMENT ON SCHEMA public IS 'x';\nEND"), "XT307"),
    "a grant that fires its own trigger": (body("BEGIN\n  GRANT USAGE ON SCHEMA public TO PUBLIC;\nEND"), "XT307"),
    "a view that is refreshed": (body("BEGIN\n  REFRESH MATERIALIZED VIEW public.v;\nEND"), "XT307"),
    "a misspelt statement": (body("BEGIN\n  INSRT INTO audit.x VALUES (1);\nEND", "logon"), "XT318"),
    "a missing END IF": (body("BEGIN\n  IF true THEN\n    PERFORM 1;\nEND", "logon"), "XT318"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_check_refuses_it_and_nothing_is_changed(case: str, site: Site) -> None:
    definition, code = REFUSED[case]
    before = site.snapshot()
    with pytest.raises(RefusedError, match=rf"\[{code}"):
        site.apply(definition)
    site.untouched(before)


FAILING = {
    "a function that is not there": (at_logon("{call: app.note_login, args: ['${login_user}']}"), 'schema "app" does'),
    "a table that is not there": (at_logon("{sql: insert into audit.nowhere values (1)}"), "audit.nowhere"),
    "a value that no number takes": (at_logon('{sql: "perform (${login_user})::integer"}'), "invalid input syntax"),
    "a column that no command has": (
        body("""
BEGIN
  INSERT INTO public.ddl_audit (who, kind) SELECT session_user, objtype FROM pg_event_trigger_ddl_commands();
END
"""),
        "objtype",
    ),
    "a name that is cut": (
        on_ddl('{for_each: ddl_command, do: [{sql: "perform (${object_identity})::regclass::oid::integer / 0"}]}'),
        "division by zero",
    ),
}


@pytest.mark.parametrize("case", FAILING)
def test_the_rehearsal_finds_what_fails_at_every_run(case: str, site: Site) -> None:
    definition, said = FAILING[case]
    site.admin.execute("CREATE TABLE public.ddl_audit (who text, kind text)")
    assert said in site.fails(definition, ProofError).message


DROPPED = '{for_each: ddl_command, do: [{insert: seen, values: {who: "${login_user}", what: "${object_identity}"}}]}'
WARNED = {
    "a drop that lists nothing": (on_ddl(DROPPED, tags="DROP TABLE", tables=SEEN), "XT235"),
    "drops that list nothing": (on_ddl(DROPPED, tags="DROP VIEW, DROP INDEX", tables=SEEN), "XT235"),
    "tables that are made otherwise": (on_ddl(DROPPED, tags="CREATE TABLE", tables=SEEN), "XT236"),
    "an hour of the client's": (at_logon("{deny: closed, when: 'extract(hour from ${now}) = 99'}"), "XT311"),
    "a day of the client's": (at_logon("{deny: closed, when: \"to_char(${now}, 'D') = '9'\"}"), "XT311"),
    "a date of the client's": (at_logon("{deny: closed, when: \"${now}::date = '1999-01-01'\"}"), "XT311"),
    "a time of the client's": (at_logon("{deny: closed, when: \"localtime = '25:00'\"}"), "XT311"),
    "a table that only its owner may fill": (
        at_logon('{insert: seen, values: {who: "${login_user}"}}', tables=SEEN, more="    security: invoker\n"),
        "XT243",
    ),
}


@pytest.mark.parametrize("case", WARNED)
def test_check_warns_of_it(case: str) -> None:
    definition, code = WARNED[case]
    assert code in found(xtrig.load_text(definition))


def test_a_guarded_command_is_no_recursion(site: Site) -> None:
    site.admin.execute("CREATE ROLE case_owner")
    try:
        site.apply(
            on_ddl(
                "{for_each: ddl_command, do: [{sql: \"EXECUTE format('ALTER TABLE %s OWNER TO case_owner', "
                '${object_identity})", when: "${command_tag} = \'CREATE TABLE\'"}]}',
                tags="CREATE TABLE, ALTER TABLE",
            )
        )
        with site.database.connect() as session:
            session.execute("CREATE TABLE public.made (a integer)")
        assert site.value("SELECT relowner::regrole::text FROM pg_class WHERE relname = 'made'") == "case_owner"
    finally:
        site.admin.execute("DROP TABLE IF EXISTS public.made; DROP EVENT TRIGGER IF EXISTS t")
        site.admin.execute("DROP ROLE case_owner")


def imported(script: str) -> tuple[TriggerSet, set[str]]:
    result = import_script(script.encode(), "postgresql", "a.sql")
    return result.triggers, {finding.code for finding in result.findings}


def function(statements: str, clauses: str = "") -> str:
    head = f"CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql {clauses}"
    return f"{head} AS $$\nBEGIN\n{statements}\nEND $$;"


@pytest.mark.parametrize(
    "who", ["session_user", "current_user", "current_setting('application_name')", "coalesce(session_user, 'x')"]
)
def test_an_imported_insert_with_the_rights_of_the_user_is_refused_by_the_rehearsal(who: str, site: Site) -> None:
    table = "CREATE TABLE public.t_login (id serial, tstamp timestamptz DEFAULT now(), who text);"
    script = function(f"  INSERT INTO public.t_login (who) VALUES ({who});")
    triggers, codes = imported(f"{table}\n{script}\nCREATE EVENT TRIGGER f ON login EXECUTE FUNCTION public.f();")
    assert "XT243" in codes | found(triggers)
    assert "permission denied" in site.fails(triggers, ProofError).message


@pytest.mark.parametrize("column", ["objname", "object_name", "tag", "schemaname"])
def test_an_imported_trigger_that_fails_at_each_command_is_refused_by_the_rehearsal(column: str, site: Site) -> None:
    insert = f"  INSERT INTO public.made_of (a) SELECT {column} FROM pg_event_trigger_ddl_commands();"
    script = f"CREATE TABLE public.made_of (a text);\n{function(insert)}\n"
    triggers, _ = imported(f"{script}CREATE EVENT TRIGGER f ON ddl_command_end EXECUTE FUNCTION public.f();")
    assert f'"{column}" does not exist' in site.fails(triggers, ProofError).message


def test_an_unrelated_table_is_left_out_of_an_import_and_never_dropped(site: Site) -> None:
    tables = "CREATE TABLE public.customers (id int primary key, name text);\nCREATE TABLE public.ddl_log (tag text);"
    insert = "  INSERT INTO public.ddl_log (tag) VALUES (tg_tag);"
    pinned = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
    script = (
        f"{tables}\n{function(insert, pinned)}\nCREATE EVENT TRIGGER f ON ddl_command_end EXECUTE FUNCTION public.f();"
    )
    site.admin.execute(script.encode())
    site.admin.execute("INSERT INTO public.customers VALUES (1, 'kept')")
    triggers, codes = imported(script)
    assert "XT402" in codes
    assert set(triggers.tables) == {"ddl_log"}
    site.apply(triggers, adopt=True)
    drop(triggers, site.url(), with_data=True)
    assert site.value("SELECT name FROM public.customers") == "kept"
    assert site.value("SELECT to_regclass('public.ddl_log')") is None


@pytest.mark.parametrize("what", ["EVENT TRIGGER f", "FUNCTION public.f()", "TABLE public.made_of"])
def test_a_comment_that_would_take_the_mark_away_is_not_advised(what: str) -> None:
    insert = "  INSERT INTO public.made_of (a) VALUES (tg_tag);"
    script = f"CREATE TABLE public.made_of (a text);\n{function(insert)}\n"
    script += f"CREATE EVENT TRIGGER f ON ddl_command_start EXECUTE FUNCTION public.f();\nCOMMENT ON {what} IS 'x';"
    (said,) = [each for each in import_script(script.encode(), "postgresql", "a.sql").findings if each.code == "XT402"]
    assert "xtrig knows what it has made by its comment" in said.message
    assert said.remedy.endswith("do not run it on anything that the definition makes")
