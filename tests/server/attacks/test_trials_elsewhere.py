"""Commands on a database of mallory's, who has put something of hers before each name of pg_catalog."""

from __future__ import annotations

from tests.server.attacks.mallory import LOG, Target

SHADOWS = """
ALTER FUNCTION lair.loot() COST 0.0001;
SET check_function_bodies = off;
DO $$
DECLARE r record;
BEGIN
    FOR r IN SELECT relname AS n FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v')
    LOOP
        BEGIN
            EXECUTE format('CREATE VIEW lair.%1$I AS SELECT * FROM pg_catalog.%1$I WHERE lair.loot() IS NULL', r.n);
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;
    FOR r IN
        SELECT proname, pg_get_function_identity_arguments(oid) AS arguments, prorettype::regtype AS result
        FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND NOT proretset
          AND pg_get_function_identity_arguments(oid) !~ 'internal|any|cstring|OUT'
          AND prorettype::regtype::text !~ 'internal|any|cstring|trigger|handler|void'
    LOOP
        BEGIN
            EXECUTE format(
                'CREATE FUNCTION lair.%I(%s) RETURNS %s LANGUAGE plpgsql AS '
                '''BEGIN PERFORM lair.loot(); RETURN NULL; END''', r.proname, r.arguments, r.result
            );
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;
    FOR r IN
        SELECT oprname, oprleft::regtype AS l, oprright::regtype AS r, oprresult::regtype AS result FROM pg_operator
        WHERE oprname IN ('=', '<>', '~', '!~', '||', '@>', '->', '->>', '~~', '<', '>', '>=', '<=', '+', '-')
          AND oprleft <> 0 AND oprleft::regtype::text !~ 'any' AND oprright::regtype::text !~ 'any'
    LOOP
        BEGIN
            EXECUTE format(
                'CREATE FUNCTION lair.op(%1$s, %2$s) RETURNS %3$s LANGUAGE plpgsql AS '
                '''BEGIN PERFORM lair.loot(); RETURN NULL; END''', r.l, r.r, r.result
            );
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
        BEGIN
            EXECUTE format(
                'CREATE OPERATOR lair.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = lair.op)', r.oprname, r.l, r.r
            );
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;
END $$;
GRANT ALL ON ALL TABLES IN SCHEMA lair TO PUBLIC;
"""
SCRIPT = """
CREATE TABLE public.seen (who text);
CREATE FUNCTION public.note() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO public.seen VALUES (session_user); END $$;
CREATE EVENT TRIGGER note ON login EXECUTE FUNCTION public.note();
"""
GUARDED = LOG.replace("{event: logon,", "{event: logon, exempt_roles: [alice],")
COMMANDS = (
    "plan",
    "apply --no-canary",
    "apply",
    "status",
    "disable",
    "enable",
    "doctor",
    "audit verify",
    "audit sessions",
    "import --set first",
    "drop --with-data",
    "try --rounds 0",
    "import --verify",
)


def test_names_that_lead_to_hers(target: Target) -> None:
    """She owns the database that the URL names, and sets its search_path: what is asked there must not find hers."""
    target.arm()
    target.as_mallory(SHADOWS)
    assert target.value("SELECT count(*) FROM pg_class WHERE relnamespace = 'lair'::regnamespace") > 100
    assert target.value("SELECT count(*) FROM pg_proc WHERE pronamespace = 'lair'::regnamespace") > 1000
    name = target.database.name
    target.run(f"ALTER DATABASE {name} OWNER TO mallory")
    target.as_mallory(f"ALTER DATABASE {name} SET search_path = lair, pg_catalog, public")
    (target.folder / "script.sql").write_text(SCRIPT, "utf-8")
    try:
        for command in COMMANDS:
            verb, *options = command.split()
            if command == "import --verify":
                options = [str(target.folder / "script.sql"), "--from", "postgresql", "--verify"]
            elif verb not in ("doctor", "import") and command != "audit sessions":
                options += [target.given(GUARDED)]
            said = target.say(verb, *options, "--url", target.url)
            target.nothing_is_gained(said)
    finally:
        target.run(f"ALTER DATABASE {name} OWNER TO postgres")
