# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation shows works as it stands, but for addresses and paths, which nobody else has."""

from __future__ import annotations

import ast
import contextlib
import http.server
import json
import os
import re
import sys
import textwrap
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from cassandra.cluster import Session
from community_collections import community_modules

from embedded_cassandra import cluster
from embedded_cassandra.astra import astra_front, host_ids
from embedded_cassandra.certificates import Authority, NodeTls
from embedded_cassandra.ready import connect

from .conftest import REPOSITORY, run_playbook_here

# They share what is made once for the file.
pytestmark = pytest.mark.xdist_group("documentation")

TOKEN, PASSWORD = "AstraCS:not-a-real-t0ken", "Migrator-Pa55"
PLUGINS = REPOSITORY / "plugins"
# Every module and filter is here, and a new one is from its first day. A filter beside others in a file has its own page.
DOCUMENTED = sorted(
    path for kind in ("modules", "filter") for path in (PLUGINS / kind).glob("*.py") if path.stem != "migration"
)
# Their examples need what a step before them found: the tests of their roles run them.
ELSEWHERE: set[str] = set()
# The table of the examples, where they name one.
ORDERS = {
    "cassandra_column": "id uuid, line int, note text, PRIMARY KEY (id, line)",
    "cassandra_query_info": (
        "id uuid PRIMARY KEY, shipped_at timestamp, labels map<text, frozen<list<int>>>, address frozen<address>"
    ),
    "cassandra_schema_info": "id uuid PRIMARY KEY, note text",
    "cassandra_canary": "id uuid PRIMARY KEY, customer text, source text",
}
MODELS = """\
from cassandra.cqlengine.columns import UUID, DateTime, Integer, Text
from cassandra.cqlengine.models import Model


class Order(Model):
    __table_name__ = "orders"
    id = UUID(primary_key=True)
    # source = Text()
    # last_attempt = DateTime()
    total = Integer()
"""
# What a task before the examples would have registered.
VARIABLES = {
    "migrated_at": "2025-10-01T00:00:00Z",
    "astra_token": TOKEN,
    "migrator_password": PASSWORD,
    "orders": {"rows": [{"source": "WEB"}], "truncated": False},
}
PAGES = [
    REPOSITORY / "README.md",
    *sorted((REPOSITORY / "docs").glob("*.md")),
    *sorted((REPOSITORY / "roles").glob("*/README.md")),
]


