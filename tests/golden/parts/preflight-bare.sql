-- « preflight: «triggers» | «functions»
END
$xtrig$;
