"""The queries that read a server; how many there are depends on nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xtrig.plugin import PREFIX, literal

MODIFIERS = (17,)
"""The first version with to_regtypemod()."""

EVENT_TRIGGERS = """
SELECT evtname AS name, evtevent AS event, evtenabled::text AS enabled,
    nspname AS function_schema, proname AS function_name,
    coalesce(evttags, '{}') AS tags,
    rolname AS owner, rolsuper AS owner_is_superuser,
    obj_description(t.oid, 'pg_event_trigger') AS comment
FROM pg_event_trigger AS t
    JOIN pg_proc AS p ON p.oid = evtfoid
    JOIN pg_namespace AS n ON n.oid = pronamespace
    JOIN pg_roles AS r ON r.oid = evtowner
ORDER BY evtname
""".strip()
"""All of them: those of others fire at the same events, and keep standbys open."""


def functions(named: Sequence[tuple[str, ...]], set_name: str) -> str:
    """Return the query for functions that are named, by schema, name and argument types, or marked by the set."""
    return f"""
SELECT nspname AS schema, proname AS name, oidvectortypes(proargtypes) AS arguments,
    lanname AS language, prosecdef AS is_definer,
    coalesce(proconfig, '{{}}') AS settings, prosrc AS body,
    rolname AS owner, rolsuper AS owner_is_superuser,
    concat_ws(', ', CASE provolatile WHEN 'v' THEN 'volatile' WHEN 's' THEN 'stable' ELSE 'immutable' END,
        CASE WHEN proisstrict THEN 'strict' END, CASE WHEN proleakproof THEN 'leakproof' END,
        CASE proparallel WHEN 'u' THEN 'parallel unsafe' WHEN 's' THEN 'parallel safe' ELSE 'parallel restricted' END,
        'cost ' || procost) AS attributes,
    CASE WHEN prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) END AS definition,
    obj_description(p.oid, 'pg_proc') AS comment, {_grants("proacl", "f", "proowner")} AS grants
FROM pg_proc AS p
    JOIN pg_namespace AS n ON n.oid = pronamespace
    JOIN pg_language AS l ON l.oid = prolang
    JOIN pg_roles AS r ON r.oid = proowner
WHERE {_named("proname, oidvectortypes(proargtypes)", named)} OR {_marked("p.oid", "pg_proc", set_name)}
ORDER BY 1, 2, 3
""".strip()


def tables(named: Sequence[tuple[str, ...]], set_name: str) -> str:
    """Return the query for tables and views, a row for each column."""
    return f"""
