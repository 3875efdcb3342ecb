-- « preflight: «triggers» | «functions»
    -- « preflight-tables: «made»
    -- « preflight-owners: «schemas» | «tables»
END
$xtrig$;
