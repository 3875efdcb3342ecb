-- « preflight: «triggers» | «functions»
    -- « preflight-timeouts
    -- « preflight-trust: «named» | «schemas»
END
$xtrig$;
