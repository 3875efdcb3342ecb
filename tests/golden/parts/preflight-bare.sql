-- « preflight: «triggers» | «functions»
    -- « preflight-trust: «named» | «schemas»
END
$xtrig$;
