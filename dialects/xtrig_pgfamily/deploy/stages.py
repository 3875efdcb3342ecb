"""Changes to stages: in which order they are made, so that no login is refused before it is known.

What fires at login goes through three proofs: a rehearsal that is rolled back, a canary that only chosen
connections meet, and ordinary logins once it is live. docs/reliability.md says what each was seen to find.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from xtrig.dialect.deployment import Action, Change, Found, Inventory, Proof, Stage
from xtrig.plugin import Hazard, Mark, ObjectKind, Statement
from xtrig_pgfamily import statements
from xtrig_pgfamily.deploy import placeholder
from xtrig_pgfamily.deploy.candidates import find_candidates
from xtrig_pgfamily.deploy.changing import create_trigger, make, take_back
from xtrig_pgfamily.deploy.parking import fires_on_ddl, parked
from xtrig_pgfamily.deploy.reckoning import (
    FIRING,
    changed_triggers,
    disarmed,
    enabled,
    goes_live,
    login_triggers,
    made_by,
    stays,
    taken_back,
)
from xtrig_pgfamily.driver.traits import CANARY
from xtrig_pgfamily.words import schema_of, unquoted

_TAG = "DROP CONVERSION"
_PROBE = Statement(f"{_TAG} IF EXISTS pg_temp.xtrig_rehearsal", "A command that everybody may give")
"""Not one that a function could give itself: it would run itself without end."""
_GOING = tuple(reversed(ObjectKind))
"""What is dropped before what it depends on."""
_UNRECOVERABLE = (ObjectKind.TABLE, ObjectKind.SCHEMA, ObjectKind.ROLE)


class Staging:
    """The stages of one plan."""

    def __init__(self, changes: Sequence[Change], inventory: Inventory, set_name: str) -> None:
        self._objects = inventory.objects
        self._after = self._states_after(changes)
        self._changes = tuple(
            change for change in changes if not (self._wants_keeper and placeholder.is_part(change.name))
        )
        self._own = inventory.of(set_name)
        dropped = {change.name for change in changes if change.kind is ObjectKind.TRIGGER and not stays(change)}
        self._staying = [found for found in self._own if found.name not in dropped]
        self._mark = Mark("", set_name)
        self._live = [change for change in self._changes if goes_live(change)]
        run = {found.state["function"] for found in login_triggers(inventory.objects) if enabled(found) != "disabled"}
        self._switched = [
            change
            for change in self._changes
            if change.kind is ObjectKind.FUNCTION and change.action is Action.REPLACE and change.name in run
        ]
        self._candidates = list(find_candidates(self._switched, self._live, self._mark))

    def stages(self) -> Iterator[Stage]:
        """Yield the stages; without a trigger that could refuse logins there is no proof to be had before."""
        if self._live or self._switched:
            yield self._rehearsal()
            yield self._prepare()
            yield self._canary()
            yield from self._switch()
            yield from self._go_live()
        yield from self._disarm()
        yield from self._retire()
        yield from self._finish()
        yield from self._forget()

    def _rehearsal(self) -> Stage:
        """Everything but the login triggers, whose functions are attached to an event that holds up no login."""
        made = [*made_by(self._early()), *made_by(self._switched)]
        functions = [change.part.state["function"] for change in self._live if change.part is not None]
        functions += [change.name for change in self._switched]
        attached = [
            Statement(
                f"CREATE EVENT TRIGGER xtrig_rehearsal_{number} ON ddl_command_start WHEN TAG IN ('{_TAG}') "
                f"EXECUTE FUNCTION {function}()",
                f"Rehearse {function}",
            )
            for number, function in enumerate(dict.fromkeys(functions), 1)
        ]
        asleep = [found.name for found in self._own if fires_on_ddl(found)]
        statements_ = (*parked(self._own, made, asleep=asleep), *attached)
        purpose = "Everything in a transaction that is rolled back, the functions run as each role"
        return Stage("rehearsal", purpose, statements_, proof=Proof.REHEARSAL, probes=(_PROBE,))

    def _prepare(self) -> Stage:
        made = [*made_by(self._early())]
        for candidate in self._candidates:
            made += candidate.create
        if self._makes_keeper:
            made += placeholder.create_function(self._schema, self._mark)
        undo = [statement for candidate in self._candidates for statement in candidate.drop]
        if self._makes_keeper:
            # The canary may not have come to pass, which takes back the keeper with its trigger.
            undo += placeholder.drop_function(self._schema)
        undo += taken_back(self._early())
        return Stage(
            "prepare",
            "Tables and functions that nobody meets yet",
            parked(self._own, made),
            # A login that is just passing has already looked for its trigger, and not yet for the function.
            late_undo=parked(self._own, undo),
        )

    def _canary(self) -> Stage:
        """Nothing but event triggers: the transaction holds up every login to the database."""
        made: list[Statement] = []
        undo: list[Statement] = []
        if self._makes_keeper:
            made += placeholder.create_trigger(self._schema, self._mark)
        for change in self._live:
            if change.action is Action.CREATE and change.part is not None:
                made += create_trigger(change.name, change.part, "replica")
                undo += take_back(change)
            elif change.action is Action.ENABLE:
                made.append(Statement(statements.enable(change.name, "replica"), f"Trigger {change.name}: canary"))
                undo += take_back(change)
        for candidate in self._candidates:
            state = statements.trigger_state("login", candidate.function, (), "replica")
            made += statements.make_event_trigger(candidate.trigger, state)
            made.append(Statement(statements.comment("EVENT TRIGGER", candidate.trigger, str(self._mark)), ""))
            undo.append(Statement(statements.drop("EVENT TRIGGER", candidate.trigger), "Drop the canary"))
        late: tuple[Statement, ...] = ()
        if self._makes_keeper:
            undo.append(disarmed([placeholder.NAME]))
            late = parked(self._own, placeholder.drop(self._schema))
        return Stage(
            "canary",
            "Triggers that only connections with session_replication_role = replica meet",
            tuple(made),
            tuple(undo),
            late,
            proof=Proof.CANARY,
            settings=CANARY,
        )

    def _switch(self) -> Iterator[Stage]:
        if self._switched:
            yield Stage(
                "switch",
                "Functions of live triggers: CREATE OR REPLACE FUNCTION is one moment, and holds up nobody",
                parked(self._own, made_by(self._switched)),
                parked(self._own, taken_back(self._switched)),
                proof=Proof.LOGINS,
            )

    def _go_live(self) -> Iterator[Stage]:
        made: list[Statement] = []
        undo: list[Statement] = []
        for change in self._live:
            state = change.part.state["enabled"] if change.part is not None else "replica"
            if change.action is Action.REPLACE:
                made += self._renamed(change)
                undo += take_back(change)
            elif state != "replica":
                made.append(Statement(statements.enable(change.name, state), f"Trigger {change.name}: {state}"))
            if change.action is Action.ENABLE:
                made += [each for each in make(change) if each.sql.startswith("COMMENT")]
        if made:
            yield Stage("go live", "The triggers fire for everybody", tuple(made), tuple(undo), proof=Proof.LOGINS)

    def _renamed(self, change: Change) -> Iterator[Statement]:
        """Yield the statements that put the candidate in the place of the trigger that it replaces."""
        candidate = next(each for each in self._candidates if each.replaces == change.name)
        yield Statement(statements.drop("EVENT TRIGGER", change.name), f"Replace trigger {change.name}")
        yield Statement(f"ALTER EVENT TRIGGER {candidate.trigger} RENAME TO {change.name}", "")
        if change.part is not None:
            yield Statement(statements.enable(change.name, change.part.state["enabled"]), "")
            yield Statement(statements.comment("EVENT TRIGGER", change.name, str(change.part.mark)), "")

    def _disarm(self) -> Iterator[Stage]:
        """Where no login trigger stays, logins stop looking for one before the last is gone."""
        if not self._disarms:
            return
        names = [unquoted(found.name) for found in self._awake]
        again = [
            Statement(statements.enable(found.name, enabled(found)), f"Trigger {found.name} as it was")
            for found in self._awake
        ]
        yield Stage("disarm", "Logins look for no trigger any more", (disarmed(names),), tuple(again))

    def _retire(self) -> Iterator[Stage]:
        """Triggers go before their functions, as a login that is just passing would look for one that is gone."""
        gone = [change for change in self._rest() if change.kind is ObjectKind.TRIGGER and not stays(change)]
        made, undo = made_by(gone), taken_back(gone)
        if self._makes_keeper and not self._live:
            # In one transaction with whatever was the last to fire.
            made = [*self._keeper(), *made]
            undo += [disarmed([placeholder.NAME]), *placeholder.drop(self._schema)]
        elif self._drops_keeper:
            made += placeholder.drop_trigger()
            undo = [*placeholder.drop_trigger(), *placeholder.again(self._schema, self._mark), *undo]
        if made:
            yield Stage(
                "retire",
                "Triggers that are wanted no more; their functions stay for logins that are under way",
                parked(self._staying, made, asleep=changed_triggers(self._changes)),
                parked(self._staying, undo, asleep=changed_triggers(self._changes)),
                proof=Proof.LOGINS,
                standbys_first=self._disarms,
            )

    def _finish(self) -> Iterator[Stage]:
        rest = [change for change in self._rest() if stays(change) or change.kind is not ObjectKind.TRIGGER]
        triggers = [change for change in rest if change.kind is ObjectKind.TRIGGER]
        made = made_by([change for change in rest if change.kind is not ObjectKind.TRIGGER and stays(change)])
        gone = [change for change in self._gone(rest) if change.kind not in _UNRECOVERABLE]
        for candidate in self._candidates:
            if candidate.drop:
                made.append(Statement(statements.drop("EVENT TRIGGER", candidate.trigger), "Drop the canary"))
                made += candidate.drop
        made += made_by(gone)
        if self._drops_keeper:
            made += placeholder.drop_function(self._schema)
        if not made and not triggers:
            return
        # Creating a login trigger makes logins look for one, also if it is disabled at once.
        login = [change for change in triggers if change.part and change.part.state["event"] == "login"]
        flag = [disarmed(())] if any(change.action is not Action.COMMENT for change in login) else []
        undo = taken_back([change for change in rest if change.kind not in _UNRECOVERABLE or stays(change)])
        dropped = [change.name for change in gone if change.kind is ObjectKind.FUNCTION]
        undo += [Statement(statements.revoke_execute(called), "") for called in dropped if not called.endswith(")")]
        yield Stage(
            "finish",
            "Everything that can refuse no login",
            (*parked(self._staying, made, asleep=changed_triggers(self._changes)), *made_by(triggers), *flag),
            (*parked(self._staying, undo, asleep=changed_triggers(self._changes)), *flag),
            proof=Proof.LOGINS,
            standbys_first=self._disarms or bool(gone) or self._drops_keeper,
        )

    def _keeper(self) -> Iterator[Statement]:
        yield from placeholder.create_function(self._schema, self._mark)
        yield from placeholder.create_trigger(self._schema, self._mark)

    def _forget(self) -> Iterator[Stage]:
        """What nothing brings back goes last, once everything else is proved."""
        gone = [change for change in self._gone(self._changes) if change.kind in _UNRECOVERABLE]
        if gone:
            made = [replace(each, hazards=(Hazard.LOSES_DATA,)) for each in made_by(gone)]
            yield Stage("forget", "Tables with what they recorded, and empty schemas", parked(self._staying, made))

    def _gone(self, changes: Iterable[Change]) -> list[Change]:
        return sorted((change for change in changes if not stays(change)), key=lambda each: _GOING.index(each.kind))

    @property
    def _awake(self) -> list[Found]:
        return [found for found in login_triggers(self._objects) if enabled(found) != "disabled"]

    @property
    def _disarms(self) -> bool:
        """Whether the last login trigger goes, be it to sleep."""
        return bool(self._awake) and not self._after

    def _early(self) -> list[Change]:
        """Return what can be made before the triggers that need it, and meets nobody."""
        switched = self._switched
        return [
            change
            for change in self._changes
            if change.kind is not ObjectKind.TRIGGER and stays(change) and change not in switched
        ]

    def _rest(self) -> list[Change]:
        early = self._early() if self._live or self._switched else []
        done = [*early, *self._live, *self._switched]
        return [change for change in self._changes if change not in done]

    @property
    def _schema(self) -> str:
        """The schema of the functions, quoted; a keeper goes there too."""
        functions = [change.part.state["function"] for change in self._live if change.part is not None]
        functions += [change.name for change in self._switched]
        functions += [found.state["function"] for found in self._own if found.kind is ObjectKind.TRIGGER]
        there = [
            found.name for found in self._own if placeholder.is_part(found.name) and found.kind is ObjectKind.FUNCTION
        ]
        return schema_of([*there, *functions][0])

    @property
    def _wants_keeper(self) -> bool:
        """Whether the only login triggers that stay are those of ENABLE REPLICA, which standbys do not count."""
        return bool(self._after) and not any(state in FIRING for state in self._after.values())

    @property
    def _has_keeper(self) -> bool:
        return any(found.name == placeholder.NAME and enabled(found) in FIRING for found in login_triggers(self._own))

    @property
    def _makes_keeper(self) -> bool:
        """Whether only ENABLE REPLICA triggers will be there: at the end, or already during the canary."""
        firing = any(enabled(found) in FIRING for found in login_triggers(self._objects))
        return not self._has_keeper and (self._wants_keeper or (bool(self._live) and not firing))

    @property
    def _drops_keeper(self) -> bool:
        """Whether a keeper goes that no change speaks of."""
        named = any(change.name == placeholder.NAME for change in self._changes)
        return (self._makes_keeper or self._has_keeper) and not named and not self._wants_keeper

    def _states_after(self, changes: Iterable[Change]) -> Mapping[str, str]:
        """Return the login triggers that will be enabled, by name, without the placeholder."""
        states = {found.name: enabled(found) for found in login_triggers(self._objects)}
        for change in changes:
            if change.kind is ObjectKind.TRIGGER:
                states.pop(change.name, None)
                if change.part is not None and change.part.state["event"] == "login":
                    states[change.name] = change.part.state["enabled"]
        return {name: state for name, state in states.items() if state != "disabled" and name != placeholder.NAME}
