"""The procedure that init_connect calls: steps, with the guards of the function's policies around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from xtrig.model import Call, Deny, If, Insert, Set, Sql, Step
from xtrig.plugin import Fact, Lines, ResolvedFunction, ResolvedSet, layout, uses, walk
from xtrig_mariadb.expressions import MESSAGE_LENGTH, Scope, fact_sql
from xtrig_mariadb.spellings import ACCOUNT, DATABASE, SPELLINGS, VARIABLES
from xtrig_mariadb.words import BINARY, name, text

PARAMETERS = f"IN {DATABASE} VARCHAR(64) {BINARY}, IN {ACCOUNT} VARCHAR(400) {BINARY}"
"""Those of every procedure, used or not: init_connect goes on calling it while it is replaced by another one."""

ARGUMENTS = "DATABASE(), CURRENT_USER()"
"""What init_connect calls them with."""

REFUSED = "XTRIG"
"""The SQLSTATE of a refusal that is meant, which no guard catches; one of the user's own routines may raise 45000."""

CUT_OFF = "1969, 1317"
"""The errors of a statement that took longer than max_statement_time, or that KILL QUERY ended."""

STEPS = (Insert, Deny, If, Call, Set, Sql)
"""The steps that there are."""

_MILLISECONDS = {"ms": 1, "s": 1000, "min": 60_000}


