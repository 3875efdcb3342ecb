SELECT slot_name::text AS name, slot_type AS type, active AS is_active
FROM pg_replication_slots WHERE slot_type = 'physical' OR database = current_database() ORDER BY slot_name
