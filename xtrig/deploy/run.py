"""Applying a plan stage by stage, with a proof after each that could keep people out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from xtrig.connect import Address, reason
from xtrig.deploy.guard import Guard
from xtrig.deploy.logins import Accounts, refused
from xtrig.deploy.options import Bounds, Canary
from xtrig.deploy.report import DeploymentError, Login, ProofError, Report
from xtrig.deploy.session import Session
from xtrig.deploy.standbys import wait_for_standbys
from xtrig.deploy.takeback import Reconnecting, prove_restored, take_back
from xtrig.deploy.target import Target
from xtrig.dialect.deployment import Proof, Stage
from xtrig.errors import DatabaseError
from xtrig.progress import Progress
from xtrig.script import Hazard, Statement
from xtrig.sqltext import one_line


class _StageError(Exception):
    """A stage that failed: ``is_proof`` tells a login that failed from a database error."""

    def __init__(self, reason: str, *, is_proof: bool) -> None:
        self.is_proof = is_proof
        super().__init__(reason)


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
    ) -> None:
        self._session = session
        self._address = address
        self._target = target
        self._words = target.deployment.words
        self._guard = guard
        self._canary = canary
        self._bounds = bounds
        self._report = report
        self._listener = listener
        self._since: str | None = None
        self._committed: list[Stage] = []
        self._is_kept = False

    def run(self, stages: Sequence[Stage]) -> None:
        """Do all stages, or none.

        Raises :class:`~xtrig.deploy.report.ProofError` if somebody could not log in, and
        :class:`~xtrig.deploy.report.DeploymentError` for a database error; in both cases after taking it back.
        """
        self._accounts = Accounts(self._address, self._canary, self._target)
        self._way_back_in()
        stage = stages[0]
        try:
            last_first = stages[::-1]
            undo, late = [each.undo for each in last_first], [each.late_undo for each in last_first]
            self._guard.arm(self._bounds.undo_after, undo, late)
            for stage in stages:
                self._do(stage)
            if not self._guard.disarm():
                raise _StageError(self._unguarded(), is_proof=False)
        except _StageError as failure:
            self._fail(stage, str(failure), is_proof=failure.is_proof)
        except BaseException as error:
            self._fail(stage, f"interrupted ({type(error).__name__})", is_proof=False, cause=error)

    def _way_back_in(self) -> None:
        """See, before anything is changed, whether somebody could come in past a broken trigger."""
        login = self._accounts.without_triggers()
        if login.refusal is not None:
            settings = ", ".join(f"{name}={value}" for name, value in self._words.without_triggers.items())
            self._note(
                f"{login.who} cannot log in with {settings} ({login.refusal}): if a trigger refused everybody later, "
                "this role could not take it away"
            )

    def _do(self, stage: Stage) -> None:
        self._listener.step(f"{stage.name}: {stage.purpose}")
        if stage.standbys_first and not wait_for_standbys(self._session, self._words):
            self._note("not all standbys have replayed what was done, or this role cannot see them")
        if self._guard.is_lost or time.monotonic() > self._guard.deadline:
            raise _StageError(self._unguarded(), is_proof=False)
        if stage.proof is Proof.REHEARSAL:
            self._rehearse(stage)
        else:
            if stage.proof in (Proof.CANARY, Proof.LOGINS) and self._since is None:
                self._since = str(self._asked(self._words.clock)["now"])
            if _is_final(stage) and not self._guard.disarm():
                raise _StageError(self._unguarded(), is_proof=False)
            self._commit(stage)
            self._prove(stage)
        self._report.done.append(stage.name)

    def _commit(self, stage: Stage) -> None:
        doing = ""
        # Before the commit: if its answer is lost, it may have happened all the same.
        self._committed.append(stage)
        try:
            with self._session.transaction(self._words, self._bounds.lock_timeout):
                for statement in stage.statements:
                    doing = one_line(statement.purpose) or doing
                    self._session.execute(statement.sql)
        except SQLAlchemyError as error:
            if not self._session.is_broken:
                self._committed.remove(stage)
            elif _is_final(stage):
                self._keep()
            raise _StageError(_while(doing, error), is_proof=False) from None

        if _is_final(stage):
            self._keep()

    def _keep(self) -> None:
        """Take nothing back from here on: triggers without their tables could refuse everybody."""
        self._committed.clear()
        self._is_kept = True

    def _rehearse(self, stage: Stage) -> None:
        """Run everything in a transaction of a session of its own: a time-out of a function ends the session."""
        roles = [self._target.server.role, *self._canary.roles]
        doing = ""
        try:
            session = Session(self._accounts.own.address.engine().connect())  # bounded in time
        except SQLAlchemyError as error:
            raise _StageError(f"cannot connect: {reason(error)}", is_proof=False) from None
        try:
            with session.rolled_back(self._words, self._bounds.lock_timeout):
                for statement in stage.statements:
                    doing = one_line(statement.purpose) or doing
                    session.execute(statement.sql)
                for role in dict.fromkeys(roles):
                    doing = f"cannot rehearse as {role}"
                    self._rehearse_as(session, role, stage.probes)
        except SQLAlchemyError as error:
            raise _StageError(_while(doing, error), is_proof=False) from None
        finally:
            session.close()

    def _rehearse_as(self, session: Session, role: str, probes: Sequence[Statement]) -> None:
        milliseconds = str(round(self._canary.login_timeout * 1000))
        with session.savepoint():
            session.set(self._words, {self._words.statement_timeout: milliseconds, self._words.role: role})
            start = time.perf_counter()
            try:
                for probe in probes:
                    session.execute(probe.sql)
            except SQLAlchemyError as error:
                said = reason(error)
                self._report.logins.append(Login(role, "rehearsal", time.perf_counter() - start, said))
                raise _StageError(f"the functions fail when {role} runs them: {said}", is_proof=True) from None
        self._report.logins.append(Login(role, "rehearsal", time.perf_counter() - start))

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
                self._asked(self._words.clock)  # else it is not the trigger's doing
                raise _StageError(f"{account.who} could not log in: {login.refusal}", is_proof=True)
        if self._session.is_broken:
            raise _StageError("the connection broke", is_proof=False)
        self._asked(self._words.clock)
        if stage.proof is Proof.LOGINS and self._report.latency is None:
            self._report.latency = self._accounts.latency()

    def _asked(self, query: str) -> dict[str, object]:
        try:
            with self._session.reading():
                return dict(self._session.row(query))
        except SQLAlchemyError as error:
            raise _StageError(f"the connection broke: {reason(error)}", is_proof=False) from None

    def _fail(self, stage: Stage, why: str, *, is_proof: bool, cause: BaseException | None = None) -> None:
        """Take everything back, and raise what tells of it."""
        report = self._report
        report.failed, report.reason = stage.name, why
        with suppress(Exception):
            self._listener.note(f"{stage.name} failed: {why}")
        sessions = Reconnecting(self._session, self._address, self._target.deployment)
        trouble = ""
        try:
            if self._committed:
                self._tell("taking everything back")
                take_back(sessions, self._committed, self._target.deployment, self._bounds, self._since, report)
            self._guard.disarm()
            self._tell("logging in once more")
            sessions.working()  # a server that is being restarted lets nobody in, and that proves nothing
            prove_restored(self._accounts.all, report)
        except DatabaseError as error:
            report.restored = False
            trouble = f"{error}; {self._remains()}"
            report.notes.append(trouble)
        finally:
            sessions.close()
        if cause is not None and not isinstance(cause, Exception):
            raise cause
        message = f"{stage.name}: {why}; {_outcome(report, trouble, is_kept=self._is_kept)}"
        raise (ProofError if is_proof else DeploymentError)(message, report) from cause

    def _remains(self) -> str:
        if not self._committed:
            return "nothing was changed"
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


def _while(doing: str, error: SQLAlchemyError) -> str:
    return f"{doing}: {reason(error)}" if doing else reason(error)


def _is_final(stage: Stage) -> bool:
    """Whether what the stage does cannot be taken back, by nobody."""
    return any(Hazard.LOSES_DATA in statement.hazards for statement in stage.statements)


def _outcome(report: Report, trouble: str, *, is_kept: bool) -> str:
    if is_kept and report.restored:
        return "what was done before it stays done, and logins work; begin again for the rest"
    if not report.taken_back and report.restored:
        return "nothing was changed, and logins work"
    if report.restored:
        return "everything was taken back, and logins work again"
    told = trouble or "; ".join(f"{each.who}: {each.refusal}" for each in refused(report.logins)[-1:])
    return f"logins may not work: {told}"
