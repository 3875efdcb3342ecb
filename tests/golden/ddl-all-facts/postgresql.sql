-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text
-- warning: trigger 'drops': deny after insert: the refusal takes the row back, so none of those refused is recorded [XT213]

BEGIN;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

-- « preflight: 'commands', 'drops' | to_regprocedure('public.commands()'), to_regprocedure('public.drops()')
    -- Only what nobody can put code into who would gain rights by it; a mark in a comment proves nothing.
    SELECT found.problem INTO problem FROM (
        WITH RECURSIVE me AS (
            SELECT oid, rolname, rolsuper, CASE WHEN rolsuper THEN 'USAGE, SET, SET WITH ADMIN OPTION' ELSE 'USAGE, SET' END AS may
            FROM pg_roles WHERE rolname = current_user
        ), other AS (
            -- All who log in, but superusers, whoever has our rights and, if we are no superuser, owners of event triggers.
            SELECT oid, rolname FROM pg_roles AS r WHERE rolcanlogin AND NOT rolsuper AND NOT EXISTS (
                SELECT FROM (SELECT oid FROM me UNION SELECT evtowner FROM pg_event_trigger, me WHERE NOT rolsuper) AS t (oid)
                WHERE pg_has_role(r.oid, t.oid, 'USAGE, SET, SET WITH ADMIN OPTION')
            )
        ), named (classid, objid, name) AS (
            SELECT o.classid, o.objid, format('%I.%I', nspname, o.name) FROM (
                SELECT 'pg_class'::regclass::oid, oid, relnamespace, relname FROM pg_class
                UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace, proname FROM pg_proc
                UNION ALL SELECT 'pg_type'::regclass, oid, typnamespace, typname FROM pg_type
                UNION ALL SELECT 'pg_operator'::regclass, oid, oprnamespace, oprname FROM pg_operator
            ) AS o (classid, objid, namespace, name) JOIN pg_namespace AS n ON n.oid = namespace
            WHERE (nspname, o.name) IN (('public', 'commands'), ('public', 'drops'), ('public', 'facts'))
            UNION ALL SELECT 'pg_namespace'::regclass, oid, nspname FROM pg_namespace WHERE nspname IN ('public')
        ), used (classid, objid, name, is_named) AS (
            SELECT classid, objid, name, true FROM named
            UNION
            -- What these depend on, and what hangs on them: triggers, rules, policies, defaults, constraints, partitions.
            SELECT f.classid, f.objid, u.name, false FROM used AS u CROSS JOIN LATERAL (
                SELECT refclassid, refobjid FROM pg_depend WHERE classid = u.classid AND objid = u.objid
                    AND NOT (classid = 'pg_constraint'::regclass AND refclassid = 'pg_class'::regclass)
                UNION ALL
                SELECT classid, objid FROM pg_depend WHERE refclassid = u.classid AND refobjid = u.objid
                    AND (deptype IN ('a', 'i', 'P', 'S') OR (classid = refclassid AND classid = 'pg_class'::regclass))
            ) AS f (classid, objid)
        ), held (classid, objid, owner, acl) AS (
            SELECT 'pg_class'::regclass, oid, relowner, relacl FROM pg_class WHERE relkind <> 't'
            UNION ALL SELECT 'pg_proc'::regclass, oid, proowner, NULL FROM pg_proc
            UNION ALL SELECT 'pg_type'::regclass, oid, typowner, NULL FROM pg_type WHERE typtype = 'd'
            UNION ALL SELECT 'pg_namespace'::regclass, oid, nspowner, nspacl FROM pg_namespace
        ), holder AS (
            SELECT classid, objid, min(name) AS name, bool_or(is_named) AS is_named, role, privilege
            FROM used JOIN held USING (classid, objid) CROSS JOIN LATERAL (
                SELECT owner, NULL UNION ALL SELECT grantee, privilege_type FROM aclexplode(acl)
                WHERE grantee <> owner AND (privilege_type = 'TRIGGER')
            ) AS h (role, privilege)
            GROUP BY classid, objid, role, privilege
        )
        SELECT format('%s %s', what.type, what.identity) || CASE
            WHEN privilege IS NOT NULL THEN format(
                ': %I has the right %s, and could %s by it; REVOKE %2$s ON %4$s%5$s FROM %6$s', o.rolname, privilege, gain,
                CASE what.type WHEN 'schema' THEN 'SCHEMA ' END, what.identity, coalesce(quote_ident(r.rolname), 'PUBLIC'))
            ELSE format(
                '%s belongs to %I, %s could %s by it; %s', CASE WHEN NOT is_named THEN format(', used by %s,', h.name) END,
                r.rolname, CASE WHEN o.oid = r.oid THEN 'who' ELSE format('and %I', o.rolname) END, gain,
                CASE WHEN is_named THEN 'use one of your own' ELSE 'drop what uses it' END)
        END AS problem
        FROM holder AS h LEFT JOIN pg_roles AS r ON r.oid = role
        CROSS JOIN (
            SELECT may, CASE WHEN rolsuper THEN 'become superuser' ELSE format('act as %I', rolname) END AS gain FROM me
        ) AS we
        CROSS JOIN LATERAL (
            SELECT oid, rolname FROM other WHERE role = 0 OR pg_has_role(other.oid, role, may)
            ORDER BY oid <> role, rolname LIMIT 1
        ) AS o
        CROSS JOIN LATERAL pg_identify_object(classid, objid, 0) AS what
    ) AS found LIMIT 1;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    -- commands would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'commands') THEN
        ALTER EVENT TRIGGER commands DISABLE;
    END IF;
    -- drops would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'drops') THEN
        ALTER EVENT TRIGGER drops DISABLE;
    END IF;
