IF NOT EXISTS (
    SELECT FROM pg_auth_members AS m
    JOIN pg_roles AS granted ON granted.oid = m.roleid
    JOIN pg_roles AS member ON member.oid = m.member
    WHERE granted.rolname = '«role»' AND member.rolname = «member»
) AND «member» <> '«role»' THEN
    EXECUTE format('GRANT %I TO %I', '«role»', «member»);
END IF;
