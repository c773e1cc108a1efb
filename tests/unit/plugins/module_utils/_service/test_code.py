# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which code a process runs: from which folder, loaded by which process, and who else runs it."""

from __future__ import annotations

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.code import (
    Application,
    elsewhere,
    interpreted,
    preloads,
    unlisted,
    unlisted_warning,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.processes import Host, Place, Process

GUNICORN = ("/srv/venv/bin/python3", "/srv/venv/bin/gunicorn")
FILES = {
    "/srv/shop/gunicorn.conf.py": "workers = 2\npreload_app = True\n",
    "/srv/shop/off.py": "preload_app = False\n",
    "/etc/env.py": "import os\npreload_app = os.environ['X']\n",
    "/etc/broken.py": "preload_app = = True",
}


@pytest.mark.parametrize(
    ("words", "cwd", "environment", "expected"),
    [
        (("--preload", "-w", "2", "shop.wsgi"), "/", {}, True),
        (("--pre", "shop.wsgi"), "/", {}, True),
        (("-w", "2", "shop.wsgi"), "/", {"GUNICORN_CMD_ARGS": "--preload --workers=3"}, True),
        (("shop.wsgi",), "/", {"GUNICORN_CMD_ARGS": "it's --preload"}, True),
        (("shop.wsgi",), "/srv/shop", {}, True),
        # It has entered another folder since its start.
        (("--chdir", "/code", "shop.wsgi"), "/code", {"PWD": "/srv/shop"}, True),
        (("-c", "off.py", "shop.wsgi"), "/srv/shop", {}, False),
        (("--config=/etc/env.py", "shop.wsgi"), "/srv/shop", {}, True),
        (("-c/etc/broken.py", "shop.wsgi"), "/", {}, False),
        (("-p", "run/gunicorn.pid", "shop.wsgi"), "/", {}, False),
    ],
)
def test_a_gunicorn_that_preloads(words, cwd, environment, expected):
    place = Place((*GUNICORN, *words), cwd, "/usr/bin/python3", environment)
    assert preloads(place, lambda path: FILES.get(path, "")) is expected
    module = Place(("python3", "-m", "gunicorn", *words), cwd, "/usr/bin/python3", environment)
    assert preloads(module, lambda path: FILES.get(path, "")) is expected


def test_another_server_preloads_nothing_that_we_know():
    assert not preloads(Place(("uwsgi", "--preload"), "/srv/shop"), lambda path: FILES.get(path, ""))


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ([], ""),
        (["./restart.sh", "web"], ""),
        (["/bin/bash", "restart.sh"], "restart.sh"),
        (["sh", "-c", "true"], ""),
        (["/venv/bin/python3.12", "manage.py", "x"], "manage.py"),
        (["python3", "-u", "-X", "dev", "manage.py"], "manage.py"),
        (["python3", "-m", "celery"], ""),
        (["pythonic", "a"], ""),
    ],
)
def test_the_script_of_an_interpreter(argv, expected):
    assert interpreted(argv) == expected


LINKED = Application("/srv/shop/current", "/srv/shop/releases/2", ("models.py",))
FOLDER = Application("/srv/shop", "/srv/shop", ("shop/models.py",))
ON_DISK = {
    "/srv/shop/releases/1/models.py",
    "/srv/shop/releases/2/models.py",
    "/home/me/shop/models.py",
    "/opt/old/shop/models.py",
}
PYTHON = ("/srv/shop/shared/venv/bin/python", "-m", "gunicorn")
FIRST = "process 7 runs from /srv/shop/releases/1, and /srv/shop/current leads to /srv/shop/releases/2"


