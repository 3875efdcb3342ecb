"""Trying a definition on a real PostgreSQL: apply it, let roles log in and run DDL, and see what happens.

Stages, in order: a server, a scratch database with roles, the definition applied, the programme of
actions, the time that a login takes.
"""

from __future__ import annotations

import secrets

from xtrig.listener import Listener, Silent
from xtrig.model import TriggerSet
from xtrig.render import render
from xtrig.resolve import resolve
from xtrig.script import Script
from xtrig.trial.apply import apply_script, fires_at_login
from xtrig.trial.needs import Needs, needs_of, self_contained
from xtrig.trial.programme import Programme, prepare_tables
from xtrig.trial.report import Action, ClientError, LoginTime, Report, Row
from xtrig.trial.scratch import TrialRole, scratch
from xtrig.trial.server import EMBEDDED_VERSION, Server, embedded_server, given_server
from xtrig.trial.timing import login_time
from xtrig.trial.witness import Witness
from xtrig_pgfamily.driver.errors import database_errors

__all__ = ["Action", "ClientError", "Listener", "LoginTime", "Report", "Row", "try_out"]


def try_out(
    triggers: TriggerSet, *, url: str | None = None, rounds: int = 30, listener: Listener | None = None
) -> Report:
    """Try the set on the embedded PostgreSQL, or on the server of ``url``, and report what it did.

    Everything happens in a database made for the trial; nothing stays. ``rounds`` is how many logins of each
    kind are timed, 0 for none. A trigger that refuses everybody is a result, not an error.

    Raises :class:`~xtrig.errors.DefinitionError` and :class:`~xtrig.errors.RefusedError` as
    :func:`xtrig.render.render` does, :class:`~xtrig.errors.UsageError` where there is no embedded server, and
    :class:`~xtrig.errors.DatabaseError` for trouble with the server.
    """
    listener = listener or Silent()
    triggers = self_contained(triggers, None if url is None else f"xtrig_try_{secrets.token_hex(4)}")
    if url is None:
        # Before the seconds that a server takes: what is wrong with the definition is known at once.
        script = render(triggers, target_version=str(EMBEDDED_VERSION))
        with embedded_server(listener) as server:
            return _run(server, script, needs_of(resolve(triggers)), rounds, listener)
    with given_server(url) as server:
        script = render(triggers, target_version=str(server.version))
        return _run(server, script, needs_of(resolve(triggers)), rounds, listener)


def _run(server: Server, script: Script, needs: Needs, rounds: int, listener: Listener) -> Report:
    if needs.routines:
        listener.note(f"not in the trial's database, so calling them fails: {', '.join(needs.routines)}")
    if needs.silent:
        listener.note(f"does not fire in the trial's sessions: {', '.join(needs.silent)}")
    with database_errors("the trial broke off"), scratch(server, needs, listener) as place:
        names = [role.name for role in place.roles]
        prepare_tables(place.owner, place.roles)
        with Witness(place.owner, needs.tables, names, needs.views) as witness:
            listener.step("applying the definition")
            apply_script(script, place.owner.engine())
            actions = tuple(Programme(place, script, needs, witness, server.log).run(listener))
            superuser = place.roles[0]
            return Report(
                server.title,
                place.database,
                {role.kind: role.name for role in place.roles},
                witness.tables,
                actions,
                _login_time(superuser, actions, script, rounds, listener),
                script.warnings,
            )


def _login_time(
    superuser: TrialRole, actions: tuple[Action, ...], script: Script, rounds: int, listener: Listener
) -> LoginTime | str:
    if not fires_at_login(script):
        return "not measured: no trigger of the definition fires at login"
    if any(action.error and action.is_login and action.role == superuser.name for action in actions):
        return f"not measured: the login of {superuser.name} was refused"
    if not rounds:
        return "not measured: --rounds 0"
    listener.step(f"timing {rounds} logins with and without the triggers")
    return login_time(superuser, rounds)
