"""Changes to stages: in which order they are made, so that no login is refused before it is known.

What fires at login goes through three proofs: a rehearsal that is rolled back, a canary that only chosen
connections meet, and ordinary logins once it is live. docs/reliability.md says what each was seen to find.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from xtrig.dialect.deployment import Inventory, Proof, Stage
from xtrig.dialect.objects import Action, Change
from xtrig.plugin import DatabaseObject, Hazard, Mark, ObjectKind, Statement
from xtrig_pgfamily import statements
from xtrig_pgfamily.catalog.inventory import triggers
from xtrig_pgfamily.deploy.rehearsed import Rehearsed
from xtrig_pgfamily.deploy.temporary import (
    PLACEHOLDER,
    Placeholder,
    find_candidates,
    firing_on_ddl,
    is_placeholder,
    undisturbed,
)
from xtrig_pgfamily.driver.traits import CANARY
from xtrig_pgfamily.objects import EventTrigger, Function
from xtrig_pgfamily.objects.event_trigger import FIRING


class Staging:
    """The stages of one plan."""

    def __init__(
        self, changes: Sequence[Change], inventory: Inventory, set_name: str, rehearsed: Rehearsed | None = None
    ) -> None:
        self._rehearsed = rehearsed or Rehearsed()
        self._there = {each.key for each in inventory.objects}
        self._triggers = triggers(inventory.objects)
        self._own = triggers(inventory.of(set_name))
        self._logins = [each for each in self._triggers if each.is_login]
        self._enabled_logins = [each for each in self._logins if each.is_enabled]
        self._after = self._states_after(changes)
        self._changes = tuple(
            change for change in changes if not (self._wants_placeholder and is_placeholder(change.object))
        )
        dropped = {change.name for change in changes if change.kind is ObjectKind.TRIGGER and not stays(change)}
        self._resting = firing_on_ddl(self._own)
        self._resting_of_staying = [each for each in self._resting if each.name not in dropped]
        self._mark = Mark("", set_name)
        self._live = [change for change in self._changes if goes_live(change)]
        run = {each.function for each in self._enabled_logins}
        self._switched = [
            change
            for change in self._changes
            if change.action is Action.REPLACE and isinstance(change.wanted, Function) and change.wanted.path in run
        ]
        self._on_ddl = self._changed_on_ddl()
        self._placeholders = [each for each in inventory.of(set_name) if is_placeholder(each)]
        switched = [change.wanted for change in self._switched if isinstance(change.wanted, Function)]
        replaced = [_trigger(change) for change in self._live if change.action is Action.REPLACE]
        self._candidates = list(find_candidates(switched, replaced, self._mark))

    def _changed_on_ddl(self) -> list[EventTrigger]:
        """Return the triggers that will fire on DDL otherwise than before: new ones, and those with another text."""
        new = [
            change.wanted
            for change in self._changes
            if change.action in (Action.CREATE, Action.REPLACE, Action.ENABLE)
            and isinstance(change.wanted, EventTrigger)
            and change.wanted.is_firing
            and not change.wanted.is_login
        ]
        names = {each.name for each in new}
        functions = [change.wanted for change in self._changes if change.action is Action.REPLACE]
        texts = {each.path for each in functions if isinstance(each, Function)}
        return new + [
            each
            for each in self._resting_of_staying
            if each.is_firing and each.function in texts and each.name not in names
        ]

    def stages(self) -> Iterator[Stage]:
        """Yield the stages; without a trigger that could refuse logins there is no proof to be had before."""
        if self._live or self._switched or self._on_ddl:
            yield self._rehearsal()
        if self._live or self._switched:
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
        disabled = [each.name for each in self._resting]
        made = undisturbed(self._resting, made_by([*self._early(), *self._switched]), changed=disabled)
        functions = [_trigger(change).called for change in self._live] + [change.name for change in self._switched]
        return self._rehearsed.stage(made, list(dict.fromkeys(functions)), self._on_ddl)

    def _prepare(self) -> Stage:
        made = made_by(self._early())
        undo: list[Statement] = []
        for candidate in self._candidates:
            if candidate.function is not None:
                made += self._new(candidate.function, candidate.trigger)
                undo += candidate.function.drop()
        if self._makes_placeholder:
            made += self._new(self._placeholder.function)
            # The canary stage, whose undo drops the placeholder with its trigger, may not have been reached.
            undo += self._placeholder.drop_function_if_unneeded()
        undo += taken_back(self._early())
        return Stage(
            "prepare",
            "Tables and functions that nobody meets yet",
            undisturbed(self._resting, made),
            # A login that is just passing has already looked for its trigger, and not yet for the function.
            late_undo=undisturbed(self._resting, undo),
        )

    def _new(self, function: Function, trigger: EventTrigger | None = None) -> Iterator[Statement]:
        """Yield the statements that make a function for our own time.

        Whatever has its name already is dropped, whatever its mark says: OR REPLACE would leave its owner to it.
        """
        if function.key in self._there:
            if trigger is not None:
                yield trigger.dropped("Drop a canary that was left")
            yield function.dropped(f"Drop function {function.name}, which was left")
        yield from function.create()

    def _canary(self) -> Stage:
        """Nothing but event triggers: the transaction holds up every login to the database."""
        made: list[Statement] = []
        undo: list[Statement] = []
        if self._makes_placeholder:
            made += self._placeholder.trigger.create()
        for change in self._live:
            trigger = _trigger(change)
            if change.action is Action.CREATE:
                made += replace(trigger, enabled="replica").create()
                undo += change.take_back()
            elif change.action is Action.ENABLE:
                made.append(trigger.set_to("replica", f"Trigger {change.name}: canary"))
                undo += change.take_back()
        for candidate in self._candidates:
            made += candidate.trigger.create()
            undo.append(candidate.trigger.dropped("Drop the canary"))
        late: tuple[Statement, ...] = ()
        if self._makes_placeholder:
            undo.append(disarmed([PLACEHOLDER], alone=True))
            late = undisturbed(self._resting, self._placeholder.drop_if_unneeded())
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
                undisturbed(self._resting, made_by(self._switched)),
                undisturbed(self._resting, taken_back(self._switched)),
                proof=Proof.LOGINS,
            )

    def _go_live(self) -> Iterator[Stage]:
        made: list[Statement] = []
        undo: list[Statement] = []
        release: list[Statement] = []
        for change in self._live:
            trigger = _trigger(change)
            # The former form of a trigger may refuse people for good reason, so it is brought back in one transaction.
            if change.action is Action.CREATE:
                release += change.take_back()
            elif change.action is Action.ENABLE:
                release.append(trigger.set_to("disabled"))
            if change.action is Action.REPLACE:
                made += self._renamed(change)
                undo += change.take_back()
            elif trigger.enabled != "replica":
                made.append(trigger.set_to(trigger.enabled, f"Trigger {change.name}: {trigger.enabled}"))
            if change.action is Action.ENABLE and isinstance(change.found, EventTrigger):
                made += trigger.remark(change.found)
        if made:
            purpose = "The triggers fire for everybody"
            yield Stage("go live", purpose, tuple(made), tuple(undo), release=tuple(release), proof=Proof.LOGINS)

    def _renamed(self, change: Change) -> Iterator[Statement]:
        """Yield the statements that put the candidate in the place of the trigger that it replaces."""
        trigger = _trigger(change)
        candidate = next(each.trigger for each in self._candidates if each.replaces == trigger)
        yield trigger.dropped(f"Replace trigger {change.name}")
        yield Statement(f"ALTER EVENT TRIGGER {candidate.name} RENAME TO {change.name}", "")
        yield trigger.set_to(trigger.enabled)
        yield trigger.commented(str(trigger.mark))

    def _disarm(self) -> Iterator[Stage]:
        """Where no login trigger stays, logins stop looking for one before the last is gone."""
        if not self._disarms:
            return
        again = [each.set_to(each.enabled, f"Trigger {each.name} as it was") for each in self._enabled_logins]
        gone = disarmed([each.path[0] for each in self._enabled_logins])
        # Whoever has locked the database's row must not keep people out who were to be let in.
        dropped = {change.name for change in self._changes if change.kind is ObjectKind.TRIGGER and not stays(change)}
        emptied = [self._emptied(each) for each in self._enabled_logins if each.name in dropped]
        instead = undisturbed(self._resting, [each for function in emptied for each in function.printed()])
        yield Stage("disarm", "Logins look for no trigger any more", (gone,), tuple(again), instead=instead)

    def _emptied(self, trigger: EventTrigger) -> Function:
        """Return the function of a login trigger as one that lets everybody in: no lock of others stops that."""
        purpose = f"{trigger.name} lets everybody in until it can be dropped"
        return Function(path=trigger.function, body="\nBEGIN\nEND\n", mark=self._mark, purpose=purpose)

    def _retire(self) -> Iterator[Stage]:
        """Triggers go before their functions, as a login that is just passing would look for one that is gone."""
        gone = [change for change in self._rest() if change.kind is ObjectKind.TRIGGER and not stays(change)]
        made, undo = made_by(gone), taken_back(gone)
        last: tuple[Statement, ...] = ()
        if self._makes_placeholder and not self._live:
            # In one transaction with whatever was the last to fire.
            made = [*self._new(self._placeholder.function), *self._placeholder.trigger.create(), *made]
            last = (
                disarmed([PLACEHOLDER], alone=True),
                *undisturbed(self._resting_of_staying, self._placeholder.drop_if_unneeded()),
            )
        elif self._drops_placeholder:
            made += self._placeholder.drop_trigger()
            undo = [*self._placeholder.drop_trigger(), *self._placeholder.again(), *undo]
        if made:
            changed = changed_triggers(self._changes)
            yield Stage(
                "retire",
                "Triggers that are wanted no more; their functions stay for logins that are under way",
                undisturbed(self._resting_of_staying, made, changed),
                (*undisturbed(self._resting_of_staying, undo, changed), *last),
                proof=Proof.LOGINS,
                standbys_first=self._disarms,
            )

    def _finish(self) -> Iterator[Stage]:
        rest = [change for change in self._rest() if stays(change) or change.kind is not ObjectKind.TRIGGER]
        changes = [change for change in rest if change.kind is ObjectKind.TRIGGER]
        made = made_by([change for change in rest if change.kind is not ObjectKind.TRIGGER and stays(change)])
        gone = [change for change in _gone(rest) if not is_unrecoverable(change)]
        for candidate in self._candidates:
            if candidate.function is not None:
                made += [candidate.trigger.dropped("Drop the canary"), *candidate.function.drop()]
        made += made_by(gone)
        if self._drops_placeholder:
            made += self._placeholder.drop_function()
        if not made and not changes:
            return
        # Creating a login trigger makes logins look for one, also if it is disabled at once.
        login = [change for change in changes if isinstance(change.wanted, EventTrigger) and change.wanted.is_login]
        flag = [disarmed(())] if any(change.action is not Action.COMMENT for change in login) else []
        undo = taken_back([change for change in rest if not is_unrecoverable(change) or stays(change)])
        dropped = [change.found for change in gone if isinstance(change.found, Function)]
        undo += [function.revoked() for function in dropped if not function.types]
        changed = changed_triggers(self._changes)
        yield Stage(
            "finish",
            "Everything that can refuse no login",
            (*undisturbed(self._resting_of_staying, made, changed), *made_by(changes), *flag),
            (
                *undisturbed(self._resting_of_staying, undo, changed),
                *(replace(each, after_commit=True) for each in flag),
            ),
            proof=Proof.LOGINS,
            standbys_first=self._disarms or bool(gone) or self._drops_placeholder,
        )

    def _forget(self) -> Iterator[Stage]:
        """What nothing brings back goes last, once everything else is proved."""
        gone = [change for change in _gone(self._changes) if is_unrecoverable(change)]
        if gone:
            made = [replace(each, hazards=(Hazard.LOSES_DATA,)) for each in made_by(gone)]
            purpose = "Tables with what they recorded, and empty schemas"
            yield Stage("forget", purpose, undisturbed(self._resting_of_staying, made))

    @property
    def _disarms(self) -> bool:
        """Whether the last login trigger goes, or is disabled."""
        return bool(self._enabled_logins) and not self._after

    def _early(self) -> list[Change]:
        """Return what can be made before the triggers that need it, and that no session meets."""
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
    def _placeholder(self) -> Placeholder:
        """The placeholder, in the schema where it is, or in that of a function of the set."""
        there = [each.path for each in self._placeholders if isinstance(each, Function)]
        wanted = [_trigger(change).function for change in self._live]
        switched = [change.object.path for change in self._switched]
        own = [each.function for each in self._own]
        rest = [change.wanted.function for change in self._changes if isinstance(change.wanted, EventTrigger)]
        return Placeholder([*there, *wanted, *switched, *own, *rest][0][0], self._mark)

    @property
    def _wants_placeholder(self) -> bool:
        """Whether the only login triggers that stay are those of ENABLE REPLICA, which standbys do not count."""
        return bool(self._after) and not any(state in FIRING for state in self._after.values())

    @property
    def _has_placeholder(self) -> bool:
        return any(each.is_login and is_placeholder(each) and each.is_firing for each in self._own)

    @property
    def _makes_placeholder(self) -> bool:
        """Whether only ENABLE REPLICA triggers will be there: at the end, or already during the canary."""
        firing = any(each.is_firing for each in self._logins)
        return not self._has_placeholder and (self._wants_placeholder or (bool(self._live) and not firing))

    @property
    def _drops_placeholder(self) -> bool:
        """Whether a placeholder goes that no change speaks of."""
        named = any(change.name == PLACEHOLDER for change in self._changes)
        return (self._makes_placeholder or self._has_placeholder) and not named and not self._wants_placeholder

    def _states_after(self, changes: Iterable[Change]) -> Mapping[str, str]:
        """Return the login triggers that will be enabled, by name, without the placeholder."""
        states = {each.name: each.enabled for each in self._logins}
        for change in changes:
            if change.kind is ObjectKind.TRIGGER:
                states.pop(change.name, None)
                if isinstance(change.wanted, EventTrigger) and change.wanted.is_login:
                    states[change.name] = change.wanted.enabled
        return {name: state for name, state in states.items() if state != "disabled" and name != PLACEHOLDER}


def goes_live(change: Change) -> bool:
    """Whether a change makes a trigger fire at logins, or fire otherwise than before."""
    wanted, found = change.wanted, change.found
    if not isinstance(wanted, EventTrigger) or not wanted.is_login:
        return False
    if change.action is Action.ENABLE:
        return wanted.is_firing and not (isinstance(found, EventTrigger) and found.is_firing)
    return wanted.is_enabled and change.action in (Action.CREATE, Action.REPLACE)


def stays(change: Change) -> bool:
    """Whether the object is there afterwards."""
    return change.action is not Action.DROP


def is_unrecoverable(change: Change) -> bool:
    """Whether dropping the object is for good: it held rows, or may have."""
    return change.kind.is_kept or change.kind.is_shared


def made_by(changes: Iterable[Change]) -> list[Statement]:
    """Return the statements that make changes, in their order."""
    return [statement for change in changes for statement in change.make()]


def taken_back(changes: Sequence[Change]) -> list[Statement]:
    """Return the statements that take changes back, last first; but new triggers go before they could refuse that."""
    new = [change for change in changes if change.kind is ObjectKind.TRIGGER and change.action is Action.CREATE]
    rest = [change for change in reversed(changes) if change not in new]
    return [statement for change in [*new, *rest] for statement in change.take_back()]


def drops(own: Iterable[DatabaseObject], *, with_data: bool) -> list[Change]:
    """Return the changes that drop a set's objects, those first that need others.

    Without ``with_data`` tables stay, and the roles that may own and read them.
    """
    kept = () if with_data else (ObjectKind.TABLE, ObjectKind.ROLE)
    gone = sorted(own, key=lambda each: -each.kind.place)
    return [Change(Action.DROP, found=each) for each in gone if each.kind not in kept]


def changed_triggers(changes: Iterable[Change]) -> tuple[str, ...]:
    """Return the triggers whose own change sets their state; a new mark or owner leaves it as it is."""
    kept = (Action.COMMENT, Action.OWNER)
    return tuple(change.name for change in changes if change.kind is ObjectKind.TRIGGER and change.action not in kept)


def disarmed(names: Sequence[str], *, alone: bool = False) -> Statement:
    """Return the statement after which logins look for no trigger any more, if there are none but these.

    Every role with a right on the database can lock its row: what must not wait for that is committed before, and
    the statement stands ``alone``.
    """
    purpose = "Logins look for no trigger any more; else standbys would refuse every login once the last is gone"
    return Statement(statements.disarm_logins(names), purpose, after_commit=alone)


def _gone(changes: Iterable[Change]) -> list[Change]:
    return sorted((change for change in changes if not stays(change)), key=lambda each: -each.kind.place)


def _trigger(change: Change) -> EventTrigger:
    assert isinstance(change.wanted, EventTrigger)  # noqa: S101  # for mypy: goes_live() has looked
    return change.wanted
