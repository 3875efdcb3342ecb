-- on_error: allow. PolarDB logs an error raised here and lets the session in.
-- lock_timeout: a lock held elsewhere may delay this, not hold it.
ignored := pg_catalog.set_config('lock_timeout', '«lock_timeout»', true);
