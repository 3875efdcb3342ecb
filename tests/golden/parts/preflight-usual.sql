-- « preflight: «triggers» | «functions»
    -- « preflight-tables: «made»
    -- « preflight-timeouts
    -- « preflight-trust: «named» | «schemas»
END
$xtrig$;
