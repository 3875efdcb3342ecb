"""What a dialect gives for deploying: the objects of its script, stages that can be taken back, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import pytest

from xtrig.checks import examine
from xtrig.dialect.deployment import Deployment, Inventory, Proof, Stage
from xtrig.dialect.objects import DISABLED, ENABLED, Action, Change, DatabaseObject, ObjectKind
from xtrig.errors import UsageError
from xtrig.marks import Mark
from xtrig.registry import get_dialect
from xtrig.render import translate
from xtrig.script import Script, transactions
from xtrig.testing.suite import reading
from xtrig.testing.suite.subject import Situation, Subject, scripts

STRANGER = "xtrig_stranger"
"""What is in the name of somebody else's object."""


@dataclass(frozen=True)
class Deployed:
    """A situation that the dialect renders and deploys."""

    situation: Situation
    script: Script
    deployment: Deployment


class DeployedTests(Subject):
    """``Dialect.deployment``: pure data, so none of this needs a server. Skipped for a dialect without.

    What a script and a deployment leave on a server is compared by
    :class:`~xtrig.testing.suite.server.ServerSuite`.
    """

    @pytest.fixture
    def deployed(self) -> Sequence[Deployed]:
        """Return the situations that can be deployed."""
        found = deployments(self.dialect_name)
        if not found:
            pytest.skip(f"dialect {self.dialect_name!r} gives no deployment: its scripts are all there is")
        return found

    def test_servers_are_recognised_by_a_query(self, deployed: Sequence[Deployed]) -> None:
        """Without one xtrig would not know that a server speaks the dialect, and could deploy nowhere."""
        assert deployed
        assert self.dialect.platform is not None
        assert self.dialect.platform.recognition.strip()

    def test_objects_have_names_of_their_own(self, deployed: Sequence[Deployed]) -> None:
        """A live object is found by its key, and there has to be one object that it is held against."""
        for each in deployed:
            for names in ([one.key for one in each.deployment.objects], _named(each.deployment)):
                assert len(names) == len(set(names)), each.situation

    def test_script_is_the_objects_printed(self, deployed: Sequence[Deployed]) -> None:
        """Each object, whole and in its order; a script may say more, such as what has to be looked at first."""
        for each in deployed:
            script = iter([statement.sql for statement in each.script.statements])
            for one in each.deployment.objects:
                printed = [statement.sql for statement in one.printed()]
                assert printed, (each.situation, one.name)
                for sql in printed:
                    assert sql in script, f"{each.situation}: not in the script, or not there:\n{sql}"

    def test_direct_makes_each_object(self, deployed: Sequence[Deployed]) -> None:
        """In the one transaction without proofs: each object, whole, and nothing that another object makes."""
        for each in deployed:
            direct = [statement.sql for statement in each.deployment.direct(creations(each.deployment), Inventory(()))]
            for one in each.deployment.objects:
                made = [statement.sql for statement in one.create()]
                assert _contains(direct, made), f"{each.situation}: {one.name} is not made by:\n{made}"

    def test_stages_make_what_direct_makes(self, deployed: Sequence[Deployed]) -> None:
        """A stage may make a trigger that only the canary meets, and enable it later; all else is the same."""
        for each in deployed:
            staged = _texts(stage for stage in _created(each.deployment) if stage.proof is not Proof.REHEARSAL)
            for one in each.deployment.objects:
                made = [statement.sql for statement in one.create()]
                whole = [sql for sql in made if one.kind is not ObjectKind.TRIGGER or sql == made[0] or sql == made[-1]]
                assert set(whole) <= set(staged), f"{each.situation}: {one.name} is not made by:\n{whole}"

    def test_objects_are_marked_for_their_set(self, deployed: Sequence[Deployed]) -> None:
        """An object without a mark could not be told from somebody else's, and so neither compared nor dropped."""
        for each in deployed:
            for one in each.deployment.objects:
                if one.mark is not None:
                    assert one.mark.set_name == each.deployment.set_name, (each.situation, one.name)
                else:
                    assert one.kind is not ObjectKind.TRIGGER, (each.situation, one.name)

    def test_script_and_deployment_write_the_same_marks(self, deployed: Sequence[Deployed]) -> None:
        """After a script that was run by hand, a plan is empty. What may have been there before needs no mark."""
        for each in deployed:
            for one in each.deployment.objects:
                if one.mark is not None:
                    written = str(replace(one.mark, witness=""))
                    assert any(written in statement.sql for statement in one.create()), (each.situation, one.name)
                    if not one.kind.is_shared:
                        assert any(written in statement.sql for statement in one.printed()), (each.situation, one.name)

    def test_number_of_queries_is_always_the_same(self, deployed: Sequence[Deployed]) -> None:
        """Reading a server takes no longer for a large set."""
        assert len({len(each.deployment.queries()) for each in deployed}) == 1

    def test_same_arguments_give_the_same_answers(self, deployed: Sequence[Deployed]) -> None:
        """A plan is compared with another one made later."""
        again = deployments.__wrapped__(self.dialect_name)
        for one, other in zip(deployed, again, strict=True):
            assert one.deployment.objects == other.deployment.objects
            assert one.deployment.queries() == other.deployment.queries()
            assert _created(one.deployment) == _created(other.deployment)

    def test_object_as_it_was_made_does_not_differ(self, deployed: Sequence[Deployed]) -> None:
        """Whatever differs is changed; a plan has to become empty."""
        for each in deployed:
            for wanted, found in zip(each.deployment.objects, _own(each.deployment), strict=True):
                assert not list(wanted.differences(found)), (each.situation, wanted.name)
                assert not list(wanted.refusals(found)), (each.situation, wanted.name)

    def test_object_of_another_mark_is_marked_anew(self, deployed: Sequence[Deployed]) -> None:
        """What cannot be seen is known by the mark, so what carries another one has to get this one."""
        for each in deployed:
            for wanted, found in zip(each.deployment.objects, _own(each.deployment), strict=True):
                if wanted.mark is not None and not wanted.kind.is_shared:
                    other = replace(found, mark=Mark("0", each.deployment.set_name))
                    written = "\n".join(statement.sql for statement in wanted.remark(other))
                    assert wanted.mark.digest in written, (each.situation, wanted.name)

    def test_trigger_that_is_disabled_and_enabled_is_as_it_was(self, deployed: Sequence[Deployed]) -> None:
        """While it is disabled its mark is that of the enabled one: so a change by hand is seen all the same."""
        for each in deployed:
            for wanted in each.deployment.objects:
                disabled = wanted.as_disabled()
                if wanted.mark is None or disabled is None or wanted.state[ENABLED] == DISABLED:
                    continue
                former = wanted.state[ENABLED]
                assert (disabled.state[ENABLED], disabled.mark) == (DISABLED, replace(wanted.mark, disabled=former))
                assert disabled.is_disabled, (each.situation, wanted.name)
                assert disabled.as_enabled(former) == wanted, (each.situation, wanted.name)
                written = "\n".join(statement.sql for statement in disabled.enable(wanted))
                assert str(replace(wanted.mark, disabled=former, witness="")) in written, (each.situation, wanted.name)

    def test_stages_do_something_and_can_be_taken_back(self, deployed: Sequence[Deployed]) -> None:
        """What fails in a later stage takes the earlier ones back."""
        for each in deployed:
            stages = _created(each.deployment)
            assert stages, each.situation
            _check_stages(stages, each.situation)

    def test_removal_takes_what_is_of_the_set_and_nothing_else(self, deployed: Sequence[Deployed]) -> None:
        """Neither what xtrig did not make, nor what it made for another set."""
        for each in deployed:
            own = _own(each.deployment)
            inventory = Inventory((*own, *_strangers(own)))
            kept = _removed(each.deployment, inventory, with_data=False)
            gone = _removed(each.deployment, inventory, with_data=True)
            for found in own:
                if found.mark is not None:
                    assert any(reading.holds(found.name, text) for text in gone), (each.situation, found.name)
                if found.kind is ObjectKind.TABLE:
                    assert not any(f"DROP TABLE IF EXISTS {found.name}" in text for text in kept), each.situation
            for text in (*kept, *gone):
                assert STRANGER not in text, f"{each.situation}: {text}"

    def test_nothing_of_the_set_is_nothing_to_remove(self, deployed: Sequence[Deployed]) -> None:
        """Dropping twice is no error."""
        for each in deployed:
            inventory = Inventory(tuple(_strangers(_own(each.deployment))))
            assert not each.deployment.removal(inventory, with_data=True), each.situation


