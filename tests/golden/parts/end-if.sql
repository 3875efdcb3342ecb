    END IF;
END
$xtrig$;
