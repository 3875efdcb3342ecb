"""Conditions of a deny that a fact without a value passes, in every form that the language has."""

from __future__ import annotations

import pytest

from xtrig.checks.nulls import passing
from xtrig.facts import Fact

OPTIONAL = (Fact.CLIENT_IP, Fact.APPLICATION)
PASSED = (
    "${client_ip} <> '1'",
    "${client_ip} not in ('1','2')",
    "not (${client_ip} = '1')",
    "not ${client_ip} in ('1')",
    "${client_ip} not like '1%'",
    "coalesce(${client_ip} <> '1', false)",
    "(${client_ip} <> '1') is true",
    "(${client_ip} = '1') is false",
    "(${client_ip} in ('1')) = false",
    "nullif(${client_ip}, '1') is not null",
    "case when ${client_ip} <> '1' then true end",
    "case when ${client_ip} <> '1' then true else false end",
    "case when ${client_ip} in ('1') then false when ${client_ip} > '0' then true else false end",
    "case when ${login_user} = 'a' then true else ${client_ip} <> '1' end",
    "position('psql' in ${application}) = 0",
    "strpos(${application}, 'psql') = 0",
    "${client_ip} < '5'",
    "${client_ip} not between '1' and '2'",
    "${client_ip} between '1' and '2'",
    "(${client_ip}, ${login_user}) <> ('1','a')",
    "not (${client_ip}::inet <<= '10.0.0.0/8')",
    "(${client_ip}::inet <<= '10.0.0.0/8') = false",
    "${client_ip} <> all (array['1','2'])",
    "not (${client_ip} = any (array['1']))",
    "not starts_with(${application}, 'x')",
    "starts_with(${application}, 'x') = false",
    "lower(${application}) <> 'x'",
    "${application} !~ '^x'",
    "coalesce(${client_ip}, null) <> '1'",
    "coalesce(${client_ip}, '') <> '1' and ${client_ip} <> '2'",
    "exists (select 1 from a where ip <> ${client_ip})",
    "true = (${client_ip} <> '1')",
    "(${client_ip} <> '1') = true",
    "(${client_ip} <> '1') is not distinct from true",
    "not coalesce(${client_ip} = '1', true)",
    "not (${login_user} = 'a' and ${client_ip} = '1')",
    "${client_ip} not in (select ip from a)",
    "nullif(${client_ip} <> '1', false)",
    "${client_ip} not similar to '1%'",
    "${client_ip} <> '1' or ${login_user} = 'x'",
    "replace(${application},'a','b') <> 'x'",
    "extract(hour from ${now}) < 8 and ${client_ip} <> '1'",
    "substring(${application} from 1 for 3) <> 'abc'",
)
NOT_PASSED = (
    "${client_ip} = '1'",
    "${client_ip} in ('1')",
    "${client_ip} is distinct from '1'",
    "coalesce(${client_ip}, '') <> '1'",
    "coalesce(${client_ip}, '') not in ('1')",
    "${client_ip} is not null and ${client_ip} <> '1'",
    "${client_ip} is null or ${client_ip} <> '1'",
    "(${client_ip} = '1') is not true",
    "not coalesce(${client_ip} = '1', false)",
    "coalesce(${client_ip} <> '1', true)",
    "case when ${client_ip} = '1' then false else true end",
    "case ${client_ip} when '1' then false else true end",
    "position('psql' in ${application}) > 0",
    "lower(${application}) = 'x'",
    "${application} like 'x%'",
    "not exists (select 1 from a where ip = ${client_ip})",
    "(select count(*) from a where ip = ${client_ip}) = 0",
    "${client_ip} is null",
    "${client_ip} is not null",
    "${client_ip}::inet <<= '10.0.0.0/8'",
    "concat(${client_ip}) <> '1'",
    "(${client_ip} <> '1') is distinct from false",
    "(${client_ip} = '1') is unknown or ${client_ip} <> '1'",
    "true",
    "false",
    "${client_ip} = any (array['1'])",
    "coalesce(${client_ip}, '1') <> '1'",
    "length(${application}) = 5",
    "case when ${client_ip} is null then true else ${client_ip} <> '1' end",
    "starts_with(${application}, 'x')",
    "(${client_ip} in ('1')) is not true",
    "case when ${client_ip} = '1' then true else false end",
    "${client_ip} ~ '^1' and ${application} like 'x%'",
    "no_function_that_we_know(${client_ip})",
)


@pytest.mark.parametrize("condition", PASSED)
def test_null_passes(condition: str) -> None:
    """Most values make it true, and NULL does not."""
    assert set(passing(condition)) & set(OPTIONAL)


@pytest.mark.parametrize("condition", NOT_PASSED)
def test_null_does_not_pass(condition: str) -> None:
    """NULL makes it true, or is let in by name; or only a few values make it true."""
    assert not set(passing(condition)) & set(OPTIONAL)


def test_a_text_of_a_vendor_s_own_counts_where_it_compares_for_more_than_equality() -> None:
    """What the parser does not read is looked at word by word."""
    assert list(passing("${client_ip} <> all (values ('1'))")) == [Fact.CLIENT_IP]
    assert list(passing("coalesce(${client_ip}, '') <> all (values ('1'))")) == []
    assert list(passing("${client_ip} = any (values ('1'))")) == []
