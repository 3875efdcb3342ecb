"""Files that cannot be read as what they should be, and scripts of which a part does not become a definition.

What finds these things is what reads: :mod:`xtrig.load`, :mod:`xtrig.importer` and the dialects.
"""

from __future__ import annotations

from xtrig.findings import Check, Checks, Severity


class UnreadableDefinition(Check[str], code="XT001"):
    """The file cannot be read as a definition.

    The file is not YAML or JSON, or something in it does not fit the model: an unknown key or step, a value of the
    wrong type, an unknown fact.

    Remedy: The message names the nearest legal word. `xtrig schema` prints a JSON Schema, with which an editor marks
    such places while they are typed.
    Source: [The model](../model/index.md). YAML is read by the core schema of YAML 1.2, where `on` and `no` are words.
    """


class UnreadableScript(Check[str], code="XT401"):
    """The script cannot be read.

    The file is no SQL script in UTF-8: it is binary, empty or too large, or the parser of PostgreSQL refuses it. The
    message is the parser's, and the line is where it stopped.

    Remedy: Correct the script, or name another file. A dump of a whole database is not a script of triggers: cut them
    out of it.
    Source: PostgreSQL's own grammar, as libpg_query holds it.
    """


class StatementLeftOut(Check[str], code="XT402", severity=Severity.WARNING):
    """A statement of the script that is no part of a definition.

    A definition holds tables, functions and triggers. A script often does more: it creates roles, grants rights, sets
    parameters, drops what was there before. xtrig leaves that out, and so it does a table that no function of a trigger
    fills or reads: a table of the definition would be marked, and dropped with its rows by `drop --with-data`.

    Remedy: Run the statement yourself, before the rendered script. Roles that steps grant have to exist: the rendered
    script looks for them first. Rights on the function are not needed: no role has to be able to execute it. Do not
    run `COMMENT ON` a trigger, function, table or schema of the definition: xtrig would not know it any more.
    Source: [The model](../model/index.md).
    """


class TriggerNotImported(Check[str], code="XT403"):
    """A trigger of the script that no definition can say.

    A trigger runs a function that the file does not create, or one in another language than plpgsql; or it waits for an
    event that the dialect does not have. A system trigger of PolarDB for Oracle holds its body itself, so that it
    cannot be kept as it is when something in it is no step. A file without any trigger is reported here too.

    Remedy: Add the function to the file, or name the dialect that the script is written for. Write a function in C
    anew.
    Source: [The model](../model/index.md).
    """


class TwoNames(Check[str], code="XT404", severity=Severity.WARNING):
    """A thing is created under one name and used under another.

    A table is created under one name and filled under another, or a trigger runs a function of another schema than the
    one that was created. At logon on PolarDB that is an error that is only logged: the script records nothing, and no
    client is warned.

    Remedy: The definition has one name for the thing, that of its creation. See which schema was meant, and write it as
    `schema`.
    Source: The vendor's own example for PolarDB, in every language of its documentation (Logon and logoff triggers,
    March 2026).
    """


class BodyKept(Check[str], code="XT405", severity=Severity.WARNING):
    """A body that is kept as it is.

    Something in the function is no step of xtrig: a loop, a statement into a variable, a name that is not found. The
    message says what stood in the way, and stands at its line. The text is kept in `body`, for the dialect of the
    script alone, with the rights and the [settings](XT319.md) that the function had. Nothing guards such a body:
    neither an error nor a standby is provided for.

    Remedy: Write it as steps where that can be done. What its settings risk is another finding.
    Source: [The model](../model/index.md).
    """


class OptionLeftOut(Check[str], code="XT406", severity=Severity.WARNING):
    """An option of the script without a word in the model.

    The script says something for which a definition has no word: a check on a column, the cost of a function. It is
    left out.

    Remedy: See whether it is missed. A table that needs more than columns can be created by hand and declared with
    `create: false`.
    Source: [The model](../model/index.md).
    """


class SearchPathNotPinned(Check[str], code="XT407", severity=Severity.WARNING):
    """SECURITY DEFINER without a pinned search_path.

    A function with its owner's rights and without a `search_path` of its own looks names up where the user who fires it
    says. Who can create a function in some schema then has the owner's rights.

    Remedy: The rendered function has `search_path = pg_catalog, pg_temp`. Names that the script left unqualified are
    found no more unless they are of PostgreSQL itself: qualify them in expressions.
    Source: PostgreSQL manual, CREATE FUNCTION, Writing SECURITY DEFINER Functions Safely. A role became superuser that
    way on 17.9 and 18.4, in this project's tests.
    """


class GuardAdded(Check[str], code="XT408", severity=Severity.NOTE):
    """A guard that the script lacks.

    The script writes at logon without asking whether this is a standby or a read-only session, or lets a lock hold up
    every login. The rendered function does not: it has xtrig's defaults.

    Remedy: Nothing has to be done. To have it as it was, write `standby: run`, `lock_timeout: 0` or `timeout: 0`.
    Source: PostgreSQL manual, A Database Login Event Trigger Example: a write on a standby makes it inaccessible. The
    policies say what was measured: [policies](../model/policies.md).
    """


class MeaningDiffers(Check[str], code="XT409", severity=Severity.NOTE):
    """Words of the script that mean something a little different in a definition.

    The definition says nearly the same as the script. A message has a gap where the script writes `<NULL>`; `${now}` is
    the moment of the step and not the begin of the transaction; a table without a schema is taken for one in `public`;
    a statement becomes an `sql` step.

    Remedy: Compare what the message says. Where the difference matters, change the definition.
    Source: PostgreSQL manual, PL/pgSQL, Errors and Messages; Date/Time Functions, Current Date/Time.
    """


class TableNotCreated(Check[str], code="XT410", severity=Severity.NOTE):
    """A table that the script fills and does not create.

    A function fills a table that the file does not create. The definition takes it for granted: `create: false`.

    Remedy: Write its columns, and leave `create: false` out, to have it created. Or leave it as it is.
    Source: [The model](../model/index.md).
    """


SOURCES: Checks[str] = (
    UnreadableDefinition,
    UnreadableScript,
    StatementLeftOut,
    TriggerNotImported,
    TwoNames,
    BodyKept,
    OptionLeftOut,
    SearchPathNotPinned,
    GuardAdded,
    MeaningDiffers,
    TableNotCreated,
)