@dataclass
class Place:
    """A cluster which has all that the examples name: passwords, TLS for who wants it, Astra's front, an application."""

    session: Session
    replaced: dict[str, str] = field(default_factory=dict)

    def make_orders(self, definition: str) -> None:
        self.session.execute("DROP TABLE IF EXISTS shop.orders")
        self.session.execute(f"CREATE TABLE shop.orders ({definition})")

    def text(self, text: str) -> str:
        for documented, here in self.replaced.items():
            text = text.replace(documented, here)
        return text

    def run(self, folder: Path, tasks: list[Any]) -> None:
        """Run tasks as a play; those for Astra apart, since only they have no user in their environment."""
        for hosted in (False, True):
            chosen = [task for task in tasks if ("secure_connect_bundle" in json.dumps(task)) == hosted]
            if not chosen:
                continue
            file = folder / "shipped_at.yml"
            file.write_text("keyspace: shop\ntable: orders\ncolumns: [{shipped_at: timestamp}]\n")
            variables = {**VARIABLES, "migration_file": str(file)}
            play = {"name": "Examples", "hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": chosen}
            (folder / "play.json").write_text(json.dumps([play]))
            user = {} if hosted else {"CASSANDRA_USER": "cassandra", "CASSANDRA_PASSWORD": "cassandra"}
            done = run_playbook_here(folder, folder / "play.json", **user)
            assert done.returncode == 0, done.stdout + done.stderr
            assert re.search(r"localhost +: ok=[1-9]", done.stdout), done.stdout


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("place")
    authority = Authority(folder / "authority")
    client = authority.issue("migrator")

    def optional(addresses: list[str]) -> NodeTls:
        return NodeTls(authority.issue(*addresses, "cassandra.example.com"), authority.path, optional=True)

    with contextlib.ExitStack() as stack:
        running, url = stack.enter_context(cluster(auth=True, tls=optional)), stack.enter_context(application())
        address = running.addresses[0]
        driver = connect(address, auth=True)
        stack.callback(driver.shutdown)
        session = driver.connect()
        for statement in (
            "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
            "CREATE TYPE shop.address (street text, city text)",
            "CREATE TYPE shop.customer (name text, home frozen<address>)",
            "CREATE TABLE shop.customers (id uuid PRIMARY KEY)",
            f"CREATE ROLE migrator WITH LOGIN = true AND PASSWORD = '{PASSWORD}'",
            "GRANT ALL ON KEYSPACE shop TO migrator",
        ):
            session.execute(statement, timeout=30)
        nodes = host_ids([address], TOKEN)
        front = stack.enter_context(astra_front(folder / "astra", f"{running.prefix}200", nodes))
        (folder / "models.py").write_text(MODELS)
        pid_file, restart = folder / "gunicorn.pid", folder / "restart.sh"
        restart.write_text(f"#!/bin/sh\nsleep 60 >/dev/null 2>&1 &\necho $! >{pid_file}\n")
        restart.chmod(0o755)
        yield Place(
            session,
            {
                "db1.example.com": address,
                "db2.example.com": address,
                "/etc/ssl/cassandra-ca.pem": str(authority.path),
                "/etc/ssl/migrator.pem": str(client.certificate),
                "/etc/ssl/migrator.key": str(client.key),
                "/etc/astra/secure-connect-shop.zip": str(front.bundle),
                "/srv/shop/models.py": str(folder / "models.py"),
                "/srv/shop/restart.sh": str(restart),
                "/run/shop/gunicorn.pid": str(pid_file),
                "http://127.0.0.1:8000": url,
            },
        )


ITEM = '<tr class="item"><td>Teapot</td></tr>'
ANSWERS = {
    "/health/": json.dumps({"status": "healthy"}),
    "/api/stats/": json.dumps({"total": 1, "web_total": 1, "last_24h": {"orders": 1}}),
    "/bestsellers/": f"<table>{ITEM * 3}</table>",
}


class Shop(http.server.BaseHTTPRequestHandler):
    """The application of the examples."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path in ANSWERS else 404)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(ANSWERS.get(self.path, "").encode())

    def log_message(self, *_args: object) -> None:
        pass


@contextlib.contextmanager
def application() -> Iterator[str]:
    """The running application; gives its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def examples(path: Path) -> str:
    """The examples of a plugin, without importing it."""
    for statement in ast.parse(path.read_text()).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "EXAMPLES":
            return str(ast.literal_eval(statement.value))
    raise AssertionError(f"{path.name} has no examples.")


@pytest.mark.parametrize(
    "path", [path for path in DOCUMENTED if path.stem not in ELSEWHERE], ids=lambda path: path.stem
)
def test_the_examples_of_the_plugins(place: Place, path: Path, tmp_path: Path) -> None:
    place.make_orders(ORDERS.get(path.stem, "id uuid PRIMARY KEY"))
    if path.stem == "cassandra_query_info":
        place.session.execute(
            "INSERT INTO shop.orders (id, shipped_at) VALUES (6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47, toTimestamp(now()))"
        )
    place.run(tmp_path, yaml.safe_load(place.text(examples(path))))


def yaml_texts(path: Path) -> list[str]:
    """The YAML blocks of a page, as they stand there but for the indent."""
    found = re.findall(r"```yaml\n(.*?)```", path.read_text(), re.DOTALL)
    return [textwrap.dedent(block) for block in found]


def blocks(path: Path) -> list[Any]:
    """What these blocks say."""
    return [yaml.safe_load(text) for text in yaml_texts(path)]


def is_task(entry: Any) -> bool:
    return isinstance(entry, dict) and any(key.startswith("stellarmap.cassandra.cassandra_") for key in entry)


