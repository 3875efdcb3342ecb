-- The functions write with their owner's rights: only where nobody else can put a trigger.
SELECT format('schema %I belongs to %I, who could become superuser by it; use a schema of your own', nspname, owner.rolname)
INTO problem
FROM pg_namespace JOIN pg_roles AS owner
  ON owner.oid = CASE WHEN nspowner = to_regrole('pg_database_owner') THEN (SELECT datdba FROM pg_database WHERE datname = current_database()) ELSE nspowner END
WHERE nspname IN («schemas») AND NOT (owner.rolsuper OR owner.rolname = current_user);
IF problem IS NOT NULL THEN
    RAISE EXCEPTION '%', problem;
END IF;
SELECT format('table %s belongs to %I, who could become superuser by it; give it to a superuser', pg_class.oid::regclass, owner.rolname)
INTO problem
FROM pg_class JOIN pg_roles AS owner ON owner.oid = relowner
WHERE pg_class.oid IN (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE (nspname, relname) IN («tables»))
  AND NOT (owner.rolsuper OR owner.rolname = current_user);
IF problem IS NOT NULL THEN
    RAISE EXCEPTION '%', problem;
END IF;
