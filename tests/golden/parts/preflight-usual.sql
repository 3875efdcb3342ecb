-- « preflight: «triggers» | «functions»
    -- « preflight-tables: «made»
    SELECT format('table %I.%I: column %I %s', nspname, relname, wanted.name, what.is_wrong)
    INTO problem
    FROM (VALUES
