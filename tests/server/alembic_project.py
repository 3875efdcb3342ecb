"""An Alembic project of a test's own, made by `alembic init` and filled as docs/alembic.md says."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config

import xtrig
from tests.server.deployed import Here
from xtrig_pgfamily.embedded.server import EmbeddedServer

ENV = """
import sqlalchemy as sa
import xtrig.alembic

target_metadata = sa.MetaData()
sa.Table("orders", target_metadata, sa.Column("id", sa.Integer))
{models}
xtrig.alembic.register({registered})
"""
OPTIONS = "target_metadata=target_metadata, include_schemas=True, include_object={include_object}{more}"
DROP_OTHERS = "DROP SCHEMA IF EXISTS audit CASCADE"


@dataclass
class Project:
    """A project. `write` is the definition that it registers; `env` sets what else stands in env.py."""

    folder: Path
    url: str
    kind: str = "generic"

    def __post_init__(self) -> None:
        self._script = self.folder / "migrations"
        command.init(Config(str(self.folder / "alembic.ini")), str(self._script), template=self.kind)
        self.template = (self._script / "env.py").read_text("utf-8")
        self.definition = self.folder / "triggers.yaml"
        self.env(repr(str(self.definition)))

    def env(
        self, registered: str, models: str = "", include_object: str = "xtrig.alembic.include_object", more: str = ""
    ) -> None:
        """Write env.py: the arguments of register(), models, and options of configure()."""
        text = self.template.replace("target_metadata = None", ENV.format(registered=registered, models=models))
        options = OPTIONS.format(include_object=include_object, more=more)
        text = text.replace("target_metadata=target_metadata", options)
        (self._script / "env.py").write_text(text, "utf-8")

    def write(self, definition: str) -> None:
        """Write the definition that is registered."""
        self.definition.write_text(definition, "utf-8")

    def config(self, url: str | None = None) -> Config:
        """Return what the commands take."""
        config = Config()
        config.set_main_option("script_location", str(self._script))
        config.set_main_option("sqlalchemy.url", (url or self.url).replace("%", "%%"))
        return config

    def revise(self, message: str, **options: Any) -> str:
        """Let autogenerate write a revision; return its text."""
        made = command.revision(self.config(), message, autogenerate=True, **options)
        return Path(made.path).read_text("utf-8")  # type: ignore[union-attr]

    def add(self, message: str, upgrade: str, downgrade: str = "pass", **options: Any) -> None:
        """Write a revision by hand."""
        made = command.revision(self.config(), message, **options)
        path = Path(made.path)  # type: ignore[union-attr]
        text = path.read_text("utf-8")
        for steps in (upgrade, downgrade):
            text = text.replace("    pass\n", "    " + "\n    ".join(steps.splitlines()) + "\n", 1)
        path.write_text(text, "utf-8")

    @property
    def revisions(self) -> list[Path]:
        """The revision files."""
        return sorted((self._script / "versions").glob("*.py"))

    def edit(self, old: str, new: str) -> None:
        """Edit all revisions as their author would; the text has to be there."""
        edited = {path: path.read_text("utf-8").replace(old, new) for path in self.revisions}
        assert any(new in text for text in edited.values())
        for path, text in edited.items():
            path.write_text(text, "utf-8")

    def upgrade(self, to: str = "head", url: str | None = None) -> None:
        """Upgrade the database."""
        command.upgrade(self.config(url), to)

    def downgrade(self, to: str = "base") -> None:
        """Downgrade the database."""
        command.downgrade(self.config(), to)

    def check(self) -> None:
        """See that autogenerate would write nothing."""
        command.check(self.config())

    def sql(self, to: str, *, up: bool = True) -> str:
        """Return what `alembic upgrade --sql` or `downgrade --sql` prints."""
        config = self.config()
        config.output_buffer = io.StringIO()
        (command.upgrade if up else command.downgrade)(config, to, sql=True)
        return str(config.output_buffer.getvalue())


def project_of(here: Here, definition: str, *, driver: str = "psycopg", kind: str = "generic") -> Project:
    """Make a project for the database of a test."""
    folder = here.folder / "project"
    folder.mkdir()
    url = here.url
    if driver == "asyncpg":  # it knows no socket by libpq's way of naming one
        server = here.site.database.server
        url = server.url(database=here.site.database.name, tcp=True)
    project = Project(folder, sqlalchemy_url(url, driver), kind)
    project.write(definition)
    return project


def sqlalchemy_url(url: str, driver: str = "psycopg") -> str:
    """Return a URL with the driver that SQLAlchemy is to use."""
    return re.sub(r"^postgresql(\+\w+)?:", f"postgresql+{driver}:", url)


def psql(server: EmbeddedServer, conninfo: str, script: str) -> None:
    """Run a script as a user does; `server` lends the program, which talks to servers of other versions, too."""
    file = Path(server.socket_dir) / "script.sql"
    file.write_text(script, "utf-8")
    file.chmod(0o644)
    done = server.run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", conninfo, "-f", str(file))
    assert done.returncode == 0, done.stderr


def load(definition: str) -> xtrig.TriggerSet:
    """Return the set of a definition."""
    return xtrig.load_text(definition)
