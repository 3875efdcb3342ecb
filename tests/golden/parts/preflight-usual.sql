-- « preflight: «triggers» | «functions»
    -- « preflight-tables: «made»
    -- « preflight-trust: «named» | «schemas»
END
$xtrig$;
