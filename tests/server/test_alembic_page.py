"""docs/alembic.md: every snippet is run, in the order of the page, in a project of `alembic init`."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.util import CommandError

import xtrig
from tests.server.alembic_project import Project, project_of
from tests.server.conftest import on_17_and_18
from tests.server.deployed import Here
from tests.test_docs import blocks

pytestmark = pytest.mark.server

ENV, CONFIGURE, REVISION, DROP, PROVE, OFFLINE, LISTEN, ELEMENTS = blocks("docs/alembic.md", "python")
DEFINITION = re.search(r'r"""(.*?)"""', REVISION, re.DOTALL)[1]  # type: ignore[index]


@pytest.fixture
def project(here: Here, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = project_of(here, DEFINITION)
    monkeypatch.chdir(project.folder)
    write_environment(project, ENV)
    return project


def write_environment(project: Project, register: str) -> None:
    """Write env.py as the page says: the first snippet on top, the second in the place of what Alembic wrote."""
    environment = project.folder / "migrations" / "env.py"
    text = project.template.replace(
        "target_metadata = None",
        f"import sqlalchemy as sa\nimport xtrig.alembic\ntarget_metadata = sa.MetaData()\n{register}",
    )
    written = re.compile(r"context\.configure\(\n +connection=connection.*?\n +\)", re.DOTALL)
    assert written.search(text)
    environment.write_text(written.sub(textwrap.indent(CONFIGURE, " " * 8).strip(), text), "utf-8")


def revise_by_hand(project: Project, text: str) -> None:
    """Write a revision: the page's functions, and the constant above them."""
    path = Path(command.revision(project.config(), "by hand").path)  # type: ignore[union-attr]
    path.write_text(path.read_text("utf-8").partition("def upgrade")[0] + text, "utf-8")


@on_17_and_18("here")
def test_what_the_page_shows_works(here: Here, project: Project) -> None:
    revise_by_hand(project, REVISION)
    project.upgrade()
    project.check()
    assert here.status(DEFINITION).is_in_sync
    write_environment(project, OFFLINE)
    assert "-- xtrig: set audit, polardb 14; unproved" in project.sql("head")
    write_environment(project, DROP)
    with pytest.raises(CommandError, match="no revision has the set 'former'"):
        project.check()
    write_environment(project, ENV)
    project.downgrade()
    here.admin.execute("CREATE ROLE app LOGIN")
    try:
        project.revisions[0].unlink()
        constant, upgrade, rest = re.split(r"(?=^def )", REVISION, flags=re.MULTILINE)
        upgrade = f"def upgrade() -> None:\n{textwrap.indent(PROVE, ' ' * 4)}\n"
        revise_by_hand(project, constant + upgrade + rest)
        command.stamp(project.config(), "base", purge=True)
        project.upgrade()
        assert here.status(DEFINITION).is_in_sync
    finally:
        here.admin.execute("DROP ROLE app")


def test_what_the_page_shows_of_sqlalchemy_works(here: Here, project: Project) -> None:
    engine = sa.create_engine(project.url)
    names: dict[str, object] = {}
    exec(LISTEN, names)
    metadata = names["metadata"]
    assert isinstance(metadata, sa.MetaData)
    metadata.create_all(engine)
    assert here.status(DEFINITION).is_in_sync
    metadata.drop_all(engine)
    with engine.begin() as connection:
        exec(ELEMENTS, {**names, "connection": connection, "xtrig": xtrig})
    assert here.status(DEFINITION).is_in_sync
    engine.dispose()
