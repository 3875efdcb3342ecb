    -- « preflight-trust: «named» | «schemas» | «granted»
    -- « preflight-end
END
$xtrig$;