SELECT nspname AS schema, relname AS name, relkind::text AS kind, rolname AS owner, rolsuper AS owner_is_superuser,
    obj_description(c.oid, 'pg_class') AS comment, attname AS "column",
    format_type(atttypid, atttypmod) AS type, attnotnull AS is_needed, attidentity::text AS identity,
    pg_get_expr(adbin, adrelid) AS "default", {_grants("relacl", "r", "relowner")} AS grants,
    CASE WHEN relkind = 'v' AND coalesce(attnum, 1) = 1 THEN pg_get_viewdef(c.oid) END AS definition,
    CASE WHEN relkind = 'v' THEN concat_ws(', ', array_to_string(reloptions, ', '),
        (SELECT string_agg('trigger ' || tgname, ', ' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = c.oid),
        (SELECT string_agg('rule ' || rulename, ', ' ORDER BY rulename) FROM pg_rewrite
            WHERE ev_class = c.oid AND rulename <> '_RETURN'),
        (SELECT string_agg('default of ' || k.attname, ', ' ORDER BY k.attname) FROM pg_attribute AS k
            WHERE k.attrelid = c.oid AND k.atthasdef)) END AS besides
FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = relnamespace
    JOIN pg_roles AS r ON r.oid = relowner
    LEFT JOIN pg_attribute AS a ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_attrdef AS d ON adrelid = c.oid AND adnum = attnum
WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
    AND ({_named("relname", named)} OR (relkind IN ('r', 'p', 'v') AND {_marked("c.oid", "pg_class", set_name)}))
ORDER BY 1, 2, attnum
""".strip()


def besides(tables: Iterable[tuple[tuple[str, ...], Sequence[str], bool]]) -> str:
    """Return the query for what decides whether a table gets a row, which, or who may write, and no definition says.

    ``tables`` are path, columns, and whether there is a primary key. What others may read, their columns without a
    value of their own, and their plain indexes change nothing of what the triggers do. What a definition says of a
    column is compared by the preflight.
    """
    wanted = ", ".join(f"({_literals(path)}, ARRAY[{_literals(names)}]::text[], {key})" for path, names, key in tables)
    return f"""
WITH filled AS (
    SELECT c.*, nspname, names, has_key FROM (VALUES {wanted}) AS w (schema, relation, names, has_key)
        JOIN pg_namespace AS n ON nspname = schema
        JOIN pg_class AS c ON relnamespace = n.oid AND relname = relation AND relkind IN ('r', 'p')
)
SELECT format('table %I.%I has %s, which no definition names; drop it', nspname, relname, found) AS problem
FROM filled AS c, LATERAL (
    SELECT format('the trigger %I', tgname) FROM pg_trigger
    WHERE tgrelid = c.oid AND NOT tgisinternal AND tgenabled <> 'D'
    UNION ALL SELECT format('the rule %I', rulename) FROM pg_rewrite WHERE ev_class = c.oid AND ev_enabled <> 'D'
    UNION ALL SELECT format('the policy %I', polname) FROM pg_policy WHERE polrelid = c.oid
    UNION ALL SELECT 'row level security' WHERE relrowsecurity OR relforcerowsecurity
    UNION ALL SELECT 'the storage UNLOGGED, which a crash empties' WHERE relpersistence = 'u'
    UNION ALL SELECT format('the constraint %I', conname) FROM pg_constraint
    WHERE conrelid = c.oid AND (contype IN ('c', 'u', 'f', 'x') OR contype = 'p' AND NOT has_key)
    UNION ALL SELECT format('the index %I', i.relname) FROM pg_index JOIN pg_class AS i ON i.oid = indexrelid
    WHERE indrelid = c.oid AND (indisunique OR indexprs IS NOT NULL OR indpred IS NOT NULL)
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    UNION ALL SELECT format('the column %I with a value of its own', attname) FROM pg_attribute
    WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attname <> ALL (names)
      AND (atthasdef OR attidentity <> '')
    UNION ALL SELECT format('the child %s', inhrelid::regclass) FROM pg_inherits
    WHERE inhparent = c.oid AND relkind = 'r'
    UNION ALL SELECT format('the parent %s', inhparent::regclass) FROM pg_inherits WHERE inhrelid = c.oid
) AS x (found)
UNION ALL
SELECT DISTINCT format('table %I.%I: %s may %s, which no definition says; REVOKE it', nspname, relname,
    coalesce(quote_ident(g.rolname), 'PUBLIC'), privilege_type)
FROM filled AS c, LATERAL (
    SELECT * FROM aclexplode(relacl)
    UNION ALL SELECT x.* FROM pg_attribute, aclexplode(attacl) AS x WHERE attrelid = c.oid AND NOT attisdropped
) AS a LEFT JOIN pg_roles AS g ON g.oid = grantee
WHERE grantee <> relowner AND privilege_type <> 'SELECT'
""".strip()


def schemas(named: Sequence[str], set_name: str) -> str:
    """Return the query for schemas that are named, or were made by the set."""
    return f"""
SELECT nspname AS name, rolname AS owner, obj_description(n.oid, 'pg_namespace') AS comment,
    {_grants("nspacl", "n", "nspowner")} AS grants
FROM pg_namespace AS n JOIN pg_roles AS r ON r.oid = nspowner
WHERE nspname IN ({_literals(named)}) OR {_marked("n.oid", "pg_namespace", set_name)}
ORDER BY 1
""".strip()


def roles(named: Sequence[str], set_name: str) -> str:
    """Return the query for roles that are named, or were made by the set."""
    return f"""
SELECT rolname AS name, shobj_description(oid, 'pg_authid') AS comment, ARRAY(
    SELECT format('member of %s', o.rolname) FROM pg_auth_members AS m JOIN pg_roles AS o ON o.oid = m.roleid
    WHERE m.member = pg_roles.oid
    UNION SELECT format('execute %s', proname) FROM pg_proc, aclexplode(proacl)
    WHERE pronamespace = 'pg_catalog'::regnamespace AND grantee = pg_roles.oid
) AS rights
FROM pg_roles
WHERE rolname IN ({_literals(named)}) OR {_marked("oid", "pg_authid", set_name)}
ORDER BY 1
""".strip()


def types(written: Sequence[str], *, has_modifiers: bool) -> str:
    """Return the query for the server's own names of types as a definition writes them.

    ``has_modifiers``: to_regtypemod() is there from PostgreSQL 17 on.
    """
    modifier = "to_regtypemod(written)" if has_modifiers else "NULL"
    return f"""
SELECT written, format_type(to_regtype(written), {modifier}) AS type
FROM unnest(ARRAY[{_literals(written)}]::text[]) AS written
""".strip()


NOTHING = "SELECT WHERE false"


def _named(columns: str, named: Iterable[tuple[str, ...]]) -> str:
    found = ", ".join(f"({_literals(each)})" for each in named)
    return f"(nspname, {columns}) IN ({found})" if found else "false"


def _grants(column: str, kind: str, owner: str) -> str:
    """Return an expression for what others than the owner may do: pairs of role and privilege.

    Of a relation, ``c`` in the query, with the privileges on single columns.
    """
    told = "privilege_type || CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END"
    exploded = (
        f"SELECT grantee, {told} AS told FROM aclexplode(coalesce({column}, acldefault({literal(kind)}, {owner})))"
    )
    if kind == "r":
        of_column = "privilege_type || ' (' || quote_ident(attname) || ')'"
        exploded += (
            f" UNION ALL SELECT grantee, {told.replace('privilege_type', of_column, 1)} "
            "FROM pg_attribute AS k, aclexplode(attacl) WHERE k.attrelid = c.oid AND NOT k.attisdropped"
        )
    return (
        "(SELECT json_agg(json_build_array(coalesce(g.rolname, 'PUBLIC'), told) "
        "ORDER BY coalesce(g.rolname, 'PUBLIC') || ' ' || told COLLATE \"C\") "
        f"FROM ({exploded}) AS a LEFT JOIN pg_roles AS g ON g.oid = a.grantee WHERE a.grantee <> {owner})"
    )


def _marked(oid: str, catalog: str, set_name: str) -> str:
    """Return a condition: the object's comment is a mark of the set.

    The comments are read once: obj_description() for each function of the server takes ten times as long.
    """
    pattern = f"^{PREFIX}[^:]*:[^:]*:"
    its_set = f"split_part(regexp_replace(description, {literal(pattern)}, ''), chr(10), 1)"
    comments = "pg_shdescription WHERE" if catalog == "pg_authid" else "pg_description WHERE objsubid = 0 AND"
    return (
        f"{oid} IN (SELECT objoid FROM {comments} classoid = {literal(catalog)}::regclass"
        f" AND description LIKE {literal(PREFIX + '%')} AND {its_set} = {literal(set_name)})"
    )


def _literals(words: Iterable[str]) -> str:
    return ", ".join(literal(word) for word in words) or "NULL"
