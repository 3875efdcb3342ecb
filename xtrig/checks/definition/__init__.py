"""Checks that no dialect is needed for. The order here is that of findings on one line."""

from __future__ import annotations

from xtrig.checks.definition import (
    bodies_obey_policies,
    columns_are_defined,
    defaults_agree,
    denials_come_first,
    facts_are_known,
    functions_are_defined,
    functions_are_run,
    functions_have_names_of_their_own,
    has_a_trigger,
    identities_are_left_to_the_server,
    items_are_listed,
    logon_is_not_denied_its_ddl,
    policies_have_an_effect,
    tables_are_defined,
    tags_fit_the_event,
    triggers_end,
    users_are_told_from_owners,
)
from xtrig.findings import Check
from xtrig.model import TriggerSet
from xtrig.resolve import ResolvedSet

NAMES: tuple[Check[TriggerSet], ...] = (
    has_a_trigger.CHECK,
    tables_are_defined.CHECK,
    columns_are_defined.CHECK,
    identities_are_left_to_the_server.CHECK,
    functions_are_defined.CHECK,
    functions_have_names_of_their_own.CHECK,
    functions_are_run.CHECK,
    defaults_agree.CHECK,
)
"""Whether names that are used are defined: without that, a set cannot be resolved."""

MEANING: tuple[Check[ResolvedSet], ...] = (
    facts_are_known.CHECK,
    items_are_listed.CHECK,
    tags_fit_the_event.CHECK,
    logon_is_not_denied_its_ddl.CHECK,
    policies_have_an_effect.CHECK,
    bodies_obey_policies.CHECK,
    denials_come_first.CHECK,
    triggers_end.CHECK,
    users_are_told_from_owners.CHECK,
)
"""What the resolved set says, and whether that can be meant."""