@cache
def deployments(dialect: str) -> tuple[Deployed, ...]:
    """Return the situations that the dialect renders and deploys; a refusal to deploy one says what to do."""
    target = get_dialect(dialect)
    version = target.parse_version(None)
    found: list[Deployed] = []
    for situation, script in scripts(dialect):
        translation, _ = translate(examine(situation.triggers), target, version)
        try:
            deployment = target.deployment(translation.triggers, version)
        except UsageError as refusal:
            _check_refusal(refusal, situation)
            continue
        # Where every trigger is left out there may be nothing to deploy.
        if deployment is not None and deployment.objects:
            found.append(Deployed(situation, script, deployment))
    return tuple(found)


def creations(deployment: Deployment) -> list[Change]:
    """Return the changes of a first deployment."""
    return [Change(Action.CREATE, each) for each in deployment.objects]


def _check_refusal(refusal: UsageError, situation: Situation) -> None:
    assert "xtrig render" in str(refusal), f"{situation}: the refusal does not say what to do: {refusal}"


def _named(deployment: Deployment) -> list[tuple[ObjectKind, str]]:
    return [(each.kind, each.name) for each in deployment.objects]


def _created(deployment: Deployment) -> Sequence[Stage]:
    return deployment.stages(creations(deployment), Inventory(()))