END
$xtrig$;

-- « definer: public.commands
    SET quote_all_identifiers = off
AS $xtrig$
DECLARE
    ddl_command record;
BEGIN
    -- on_error: deny. An error below stops the command.
    IF session_user <> 'dba' THEN
        FOR ddl_command IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
            INSERT INTO public.facts (a, b, c, d, e, f)
            VALUES (
                ddl_command.command_tag,
                ddl_command.object_type,
                ddl_command.schema_name,
                ddl_command.object_identity,
                tg_tag,
                tg_event
            );
        END LOOP;
    END IF;
-- « end-of-function: public.commands | xtrig:1:70e91f362cc3f238:public

-- « definer: public.drops
    SET quote_all_identifiers = off
AS $xtrig$
DECLARE
    dropped_object record;
BEGIN
    -- on_error: deny. An error below stops the command.
    FOR dropped_object IN SELECT * FROM pg_event_trigger_dropped_objects() LOOP
        IF dropped_object.object_type = 'table' THEN
            INSERT INTO public.facts (a, b, c, d)
            VALUES (
                tg_tag,
                dropped_object.object_type,
                dropped_object.schema_name,
                dropped_object.object_identity
            );
            IF dropped_object.schema_name = 'app' THEN
                RAISE EXCEPTION USING
                    MESSAGE = format('keep %s', dropped_object.object_identity),
                    ERRCODE = 'insufficient_privilege';
            END IF;
        END IF;
    END LOOP;
-- « end-of-function: public.drops | xtrig:1:1d88986c3ad60808:public

-- « trigger: commands | ddl_command_end | origin. It fires unless session_replication_role is replica. | ddl_command_end | public.commands() | O | ENABLE | xtrig:1:931ec98bfefe1f67:public

-- Trigger drops: sql_drop
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'drops' AND evtevent = 'sql_drop'
          AND evtfoid = to_regprocedure('public.drops()') AND evttags = ARRAY['DROP TABLE']
    ) THEN
        DROP EVENT TRIGGER IF EXISTS drops;
        CREATE EVENT TRIGGER drops ON sql_drop
            WHEN TAG IN ('DROP TABLE')
            EXECUTE FUNCTION public.drops();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'drops') <> 'O' THEN
        ALTER EVENT TRIGGER drops ENABLE;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER drops IS 'xtrig:1:96c7ebbc386a66c5:public';

COMMIT;
