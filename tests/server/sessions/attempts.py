"""What an ordinary role may try: options of a connection, statements, and names."""

from __future__ import annotations

LET_IN = """
search_path=play,pg_catalog,pg_temp
role=grp
default_transaction_isolation=serializable
default_transaction_isolation=repeatable\\ read
default_transaction_deferrable=on
transaction_read_only=on
lock_timeout=1
statement_timeout=1
idle_in_transaction_session_timeout=1
client_min_messages=log
client_min_messages=error
plpgsql.extra_errors=all
plpgsql.variable_conflict=use_column
plpgsql.check_asserts=on
plpgsql.print_strict_params=on
timezone=Pacific/Kiritimati
datestyle=SQL,DMY
intervalstyle=sql_standard
bytea_output=escape
extra_float_digits=-15
row_security=off
temp_tablespaces=nowhere
jit_above_cost=0
synchronous_commit=off
work_mem=64kB
debug_print_parse=on
debug_parallel_query=regress
enable_seqscan=off
enable_tidscan=off
from_collapse_limit=1
standard_conforming_strings=off
backslash_quote=off
quote_all_identifiers=on
array_nulls=off
transform_null_equals=on
exit_on_error=on
ignore_system_indexes=on
check_function_bodies=off
plan_cache_mode=force_generic_plan
client_encoding=SJIS
client_encoding=SQL_ASCII
xtrig.x=1
audit.logon=1
createrole_self_grant=set
stats_fetch_consistency=snapshot
stats_fetch_consistency=none
xmloption=document
min_parallel_table_scan_size=0
parallel_leader_participation=off
""".split("\n")[1:-1]
REFUSED = """
session_replication_role=replica
event_triggers=off
deadlock_timeout=1
log_min_messages=panic
log_min_error_statement=panic
log_statement=none
log_disconnections=off
log_connections=
session_preload_libraries=x
local_preload_libraries=nosuch
dynamic_library_path=/tmp
commit_delay=100000
temp_file_limit=0
debug_discard_caches=1
max_stack_depth=100kB
zero_damaged_pages=on
allow_system_table_mods=on
track_activities=off
update_process_title=off
lc_messages=xx
session_authorization=postgres
is_superuser=on
compute_query_id=on
lo_compat_privileges=on
default_tablespace=nowhere
default_table_access_method=nosuch
""".split("\n")[1:-1]
DENIED = """
SELECT * FROM audit.sessions
SELECT * FROM audit.session_inbox
SELECT * FROM audit.session_log
SELECT * FROM audit.refused_logins
SELECT * FROM audit.tamper_findings
SELECT * FROM audit.seal
INSERT INTO audit.session_inbox (login_user) VALUES ('eve')
UPDATE audit.session_inbox SET login_user = 'eve'
DELETE FROM audit.session_log
TRUNCATE audit.session_inbox
COPY audit.session_inbox FROM STDIN
DROP TABLE audit.session_inbox
ALTER TABLE audit.session_inbox ADD x integer
ALTER TABLE audit.session_inbox OWNER TO mallory
CREATE INDEX ON audit.session_inbox (backend_pid)
CREATE TRIGGER t BEFORE INSERT ON audit.session_inbox EXECUTE FUNCTION suppress_redundant_updates_trigger()
CREATE RULE r AS ON INSERT TO audit.session_inbox DO INSTEAD NOTHING
LOCK TABLE audit.session_inbox IN ACCESS EXCLUSIVE MODE
LOCK TABLE audit.session_inbox IN ACCESS SHARE MODE
SELECT 1 FROM audit.session_state FOR UPDATE
SELECT audit.maintain()
SELECT audit.reap_at_login()
SELECT audit.reap(0, 1, 1)
SELECT audit.verify_seals()
SELECT audit.logon()
CREATE OR REPLACE FUNCTION audit.logon() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'
ALTER FUNCTION audit.logon() SET lock_timeout = 0
DROP FUNCTION audit.logon()
CREATE FUNCTION audit.f() RETURNS integer LANGUAGE sql AS 'SELECT 1'
DROP SCHEMA audit CASCADE
ALTER SCHEMA audit RENAME TO other
DROP EVENT TRIGGER session_audit_logon
ALTER EVENT TRIGGER session_audit_logon DISABLE
ALTER EVENT TRIGGER session_audit_logon OWNER TO mallory
CREATE EVENT TRIGGER e ON login EXECUTE FUNCTION audit.logon()
SET event_triggers = off
SET session_replication_role = replica
ALTER ROLE mallory SET event_triggers = off
ALTER ROLE mallory SET session_replication_role = replica
ALTER ROLE mallory SET log_min_messages = panic
ALTER SYSTEM SET event_triggers = off
SET ROLE audit_owner
SET ROLE audit_writer
SET ROLE audit_reader
SET SESSION AUTHORIZATION postgres
GRANT audit_owner TO mallory
GRANT audit_reader TO mallory
ALTER ROLE audit_owner LOGIN
DROP ROLE audit_writer
REASSIGN OWNED BY audit_owner TO mallory
SELECT pg_ls_logdir()
SELECT pg_read_file('log')
SELECT pg_read_binary_file('PG_VERSION', 0, 1, true)
SELECT pg_rotate_logfile()
""".split("\n")[1:-1]
NAMES = [
    "x'; DROP TABLE audit.session_inbox; --",
    'x"}\n{"a":1}',
    "back\\slash",
    "x" * 200,
    "%s%d%n",
    'xtrig {"outcome":"refused"}',
    "$xtrig$",
    "@",
]