def _own(deployment: Deployment) -> list[DatabaseObject]:
    """Return the objects as they are right after they were made."""
    return [replace(each, owner=each.owner or "owner", comment=str(each.mark or "")) for each in deployment.objects]


def _strangers(own: Iterable[DatabaseObject]) -> Iterator[DatabaseObject]:
    for number, found in enumerate(own):
        path = (*found.path[:-1], f"{STRANGER}{number}")
        yield replace(found, path=path, mark=None, comment=None)
        other = (*found.path[:-1], f"{STRANGER}{number}_of_another_set")
        yield replace(found, path=other, mark=Mark("0", STRANGER))


def _contains(statements: Sequence[str], run: Sequence[str]) -> bool:
    """Whether ``run`` is in ``statements``, uninterrupted."""
    size = len(run)
    return any(list(statements[start : start + size]) == list(run) for start in range(len(statements) - size + 1))


def _removed(deployment: Deployment, inventory: Inventory, *, with_data: bool) -> list[str]:
    stages = deployment.removal(inventory, with_data=with_data)
    _check_stages(stages, deployment.set_name)
    return _texts(stages)


def _check_stages(stages: Sequence[Stage], about: object) -> None:
    names = [stage.name for stage in stages]
    assert len(names) == len(set(names)), about
    taken_back = False
    for stage in stages:
        assert stage.purpose.strip(), (about, stage.name)
        assert stage.statements or stage.probes, (about, stage.name)
        # The undo of an earlier stage may take back a later one too: dropping a trigger ends whatever it does.
        taken_back = taken_back or bool(stage.undo or stage.late_undo)
        is_committed = stage.proof is not Proof.REHEARSAL
        is_one = len(list(transactions(stage.statements))) <= 1
        assert is_committed or is_one, f"{about}: stage {stage.name} cannot be rolled back, so it is no rehearsal"
        if is_committed and stage is not stages[-1]:
            assert taken_back, f"{about}: nothing takes back stage {stage.name}"


def _texts(stages: Iterable[Stage]) -> list[str]:
    return [statement.sql for stage in stages for statement in stage.statements]