def seconds(duration: str) -> int:
    """Return a duration in whole seconds, rounded up."""
    number = duration.rstrip("mins")
    return -(-int(number) * _MILLISECONDS[duration.removeprefix(number)] // 1000)


@dataclass(frozen=True, slots=True)
class ProcedureWriter:
    """Writes the body of one function of the definition, which passed every check."""

    triggers: ResolvedSet
    function: ResolvedFunction
    rehearses: bool = False
    """Whether every step is run, a refusal too, no error is caught and nothing is committed."""

    @property
    def scope(self) -> Scope:
        """How its expressions are written."""
        return Scope(self.triggers)

    @property
    def _denies(self) -> bool:
        return any(isinstance(visit.step, Deny) for visit in walk(self.function))

    @property
    def _writes(self) -> bool:
        return any(visit.step.may_write for visit in walk(self.function))

    def body(self) -> str:
        """Return the block: declarations, guards, steps."""
        policies = self.function.policies
        catches = policies.on_error == "allow"
        steps = self._sheltered(self.function.steps) if catches and self._denies else self._run(self.function.steps)
        if catches:
            steps = ["-- on_error: allow. The login goes on.", *_guarded(steps)]
        else:
            steps = ["-- on_error: deny. An error below refuses the login.", *steps]
        lines: Lines = [*self._bounded([*steps, *self._committed()])]
        if policies.exempt_roles:
            users = ", ".join(map(text, policies.exempt_roles))
            lines = [
                "-- exempt_roles: nothing below can stop these users.",
                f"IF {fact_sql(Fact.LOGIN_USER)} NOT IN ({users}) THEN",
                lines,
                "END IF;",
            ]
        return layout(["BEGIN", [*self._declared(), *lines], "END"])

    def rehearsal(self) -> str:
        """Return a block that does what the steps do, where all that they write can be rolled back."""
        lines = [
            f"DECLARE {parameter.removeprefix('IN ')} DEFAULT {value};"
            for parameter, value in zip(PARAMETERS.split(", "), ARGUMENTS.split(", "), strict=True)
        ]
        steps = self._bounded(self._run(self.function.steps))
        tables = [self.triggers.tables[v.step.table] for v in walk(self.function) if isinstance(v.step, Insert)]
        if tables:
            listed = ", ".join(f"({text(each.schema)}, {text(each.name)})" for each in tables)
            lasting = (
                "SELECT 1 FROM information_schema.TABLES AS t JOIN information_schema.ENGINES AS e USING (ENGINE)"
                f" WHERE e.TRANSACTIONS <> 'YES' AND (t.TABLE_SCHEMA, t.TABLE_NAME) IN ({listed})"
            )
            steps = [f"IF NOT EXISTS ({lasting}) THEN", steps, "END IF;"]
        return layout(["BEGIN NOT ATOMIC", [*lines, *self._declared(), *steps], "END"])

    def _declared(self) -> Iterator[str]:
        used = {fact for use in uses(self.function) for fact in use.template.facts}
        used |= {Fact.LOGIN_USER} if self.function.policies.exempt_roles else set()
        for fact, variable in VARIABLES.items():
            if fact in used and fact is not Fact.DATABASE:
                yield f"DECLARE {variable} VARCHAR(400) {BINARY} DEFAULT {SPELLINGS[fact][0].sql};"
        if self._denies:
            yield f"DECLARE xtrig_message VARCHAR({MESSAGE_LENGTH}) {BINARY};"
        if self.function.policies.lock_timeout:
            yield "DECLARE xtrig_lock_timeout BIGINT DEFAULT @@SESSION.innodb_lock_wait_timeout;"

    def _bounded(self, lines: Lines) -> Lines:
        """Return the lines with a bound on what they wait for row locks."""
        if not self.function.policies.lock_timeout:
            return lines
        bound = max(1, seconds(self.function.policies.lock_timeout))
        return [
            "-- lock_timeout: in whole seconds, for rows; a locked table is given up after one by itself.",
            f"SET SESSION innodb_lock_wait_timeout = {bound};",
            *lines,
            "SET SESSION innodb_lock_wait_timeout = xtrig_lock_timeout;",
        ]

    def _committed(self) -> Iterator[str]:
        """Yield the end of a transaction that there is where the server's autocommit is off."""
        if self._writes and not self.rehearses:
            yield "COMMIT;"

    def _sheltered(self, steps: Sequence[Step]) -> Lines:
        """Return the steps so that no error before a denial keeps it from being asked."""
        lines: Lines = []
        runs = [(denying, list(run)) for denying, run in groupby(steps, key=_denying)]
        parts = [part for denying, run in runs for part in ([[step] for step in run] if denying else [run])]
        last = max(number for number, part in enumerate(parts) if _denying(part[0]))
        for number, part in enumerate(parts):
            written = self._run(part)
            lines += _guarded(written) if number < last else written
        return lines

    def _run(self, steps: Sequence[Step]) -> Lines:
        """Return steps, those that write behind the guard of a server that is read only."""
        if self.function.policies.standby == "run":
            return [line for step in steps for line in self._step(step)]
        lines: Lines = []
        for writing, run in groupby(steps, key=lambda step: step.only_writes()):
            written = [line for step in run for line in self._step(step)]
            if writing:
                lines += ["-- standby: skip.", "IF @@GLOBAL.read_only = 0 THEN", written, "END IF;"]
            else:
                lines += written
        return lines

    def _branch(self, steps: Sequence[Step]) -> Lines:
        catches = self.function.policies.on_error == "allow" and not self.rehearses
        return self._sheltered(steps) if catches and any(map(_denying, steps)) else self._run(steps)

    def _step(self, step: Step) -> Lines:
        if isinstance(step, If):
            otherwise: Lines = ["ELSE", self._branch(step.otherwise)] if step.otherwise else []
            condition = self.scope.expression(step.condition)
            return [f"IF {condition} THEN", self._branch(step.then), *otherwise, "END IF;"]
        lines = list(self._simple(step))
        return lines if step.when is None else [f"IF {self.scope.expression(step.when)} THEN", lines, "END IF;"]

    def _simple(self, step: Step) -> Iterator[str | Lines]:
        match step:
            case Insert():
                table = self.triggers.tables[step.table]
                types = {column: each.type for column, each in table.table.columns.items()}
                values = [self.scope.value(value, types.get(column, "")) for column, value in step.values.items()]
                yield f"INSERT INTO {name(table.schema, table.name)} ({', '.join(map(name, step.values))})"
                yield f"VALUES ({', '.join(values)});"
            case Deny():
                yield from self._committed()
                yield f"SET xtrig_message = {self.scope.message(step.message)};"
                if not self.rehearses:
                    yield f"SIGNAL SQLSTATE '{REFUSED}' SET MESSAGE_TEXT = xtrig_message;"
            case Call():
                verb = "CALL" if step.kind == "procedure" else "DO"
                arguments = ", ".join(map(self.scope.value, step.args))
                yield f"{verb} {name(*step.routine.split('.'))}({arguments});"
            case Set():
                # A user variable: the client may set it again, as it may a parameter elsewhere.
                yield f"SET @{name(step.parameter)} = {self.scope.value(step.value, 'text')};"
            case Sql():
                yield self.scope.statement(step.text("mariadb"))


def _denying(step: Step) -> bool:
    return any(isinstance(each, Deny) for each in step.walk())


def handlers() -> Iterable[str]:
    """Return the handlers of a block in which errors are caught: all but a refusal, and what was cut off."""
    return (
        f"DECLARE EXIT HANDLER FOR SQLSTATE '{REFUSED}' RESIGNAL;",
        f"DECLARE EXIT HANDLER FOR {CUT_OFF} SIGNAL SQLSTATE '{REFUSED}' SET MESSAGE_TEXT = 'xtrig: cut off';",
        "DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END;",
    )


def _guarded(lines: Lines) -> Lines:
    return ["BEGIN", [*handlers(), *lines], "END;"]
