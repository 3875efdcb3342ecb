"""Which commands list something at ddl_command_end: each that a server of ours can run is run."""

from __future__ import annotations

import pytest

from tests.server.conftest import fresh_database
from xtrig.facts import Event
from xtrig_pgfamily.words import listed_tags, tags

pytestmark = pytest.mark.server

COMMANDS = """
create table t(a int primary key, b text);
create table t2 as select 1 as x;
select 1 as x into t3;
create materialized view mv as select 1 as x;
refresh materialized view mv;
create unique index i on t(b);
reindex table t;
alter table t add c int;
alter index i rename to i2;
create view v as select 1 as x;
alter view v rename to v2;
alter materialized view mv rename to mv2;
create sequence s;
alter sequence s increment 2;
create function f1() returns int language sql as 'select 1';
alter function f1() stable;
create procedure p1() language sql as 'select 1';
alter procedure p1() rename to p2;
alter routine f1() immutable;
create aggregate ag(int) (sfunc=int4pl, stype=int);
alter aggregate ag(int) rename to ag2;
create type ty as (a int);
alter type ty add attribute b int;
create domain d as int;
alter domain d set default 1;
create schema sc;
alter schema sc rename to sc2;
create collation co from "C";
alter collation co rename to co2;
alter collation co2 refresh version;
create conversion cv for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
alter conversion cv rename to cv2;
create cast (ty as text) with inout;
create operator public.=== (leftarg=int, rightarg=int, function=int4eq);
alter operator public.=== (int,int) set schema sc2;
create operator family of1 using btree;
alter operator family of1 using btree rename to of2;
create operator class oc for type ty using hash as storage ty;
create operator class oc for type int using btree family of2 as operator 1 <, function 1 btint4cmp(int,int);
alter operator class oc using btree rename to oc2;
create text search configuration tc (copy=simple);
alter text search configuration tc rename to tc2;
create text search dictionary td (template=simple);
alter text search dictionary td rename to td2;
create text search parser tp (start=prsd_start, gettoken=prsd_nexttoken, end=prsd_end,
lextypes=prsd_lextype, headline=prsd_headline);
alter text search parser tp rename to tp2;
create text search template tt (lexize=dsimple_lexize);
alter text search template tt rename to tt2;
create foreign data wrapper fw;
alter foreign data wrapper fw options (a 'b');
create server se foreign data wrapper fw;
alter server se options (a 'b');
create user mapping for listed_role server se;
alter user mapping for listed_role server se options (a 'b');
create foreign table ft(a int) server se;
alter foreign table ft add b int;
create policy po on t;
alter policy po on t rename to po2;
create rule ru as on insert to t2 do nothing;
alter rule ru on t2 rename to ru2;
create trigger tr before insert on t for each row execute function suppress_redundant_updates_trigger();
alter trigger tr on t rename to tr2;
create statistics st on a, c from t;
alter statistics st rename to st2;
create publication pb for table t;
alter publication pb add table t2;
create subscription sb connection 'host=nowhere' publication pb with (connect=false);
alter subscription sb set (slot_name=none);
create transform for int language sql (from sql with function prsd_lextype(internal));
create access method am type index handler bthandler;
create language xx handler plpgsql_call_handler;
alter language xx rename to xx2;
alter default privileges in schema public grant select on tables to listed_role;
grant select on t to listed_role;
revoke select on t from listed_role;
grant select on t to listed_role with grant option;
comment on table t is 'x';
select lo_create(12345);
alter large object 12345 owner to listed_role;
drop owned by listed_role;
reassign owned by listed_role to postgres;
alter table t alter a type bigint;
drop subscription sb;
drop publication pb;
drop statistics st2;
drop trigger tr2 on t;
drop rule ru2 on t2;
drop policy po2 on t;
drop foreign table ft;
drop server se;
drop foreign data wrapper fw;
drop text search template tt2;
drop text search parser tp2;
drop text search dictionary td2;
drop text search configuration tc2;
drop operator class oc2 using btree;
drop operator family of2 using btree;
drop operator sc2.=== (int,int);
drop cast (ty as text);
drop conversion cv2;
drop collation co2;
drop domain d;
drop aggregate ag2(int);
drop procedure p2();
drop routine f1();
create function f1() returns int language sql as 'select 1';
drop function f1();
drop sequence s;
drop materialized view mv2;
drop view v2;
drop index i2;
drop access method am;
drop language xx2;
drop schema sc2 cascade;
drop table t2;
drop table t
"""
RECORDER = """
CREATE SCHEMA aud;
CREATE TABLE aud.seen (tag text, items integer);
CREATE FUNCTION aud.f() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO aud.seen SELECT tg_tag, count(*) FROM pg_event_trigger_ddl_commands(); END $$;
CREATE EVENT TRIGGER recorder ON ddl_command_end EXECUTE FUNCTION aud.f()
"""
NOT_RUN = frozenset(
    # Tags that no command carries, and commands that need an extension, a wrapper or a provider of labels.
    (
        "ALTER ACCESS METHOD|ALTER CAST|ALTER CONSTRAINT|ALTER EXTENSION|ALTER TRANSFORM|CREATE CONSTRAINT|"
        "CREATE EXTENSION|CREATE ROUTINE|DROP CONSTRAINT|DROP EXTENSION|DROP TRANSFORM|DROP TYPE|DROP USER MAPPING|"
        "IMPORT FOREIGN SCHEMA|SECURITY LABEL"
    ).split("|")
)


@pytest.mark.parametrize("version", [16, 17, 18])
def test_what_is_dropped_is_not_listed(version: int, request: pytest.FixtureRequest):
    server = request.getfixturevalue(f"server{version}")
    with fresh_database(server) as database, database.connect() as admin:
        admin.autocommit = True
        admin.execute("DROP ROLE IF EXISTS listed_role")
        admin.execute("CREATE ROLE listed_role")
        admin.execute(RECORDER)
        for command in COMMANDS.split(";\n"):
            admin.execute(command)
        rows = admin.execute("SELECT tag, max(items) FROM aud.seen GROUP BY tag").fetchall()
        admin.execute("DROP OWNED BY listed_role")
        admin.execute("DROP ROLE listed_role")
    known = tags(Event.DDL_COMMAND_END, (version,))
    assert {tag for tag, _ in rows} == known - NOT_RUN
    assert {tag for tag, items in rows if items} == listed_tags((version,)) - NOT_RUN


@pytest.mark.parametrize("version", [16, 18])
def test_a_table_is_made_under_three_tags(version: int, request: pytest.FixtureRequest):
    server = request.getfixturevalue(f"server{version}")
    with fresh_database(server) as database, database.connect() as admin:
        admin.execute(
            "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;"
            "CREATE EVENT TRIGGER t ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION no()"
        )
        admin.execute("CREATE TABLE a AS SELECT 1 AS x")
        admin.execute("SELECT 1 AS x INTO b")
        with pytest.raises(Exception, match="no"):
            admin.execute("CREATE TABLE c (x integer)")
