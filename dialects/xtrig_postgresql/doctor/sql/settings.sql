SELECT name, setting AS value, source FROM pg_settings WHERE name IN ({settings})