@pytest.mark.parametrize(
    ("application", "place", "expected"),
    [
        (LINKED, Place(PYTHON, "/srv/shop/releases/2"), ""),
        (LINKED, Place(PYTHON, "/srv/shop/releases/1"), FIRST),
        (LINKED, Place(PYTHON, "/srv/shop/releases/1/deep/below"), FIRST),
        # Its virtual environment, or its script.
        (LINKED, Place(("/srv/shop/releases/1/venv/bin/python", "x"), "/"), FIRST),
        (LINKED, Place(("python", "worker.py"), "/srv/shop/releases/1"), FIRST),
        (LINKED, Place(("python", "../1/worker.py"), "/srv/shop/releases/2"), FIRST),
        # The folder of the old release is gone.
        (LINKED, Place(PYTHON, "/srv/shop/releases/0 (deleted)"), FIRST.replace("releases/1", "releases/0")),
        # A folder next to the releases is none, and what is hidden from us says nothing.
        (LINKED, Place(PYTHON, "/srv/shop/shared"), ""),
        (LINKED, Place(PYTHON, "/"), ""),
        (LINKED, Place(), ""),
        # The same file with its folder, in another place.
        (FOLDER, Place(PYTHON, "/opt/old"), "process 7 runs from /opt/old, and /srv/shop leads to /srv/shop"),
        (FOLDER, Place(PYTHON, "/srv/shop/shop"), ""),
        (FOLDER, Place(PYTHON, "/opt"), ""),
        # A file name alone is no proof: a neighbor has models of its own.
        (Application("/srv/a", "/srv/a", ("models.py",)), Place(PYTHON, "/home/me/shop"), ""),
    ],
)
def test_where_a_process_runs_from(application, place, expected):
    assert elsewhere(application, Process(7, 1, 0, 0), place, ON_DISK.__contains__) == expected


VENV = ["/opt/venv/bin"]


@pytest.mark.parametrize(
    ("place", "command"),
    [
        (Place(("python3", "worker.py", "--token=marker"), "/srv/shop", "/usr/bin/python3.12"), "python3 worker.py"),
        (Place(("python3", "-c", "while True: marker"), "/srv/shop", "/usr/bin/python3.12"), "python3"),
        (Place(("/opt/venv/bin/python", "-m", "celery"), "/", "/usr/bin/python3.12"), "python"),
        (Place(("/opt/venv/bin/celery", "worker"), "/", "/usr/bin/x"), "celery"),
        (Place(("/usr/bin/ruby", "/srv/shop/job.rb"), "/", "/usr/bin/ruby"), "ruby job.rb"),
        # In an old copy of the application.
        (Place(("python3", "worker.py"), "/opt/old", "/usr/bin/python3.12"), "python3 worker.py"),
        # Nothing of the application.
        (Place(("python3", "other.py"), "/srv/other", "/usr/bin/python3.12"), ""),
        (Place(("tail", "-f", "log"), "/srv/shop", "/usr/bin/tail"), ""),
        # A person's shells and editors, and the play.
        (Place(("-bash",), "/srv/shop", "/bin/bash"), ""),
        (Place(("bash", "/srv/shop/run.sh"), "/srv/shop", "/bin/bash"), ""),
        (Place(("vim", "models.py"), "/srv/shop", "/usr/bin/vim"), ""),
        (Place(("python3",), "/srv/shop", "/usr/bin/python3.12"), ""),
        (Place(("python3", "manage.py", "shell"), "/srv/shop", "/usr/bin/python3.12"), ""),
        (
            Place(
                ("/opt/venv/bin/python", "/opt/venv/bin/ansible-playbook", "x.yml"), "/srv/shop", "/usr/bin/python3.12"
            ),
            "",
        ),
        (Place(), ""),
    ],
)
def test_a_worker_that_is_not_listed(place, command):
    host = Host(1000, {20: Process(20, 1, 0, 0), 21: Process(21, 20, 0, 0)})
    found = unlisted(host, {20: place, 21: place}, FOLDER, VENV, ON_DISK.__contains__)
    # The children of one that is found are not named.
    assert [(process.pid, said) for process, said in found] == ([(20, command)] if command else [])


def test_the_warning_names_them():
    said = unlisted_warning([(Process(20, 1, 0, 0), "python3 worker.py")], "/srv/shop/models.py", FOLDER)
    assert said == (
        "These processes of the application in /srv/shop belong to no listed service and are older than /srv/shop/models.py: "
        "20 (python3 worker.py). They may still run the old code. Restart them, and add them to the services."
    )
    many = unlisted_warning([(Process(pid, 1, 0, 0), "w") for pid in range(7)], "x", FOLDER)
    assert "4 (w) and 2 more" in many
