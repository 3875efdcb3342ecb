"""What planning costs on a database with many event triggers. Prints times, ratios and queries, asserts nothing.

The triggers of others and those of the definition are counted apart: the first grow on the server, where every
one is read, and the second in the definition, where every one is compared and rendered.
"""

from __future__ import annotations

import statistics
import time
from contextlib import ExitStack

from sqlalchemy import Engine, create_engine, event

import xtrig
from xtrig.deploy import apply
from xtrig_pgfamily.embedded.server import EmbeddedServer

ROUNDS = 7
THEIRS = (10, 1000)
OURS = (10, 100)
MAKE = """
DO $$ BEGIN FOR n IN 1..{} LOOP
    EXECUTE format('CREATE FUNCTION f%s() RETURNS event_trigger LANGUAGE plpgsql AS ''BEGIN END''', n);
    EXECUTE format('CREATE EVENT TRIGGER t%s ON sql_drop WHEN TAG IN (''DROP CAST'') EXECUTE FUNCTION f%s()', n, n);
END LOOP; END $$
"""
HEAD = "xtrig: 1\nname: bench\nschema: bench\ntriggers:\n"
ENTRY = '  ours{}: {{event: sql_drop, tags: [DROP CAST], steps: [{{log: "number {}"}}]}}\n'


def main() -> None:
    """Measure the cases in turn, round by round, so that a busy moment hits them all alike."""
    sets = {ours: xtrig.load_text(HEAD + "".join(ENTRY.format(n, n) for n in range(ours))) for ours in OURS}
    with EmbeddedServer(18) as server, ExitStack() as stack:
        engines: dict[tuple[int, int], Engine] = {}
        for theirs in THEIRS:
            for ours, triggers in sets.items():
                engine = _database(server, f"bench_{theirs}_{ours}", theirs)
                stack.callback(engine.dispose)
                apply(triggers, engine, canary=None)
                engines[theirs, ours] = engine
        taken: dict[tuple[int, int], list[float]] = {case: [] for case in engines}
        queries = {case: _queries(engine, sets[case[1]]) for case, engine in engines.items()}
        for _ in range(ROUNDS):
            for case, engine in engines.items():
                start = time.perf_counter()
                plan = xtrig.plan(sets[case[1]], engine)
                taken[case].append(time.perf_counter() - start)
                if not plan.is_empty:
                    raise SystemExit(f"{case}: {plan}")
    _print(taken, queries)


def _database(server: EmbeddedServer, name: str, theirs: int) -> Engine:
    with server.connect() as admin:
        admin.execute(f"CREATE DATABASE {name}")
    with server.connect(database=name) as admin:
        admin.execute(MAKE.format(theirs))
    return create_engine(server.url(database=name).replace("postgresql://", "postgresql+psycopg://"))


def _queries(engine: Engine, triggers: xtrig.TriggerSet) -> int:
    asked: list[object] = []

    def count(*arguments: object) -> None:
        asked.append(arguments)

    xtrig.plan(triggers, engine)  # SQLAlchemy's own questions come with the first connection
    event.listen(engine, "before_cursor_execute", count)
    xtrig.plan(triggers, engine)
    event.remove(engine, "before_cursor_execute", count)
    return len(asked)


def _print(taken: dict[tuple[int, int], list[float]], queries: dict[tuple[int, int], int]) -> None:
    print(f"plan, median of {ROUNDS} interleaved rounds; ratio to {THEIRS[0]} triggers of others, {OURS[0]} of ours")
    base = statistics.median(taken[THEIRS[0], OURS[0]])
    for (theirs, ours), seconds in taken.items():
        median = statistics.median(seconds)
        print(
            f"{theirs:>5} of others, {ours:>4} of ours: {median * 1000:8.1f} ms {median / base:6.2f}x"
            f"   {queries[theirs, ours]} queries"
        )


if __name__ == "__main__":
    main()