TASKS = {path: [block for block in blocks(path) if isinstance(block, list)] for path in PAGES}


@pytest.mark.parametrize("path", list(filter(TASKS.get, TASKS)), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_the_blocks_of_the_pages(place: Place, path: Path, tmp_path: Path) -> None:
    """Tasks of ours are run, plays and roles are checked as Ansible reads them."""
    place.make_orders("id uuid PRIMARY KEY")
    plays: list[Any] = []
    for block in TASKS[path]:
        if all(map(is_task, block)):
            place.run(tmp_path, json.loads(place.text(json.dumps(block))))
        elif any(key in block[0] for key in ("hosts", "ansible.builtin.import_playbook")):
            plays += block
        else:
            plays.append({"name": "Block", "hosts": "localhost", "gather_facts": False, "tasks": block})
    if plays:
        (tmp_path / "migration.yml").write_text("---\n{}\n")
        text = json.dumps(plays).replace("/srv/deploy/shipped_at.yml", str(tmp_path / "migration.yml"))
        (tmp_path / "page.json").write_text(text)
        found = community_modules(tmp_path / "collections")
        done = run_playbook_here(tmp_path, tmp_path / "page.json", "--syntax-check", ANSIBLE_COLLECTIONS_PATH=found)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("is_taken", [True, False])
def test_the_snapshot_of_each_node(tmp_path: Path, is_taken: bool) -> None:
    """Its options are those of the module, and one that a node could not take stops the play."""
    (page,) = (path for path in PAGES if path.stem == "rollback")
    (block,) = (block for block in TASKS[page] if "cassandra_snapshot" in json.dumps(block))
    nodetool, asked = tmp_path / "bin" / "nodetool", tmp_path / "asked.txt"
    nodetool.parent.mkdir()
    nodetool.write_text(f'#!/bin/sh\necho "$@" >>{asked}\nexit {0 if is_taken else 1}\n')
    nodetool.chmod(0o755)
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    nodes = {"children": {"cassandra": {"hosts": {"db1": local, "db2": local}}}}
    (tmp_path / "nodes.json").write_text(json.dumps({"all": nodes}))
    (tmp_path / "snapshot.json").write_text(json.dumps(block))
    found = {"ANSIBLE_COLLECTIONS_PATH": community_modules(tmp_path / "collections")}
    found["PATH"] = f"{nodetool.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = run_playbook_here(tmp_path, tmp_path / "snapshot.json", "-i", str(tmp_path / "nodes.json"), **found)
    assert (done.returncode == 0) == is_taken, done.stdout + done.stderr
    assert asked.read_text().splitlines() == ["snapshot -t before-drop-shipped-at -kt shop.orders"] * 2


MIGRATION = {"keyspace": "shop", "table": "orders", "columns": [{"name": "shipped_at", "type": "timestamp"}]}
PARTS = {"keyspace", "smoke_tests", "notify", "login_host"}
FILES = [(path, block) for path in PAGES for block in blocks(path) if isinstance(block, dict) and PARTS & set(block)]


@pytest.mark.parametrize(("path", "block"), FILES, ids=lambda value: getattr(value, "stem", ""))
def test_the_migration_files_of_the_pages(path: Path, block: dict[str, Any], tmp_path: Path) -> None:
    """Each is read as a whole, as before any connection; a part of one stands in a file of its own."""
    whole = (
        block if "keyspace" in block else {**MIGRATION, **({"connection": block} if "login_host" in block else block)}
    )
    (tmp_path / "migration.yml").write_text(yaml.safe_dump(whole))
    playbook = REPOSITORY / "playbooks" / "render_cql.yml"
    done = run_playbook_here(
        tmp_path,
        playbook,
        "-e",
        "migration_file=migration.yml",
        "-e",
        "render_cql_path=out.cql",
        "-e",
        "cassandra_password=x scylla_password=x",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ALTER TABLE shop.orders ADD" in (tmp_path / "out.cql").read_text()
