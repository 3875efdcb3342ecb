"""What a dialect gives for deploying: the same parts as in its script, stages that can be taken back, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import pytest

from xtrig.checks import examine
from xtrig.dialect.deployment import Action, Change, Deployment, Found, Inventory, Proof, Stage
from xtrig.errors import UsageError
from xtrig.marks import Mark
from xtrig.registry import get_dialect
from xtrig.render import translate
from xtrig.script import ObjectKind, Script, Statement, transactions
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
    """``Dialect.deployment``: pure data, so none of this needs a server. Skipped for a dialect without."""

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

    def test_parts_have_names_of_their_own(self, deployed: Sequence[Deployed]) -> None:
        """A live object is found by kind and name, and there has to be one part that it is held against."""
        for each in deployed:
            keys = [(part.kind, part.name) for part in each.deployment.parts]
            assert len(keys) == len(set(keys)), each.situation

    def test_parts_are_what_the_script_makes(self, deployed: Sequence[Deployed]) -> None:
        """What is deployed and what is rendered must not drift apart."""
        for each in deployed:
            script = iter([statement.sql for statement in each.script.statements])
            for part in each.deployment.parts:
                assert part.statements, (each.situation, part.name)
                for statement in part.statements:
                    assert statement.sql in script, f"{each.situation}: not in the script, or not there:\n{statement}"

    def test_parts_are_marked_for_their_set(self, deployed: Sequence[Deployed]) -> None:
        """A trigger without a mark could not be told from somebody else's, and so neither compared nor dropped."""
        for each in deployed:
            for part in each.deployment.parts:
                if part.mark is not None:
                    assert part.mark.set_name == each.deployment.set_name, (each.situation, part.name)
                else:
                    assert part.kind is not ObjectKind.TRIGGER, (each.situation, part.name)

    def test_number_of_queries_is_always_the_same(self, deployed: Sequence[Deployed]) -> None:
        """Reading a server takes no longer for a large set."""
        assert len({len(each.deployment.queries()) for each in deployed}) == 1

    def test_same_arguments_give_the_same_answers(self, deployed: Sequence[Deployed]) -> None:
        """A plan is compared with another one made later."""
        again = deployments.__wrapped__(self.dialect_name)
        for one, other in zip(deployed, again, strict=True):
            assert one.deployment.parts == other.deployment.parts
            assert one.deployment.queries() == other.deployment.queries()
            assert _created(one.deployment) == _created(other.deployment)

    def test_object_as_it_was_made_does_not_differ(self, deployed: Sequence[Deployed]) -> None:
        """Whatever differs is changed; a plan has to become empty."""
        for each in deployed:
            for part, found in zip(each.deployment.parts, _own(each.deployment), strict=True):
                assert not list(each.deployment.differences(part, found)), (each.situation, part.name)

    def test_object_of_another_state_differs(self, deployed: Sequence[Deployed]) -> None:
        """What differs, or cannot be seen and has another mark, has to be made anew."""
        for each in deployed:
            for part, found in zip(each.deployment.parts, _own(each.deployment), strict=True):
                for attribute in part.state:
                    other = replace(found, state={**found.state, attribute: "other"})
                    assert list(each.deployment.differences(part, other)), (each.situation, part.name, attribute)

    def test_stages_do_something_and_can_be_taken_back(self, deployed: Sequence[Deployed]) -> None:
        """What fails in a later stage takes the earlier ones back."""
        for each in deployed:
            stages = _created(each.deployment)
            assert stages, each.situation
            _check_stages(stages, each.situation)
            assert each.deployment.direct(_creations(each.deployment), Inventory(())), each.situation

    def test_everything_is_made_by_the_stages(self, deployed: Sequence[Deployed]) -> None:
        """By their names, as some statements are made anew for a stage; what is rolled back makes nothing."""
        for each in deployed:
            texts = _texts(stage for stage in _created(each.deployment) if stage.proof is not Proof.REHEARSAL)
            for part in each.deployment.parts:
                assert any(part.name in text for text in texts), (each.situation, part.name)

    def test_removal_takes_what_is_of_the_set_and_nothing_else(self, deployed: Sequence[Deployed]) -> None:
        """Neither what xtrig did not make, nor what it made for another set."""
        for each in deployed:
            own = _own(each.deployment)
            inventory = Inventory((*own, *_strangers(own)))
            kept = _removed(each.deployment, inventory, with_data=False)
            gone = _removed(each.deployment, inventory, with_data=True)
            for found in own:
                if found.mark is not None:
                    assert any(found.name in text for text in gone), (each.situation, found.name)
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
        if deployment is not None and deployment.parts:
            found.append(Deployed(situation, script, deployment))
    return tuple(found)


def _check_refusal(refusal: UsageError, situation: Situation) -> None:
    assert "xtrig render" in str(refusal), f"{situation}: the refusal does not say what to do: {refusal}"


def _creations(deployment: Deployment) -> list[Change]:
    return [Change(Action.CREATE, part.kind, part.name, part=part) for part in deployment.parts]


def _created(deployment: Deployment) -> Sequence[Stage]:
    return deployment.stages(_creations(deployment), Inventory(()))


def _own(deployment: Deployment) -> list[Found]:
    """Return the objects as they are right after they were made."""
    again = (Statement("-- as it was", ""),)
    return [
        Found(part.kind, part.name, dict(part.state), "owner", part.mark, str(part.mark or ""), again)
        for part in deployment.parts
    ]


def _strangers(own: Iterable[Found]) -> Iterator[Found]:
    for number, found in enumerate(own):
        name = f"{found.name.rpartition('.')[0]}.{STRANGER}{number}".lstrip(".")
        yield replace(found, name=name, mark=None, comment=None)
        yield replace(found, name=f"{name}_of_another_set", mark=Mark("0", STRANGER))


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
        assert stage.statements, (about, stage.name)
        # The undo of an earlier stage may take back a later one too: dropping a trigger ends whatever it does.
        taken_back = taken_back or bool(stage.undo or stage.late_undo)
        is_committed = stage.proof is not Proof.REHEARSAL
        is_one = len(list(transactions(stage.statements))) == 1
        assert is_committed or is_one, f"{about}: stage {stage.name} cannot be rolled back, so it is no rehearsal"
        if is_committed and stage is not stages[-1]:
            assert taken_back, f"{about}: nothing takes back stage {stage.name}"


def _texts(stages: Iterable[Stage]) -> list[str]:
    return [statement.sql for stage in stages for statement in stage.statements]
