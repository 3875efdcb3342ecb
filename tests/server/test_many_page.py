"""docs/many-databases.md: each command is run, with the files that the page shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.server.deployed import AUDIT, Here
from tests.test_docs import blocks

pytestmark = pytest.mark.server

PAGE = "docs/many-databases.md"
TARGETS, DEFINITION = blocks(PAGE, "yaml")
COMMANDS = [line for block in blocks(PAGE, "sh") for line in block.splitlines()]
DATABASES = ("shop", "shop_01", "shop_02", "shop_test", "billing")


def test_every_command_of_the_page_runs(here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = here.site.database.server
    services = {"shop": "shop", "billing": "billing", "shop-asia": "shop"}
    parameters = dict(each.split("=") for each in shlex.split(server.conninfo(database="postgres")))
    lines = [
        f"[{service}]\nhost={parameters['host']}\nport={parameters['port']}\nuser=postgres\ndbname={database}\n"
        for service, database in services.items()
    ]
    (tmp_path / "services.conf").write_text("".join(lines), "utf-8")
    (tmp_path / "audit.yaml").write_text(AUDIT, "utf-8")
    (tmp_path / "region.yaml").write_text(DEFINITION, "utf-8")
    at = re.sub(r"postgresql://deployer@db-eu\.example/(\w+)", r"service=shop dbname=\1", TARGETS)
    (tmp_path / "databases.yaml").write_text(at, "utf-8")
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services.conf"))
    monkeypatch.chdir(tmp_path)
    for each in DATABASES:
        here.admin.execute(f"CREATE DATABASE {each} TEMPLATE template0".encode())
    try:
        codes = []
        for line in COMMANDS:
            said = here.say(*shlex.split(line)[1:])
            codes.append(int(said.code))
    finally:
        for each in DATABASES:
            here.admin.execute(f"DROP DATABASE {each} WITH (FORCE)".encode())
    # The last but two: what --database has not deployed to is missing; the file names all but one.
    assert codes == [2, 0, 0, 2, 0, 0]


def test_the_file_of_the_page_names_what_it_says(tmp_path: Path) -> None:
    from xtrig.cli.many.targets import read_targets

    file = tmp_path / "databases.yaml"
    file.write_text(TARGETS, "utf-8")
    found = {each.name: each for each in read_targets(str(file), None)}
    assert {name: dict(each.variables) for name, each in found.items()} == {
        "europe": {"keep": "90 days", "region": "eu"},
        "asia": {"keep": "30 days", "region": "ap"},
        "billing": {"keep": "90 days"},
    }
    assert found["asia"].patterns == ("shop_*", "!shop_test")
