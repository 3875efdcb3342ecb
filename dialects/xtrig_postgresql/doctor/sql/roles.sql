-- A connection limit does not bind superusers (manual of 18, CREATE ROLE). The end of validity is that of the
-- password alone; a role that can only log in by another method is not counted.
SELECT rolname::text AS name, rolsuper AS is_superuser, {may_set} AS may_set
FROM pg_roles
WHERE rolcanlogin AND (rolsuper OR {may_set}) AND (rolvaliduntil IS NULL OR rolvaliduntil > now())
ORDER BY rolname <> session_user, oid
