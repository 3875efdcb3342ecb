"""Applying a plan stage by stage, with a proof after each that could keep people out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing, suppress

from xtrig.deploy.logins import Accounts, refused
from xtrig.deploy.options import Bounds, Canary
from xtrig.deploy.rehearsal import Locate, Rehearsal
from xtrig.deploy.report import DeploymentError, ProofError, Report, StageError
from xtrig.deploy.target import Target
from xtrig.deploy.turns import TURN, in_turns
from xtrig.deploy.undo import Reconnecting, Undo, prove_restored, take_back
from xtrig.dialect.deployment import Proof, Stage
from xtrig.dialect.driver import Address, Guard, Session
from xtrig.errors import DatabaseError, DriverError, UsageError
from xtrig.progress import Progress
from xtrig.script import Hazard, Statement, transactions
from xtrig.sqltext import one_line


class Deploying:
    """One run through the stages. ``guard`` holds the lock; ``report`` is filled on the way."""

    def __init__(
        self,
        session: Session,
        address: Address,
        target: Target,
        guard: Guard,
        canary: Canary,
        bounds: Bounds,
        report: Report,
        listener: Progress,
        locate: Locate = lambda path: None,  # a set made in Python is in no file
        *,
        is_removal: bool = False,
    ) -> None:
        self._session = session
        self._address = address
        self._target = target
        self._guard = guard
        self._canary = canary
        self._bounds = bounds
        self._report = report
        self._listener = listener
        self._locate = locate
        self._since: str | None = None
        self._committed: list[Stage] = []
        self._is_removal = is_removal
        self._is_kept = False
        self._is_released = False

    def run(self, stages: Sequence[Stage]) -> None:
        """Do all stages, or none; of a removal those before one in which others are in the way.

        Raises :class:`~xtrig.deploy.report.ProofError` if somebody could not log in, and
        :class:`~xtrig.deploy.report.DeploymentError` for a database error; in both cases after taking it back.
        """
        if self._canary.roles and not self._session.can_act_as_others:
            raise UsageError(
                f"{self._target.dialect.title} lets no session act as another role; leave out --canary-role, and let "
                "the role log in with --canary-url"
            )
        self._accounts = Accounts(self._address, self._canary, self._target)
        self._way_back_in()
        stage = stages[0]
        try:
            undo = Undo(stages)
            self._guard.arm(self._bounds.undo_after, undo.groups, undo.late)
            for stage in stages:
                self._do(stage)
            if not self._guard.disarm():
                raise StageError(self._unguarded(), is_proof=False)
        except StageError as failure:
            if self._is_removal and failure.is_others and self._committed:
                # Whoever may read can make a removal fail, and must not bring triggers back by it.
                self._keep()
            self._fail(stage, str(failure), is_proof=failure.is_proof)
        except BaseException as error:
            self._fail(stage, f"interrupted ({type(error).__name__})", is_proof=False, cause=error)

    def _way_back_in(self) -> None:
        """See, before anything is changed, whether somebody could come in past a broken trigger, or end a login."""
        if missing := self._session.missing_to_see_hanging():
            self._note(
                f"{self._accounts.own.who} does not see what other sessions do, without {missing}: logins that "
                "hang in a bad trigger would have to end by themselves"
            )
        own = self._accounts.own
        login = own.without_triggers()
        if login is not None and login.refusal is not None:
            self._note(
                f"{login.who} cannot log in with {own.address.way_past} ({login.refusal}): if a trigger refused "
                "everybody later, this role could not take it away"
            )

    def _do(self, stage: Stage) -> None:
        self._listener.step(f"{stage.name}: {stage.purpose}")
        if stage.standbys_first and not self._session.wait_for_standbys():
            self._note("not all standbys have replayed what was done, or this role cannot see them")
        if self._guard.is_lost or time.monotonic() > self._guard.deadline:
            raise StageError(self._unguarded(), is_proof=False)
        if stage.proof is Proof.REHEARSAL:
            self._rehearse(stage)
        else:
            if stage.proof is not Proof.NONE and self._since is None:
                self._since = self._clock()
            if _is_final(stage) and not self._guard.disarm():
                raise StageError(self._unguarded(), is_proof=False)
            self._commit(stage)
            if stage.proof is not Proof.BEFORE_COMMIT:
                self._prove(stage)
        self._report.done.append(stage.name)

    def _commit(self, stage: Stage) -> None:
        doing = ""
        groups = list(transactions(stage.statements))
        # Before the commit: if its answer is lost, it may have happened all the same.
        self._committed.append(stage)
        stays = False
        try:
            for group in groups:

                def make(group: Sequence[Statement] = group) -> None:
                    nonlocal doing
                    for statement in group:
                        doing = one_line(statement.purpose) or doing
                        self._session.execute(statement.sql)
                    if stage.proof is Proof.BEFORE_COMMIT:
                        self._prove(stage)

                in_turns(self._session, self._session.transaction, make, self._bounds.lock_timeout)
                stays = True  # a later group that fails does not roll it back
        except (DriverError, StageError) as error:
            if not (stays or self._session.is_broken):
                self._committed.remove(stage)
            elif _is_final(stage):
                self._keep()
            if isinstance(error, StageError):
                raise
            if error.is_locked and stage.instead:
                self._make_instead(stage.instead)
            raise StageError(
                _while(doing, error), is_proof=False, is_others=error.is_needed or error.is_locked
            ) from None
        if _is_final(stage):
            self._keep()

    def _make_instead(self, statements: Sequence[Statement]) -> None:
        with suppress(DriverError), self._session.transaction(TURN):
            for statement in statements:
                self._session.execute(statement.sql)
            self._is_released = True

    def _keep(self) -> None:
        """Take nothing back from here on: triggers without their tables could refuse everybody."""
        self._committed.clear()
        self._is_kept = True

    def _rehearse(self, stage: Stage) -> None:
        try:
            session = self._accounts.own.address.open()
        except DriverError as error:
            raise StageError(f"cannot connect: {error}", is_proof=False) from None
        with closing(session):
            role = self._target.server.role
            Rehearsal(session, stage, role, self._canary, self._locate).run(self._bounds.lock_timeout, self._report)

    def _prove(self, stage: Stage) -> None:
        if stage.proof is Proof.NONE:
            return
        is_canary = stage.proof is Proof.CANARY
        for account in self._accounts.all:
            if is_canary and not account.may_be_canary:
                settings = ", ".join(stage.settings)
                self._note(f"{account.who} may not set {settings}, so it logs in only once the triggers are live")
                continue
            login = account.log_in(str(stage.proof), stage.settings if is_canary else {})
            self._report.logins.append(login)
            if login.refusal is not None:
                self._clock()  # else it is not the trigger's doing
                raise StageError(f"{account.who} could not log in: {login.refusal}", is_proof=True)
        if self._session.is_broken:
            raise StageError("the connection broke", is_proof=False)
        self._clock()
        if stage.proof is Proof.LOGINS and self._report.latency is None:
            self._report.latency = self._accounts.latency()

    def _clock(self) -> str:
        try:
            with self._session.reading():
                return self._session.clock()
        except DriverError as error:
            raise StageError(f"the connection broke: {error}", is_proof=False) from None

    def _fail(self, stage: Stage, why: str, *, is_proof: bool, cause: BaseException | None = None) -> None:
        """Take everything back, and raise what tells of it."""
        report = self._report
        report.failed, report.reason = stage.name, why
        # The reason stands in the report, and in the error that is raised at the end: once each.
        self._tell(f"{stage.name} failed")
        sessions = Reconnecting(self._session, self._address)
        trouble = ""
        try:
            if self._committed:
                self._tell("taking everything back")
                if self._guard.has_fired:
                    # It has let the lock go, and another deployment may have begun: that one's work is not ours.
                    self._guard.lock(self._bounds.lock_timeout)
                take_back(sessions, self._committed, self._bounds, self._since, report)
            self._guard.disarm()
        except DatabaseError as error:
            trouble = f"{error}; {self._remains()}"
            report.notes.append(trouble)
        try:
            self._tell("logging in once more")
            sessions.working()  # a server that is being restarted lets nobody in, and that proves nothing
            prove_restored(self._accounts.all, report)
        except DatabaseError as error:
            report.restored = False
            trouble = trouble or f"{error}; {self._remains()}"
        finally:
            sessions.close()
        if cause is not None and not isinstance(cause, Exception):
            raise cause
        outcome = _outcome(report, trouble, is_kept=self._is_kept)
        if self._is_released and report.restored:
            outcome = "its triggers are still there and do nothing, and logins work; try again for the rest"
        message = f"{stage.name}: {why}; {outcome}"
        raise (ProofError if is_proof else DeploymentError)(message, report) from cause

    def _remains(self) -> str:
        if not self._committed:
            return "nothing was changed"
        if self._guard.has_fired:
            return "the server has taken back what it could: apply the former definition, or drop the set"
        if self._guard.is_lost:
            return "what was done is still there: apply the former definition, or drop the set, once the server answers"
        return f"the server itself takes it back within {self._bounds.undo_after:g} s"

    def _unguarded(self) -> str:
        if self._guard.is_lost:
            return "the session that guards the deployment broke"
        return (
            f"it was not done in {self._bounds.undo_after:g} s, and the server took it back by itself; "
            "give it longer with --undo-after"
        )

    def _tell(self, what: str) -> None:
        """Report a step; a callback that raises, as where the terminal is gone, must not stop the undo."""
        with suppress(Exception):
            self._listener.step(what)

    def _note(self, what: str) -> None:
        self._report.tell(what, self._listener)


def _while(doing: str, error: DriverError) -> str:
    return f"{doing}: {error}" if doing else str(error)


def _is_final(stage: Stage) -> bool:
    """Whether what the stage does cannot be taken back, by nobody."""
    return any(Hazard.LOSES_DATA in statement.hazards for statement in stage.statements)


def _outcome(report: Report, trouble: str, *, is_kept: bool) -> str:
    if is_kept and report.restored:
        return "what was done before it stays done, and logins work; begin again for the rest"
    if not report.taken_back and report.restored:
        return "nothing was changed, and logins work"
    if report.restored and trouble:
        return f"logins work, but not all is as it was: {trouble}"
    if report.restored:
        return "everything was taken back, and logins work again"
    told = trouble or "; ".join(f"{each.who}: {each.refusal}" for each in refused(report.logins)[-1:])
    return f"logins may not work: {told}"
