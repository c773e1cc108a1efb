# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of the Ansible world: C(nox) runs all that need no server, with their tools in one environment.

Most of them need the collection at C(.../ansible_collections/stellarmap/cassandra), and no link will do: each gets a copy
of what git knows.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import nox

HERE = Path(__file__).resolve().parent
WORK = HERE / ".cache" / "nox"
CORE = "ansible-core~=2.19.0"
# ansible-core, each with a Python that it supports.
VERSIONS = {
    "2.16": "3.11",
    "2.17": "3.11",
    "2.18": "3.11",
    "2.19": "3.13",
    "2.20": "3.12",
    "2.21": "3.13",
}
DRIVERS = {"oldest": "cassandra-driver==3.29.0", "newest": "cassandra-driver", "scylla": "scylla-driver"}
# These change nothing which can be seen: an annotation, or a comparison of constants by identity.
EQUIVALENT = (r"core/ReplaceBinaryOperator_BitOr_.*", r"core/ReplaceComparisonOperator_(Eq_Is|NotEq_IsNot)")
MUTATED = (
    "_schema/planning/plan.py",
    "_schema/request.py",
    "_schema/planning/desired.py",
    "_schema/planning/preconditions.py",
    "_cql/identifier.py",
    "_cql/type_rules.py",
)
# What ansible-test fetches from outside of PyPI to get pip into its environments, by the versions which it asks for.
GET_PIP = """\
import subprocess, sys
given = [one for one in sys.argv[1:] if one not in ("--no-setuptools", "--no-wheel")]
subprocess.run([sys.executable, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
sys.exit(subprocess.run([sys.executable, "-m", "pip", "install", "--upgrade", *given]).returncode)
"""
GET_PIP_VERSIONS = ("23_1_2", "24_2", "25_2")

# What the tests of the promises need next to what is tested.
_TESTING = (
    "pytest < 9.2",
    "pytest-xdist",
    "hypothesis",
    "jgo == 3.2.0",
    "psutil",
    "trustme",
    "supervisor",
    "cqlsh",
    "uv",
)
_UV = (sys.executable, "-m", "uv", "--quiet", "pip")
# A checkout makes an environment of its own.
_NOT_HERE = "tests/integration/test_readme.py::test_make_demo_in_a_fresh_checkout"
# What ruff, mypy and yamllint ask in seconds (make lint), and ansible-test in minutes, since each has an environment of its own.
LINTED = ("pep8", "pylint", "yamllint")
# An environment is made by C(environment) below, where a session needs one.
nox.options.default_venv_backend = "none"
nox.options.sessions = ["sanity", "build", "docs", "ansible_lint", "reuse", "changelog", "corners"]


def interpreters() -> dict[str, Path]:
    """The Pythons that start, by their version such as 3.12, also those that pyenv has behind its shims."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    path = os.pathsep.join([*map(str, sorted(root.glob("versions/3.*/bin"))), os.environ["PATH"]])
    command = [sys.executable, "-m", "uv", "python", "list", "--only-installed", "--offline", "--output-format", "json"]
    listed = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, "PATH": path}
    ).stdout
    found: dict[str, Path] = {}
    for one in json.loads(listed):
        if (one["implementation"], one["variant"]) == ("cpython", "default"):
            found.setdefault(f"{one['version_parts']['major']}.{one['version_parts']['minor']}", Path(one["path"]))
    return found


def environment(name: str, *packages: str, python: str = sys.executable) -> Path:
    """The folder of the programs of an environment that has these packages; it is made once."""
    home = WORK / "environments" / name
    interpreter = home / "bin" / "python"
    if not interpreter.exists():
        subprocess.run([python, "-m", "venv", "--clear", "--without-pip", str(home)], check=True)
    _install(interpreter, *packages)
    return home / "bin"


def _install(interpreter: Path, *packages: str) -> None:
    uv = [*_UV, "install", "--python", str(interpreter), *packages]
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", str(interpreter), "install", *packages]
    # uv takes a tenth of the time, and does not read how pip is configured on this machine.
    if subprocess.run(uv, check=False, env={"UV_CACHE_DIR": str(HERE / ".cache" / "uv"), **os.environ}).returncode:
        subprocess.run(pip, check=True)


def tools(session: nox.Session, *packages: str) -> None:
    """Put the programs of an environment first in the session's PATH: that of the checks, or one with these packages."""
    pinned = HERE / "tests" / "checks" / "requirements.txt"
    found = environment(session.name, *packages) if packages else environment("checks", "-r", str(pinned))
    session.env["PATH"] = os.pathsep.join([str(found), os.environ["PATH"]])


def run(session: nox.Session, program: str, *arguments: str, **options: Any) -> Any:
    """Run a program of the session's PATH; nox itself looks for it in the PATH of the caller."""
    found = shutil.which(program, path=str(session.env["PATH"]))
    return session.run(found or program, *arguments, external=True, **options)


def collection(session: nox.Session, leave_out: tuple[str, ...] = ()) -> Path:
    """A copy of the collection for this session, with a home of its own beside it; it becomes the current folder.

    C(leave_out) names folders that are no part of the copy.
    """
    root = WORK / session.name
    shutil.rmtree(root, ignore_errors=True)
    target = root / "ansible_collections" / "stellarmap" / "cassandra"
    for name in _files():
        if name.startswith(leave_out):
            continue
        source = HERE / name
        # The link with which playbooks find the collection in a checkout is no part of it.
        if source.is_file() and not source.is_symlink():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    home = root / "home"
    home.mkdir()
    session.env.update(HOME=str(home), ANSIBLE_HOME=str(home / ".ansible"), ANSIBLE_COLLECTIONS_PATH=str(root))
    session.chdir(target)
    subprocess.run(["git", "init", "--quiet", "."], cwd=target, check=True)
    subprocess.run(["git", "add", "--all"], cwd=target, check=True)
    return target


def _files() -> list[str]:
    """The files of the project: those which git knows, or in a checkout without git's folder all which make does not make."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=HERE, check=False, capture_output=True, text=True)
    if listed.returncode == 0:
        return [name for name in listed.stdout.split("\0") if name]
    made = {".venv", ".cache", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"}
    names = (path.relative_to(HERE) for path in HERE.rglob("*"))
    return [str(name) for name in names if name.parts[0] not in made and "__pycache__" not in name.parts]


@nox.session
def ansible_lint(session: nox.Session) -> None:
    """The profile production."""
    tools(session)
    collection(session)
    run(session, "ansible-lint", "--profile", "production", "--offline", "-q")


@nox.session
def reuse(session: nox.Session) -> None:
    """Licence headers in every file."""
    tools(session)
    run(session, "reuse", "--root", str(HERE), "lint", "--lines")


@nox.session
def changelog(session: nox.Session) -> None:
    """The fragments, and the changelog made of them."""
    tools(session)
    collection(session)
    run(session, "antsibull-changelog", "lint")
    run(session, "antsibull-changelog", "lint-changelog-yaml", "changelogs/changelog.yaml")


@nox.session
def build(session: nox.Session) -> None:
    """What Galaxy would say of the package; and its documentation and an offline playbook work from the tarball alone."""
    tools(session)
    target = collection(session)
    package = target.parents[2] / "package"
    run(session, "ansible-galaxy", "collection", "build", "--output-path", str(package))
    (archive,) = package.glob("*.tar.gz")
    with session.chdir(package):
        run(session, "python", "-m", "galaxy_importer.main", str(archive))
    installed = package / "installed"
    session.env["ANSIBLE_COLLECTIONS_PATH"] = str(installed)
    run(session, "ansible-galaxy", "collection", "install", "--offline", "-p", str(installed), str(archive))
    with session.chdir(package):
        run(session, "ansible-doc", "stellarmap.cassandra.cassandra_column", silent=True)
        run(session, "ansible-doc", "-t", "role", "stellarmap.cassandra.migration", silent=True)
        Path("shipped_at.yml").write_text(
            "{keyspace: shop, table: orders, columns: [{name: shipped_at, type: timestamp}]}\n", encoding="utf-8"
        )
        run(session, "ansible-playbook", "stellarmap.cassandra.render_cql", "-e", "migration_file=shipped_at.yml")
        _execution_environment(session, installed)


def _execution_environment(session: nox.Session, installed: Path) -> None:
    """The guide's definition of an execution environment is one, and the driver comes with the collection."""
    guide = (HERE / "docs" / "pipelines.md").read_text()
    (definition,) = [block for block in re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL) if "version: 3" in block]
    Path("execution-environment.yml").write_text(definition)
    run(session, "ansible-builder", "create", silent=True)
    if "cassandra-driver" not in str(run(session, "ansible-builder", "introspect", str(installed), silent=True)):
        session.error("The metadata of the execution environment does not name the driver.")


@nox.session
def sanity(session: nox.Session) -> None:
    """ansible-test sanity of what Galaxy gets, with every Python that is found, without an ignore file.

    What make lint asks in seconds is left out, and is asked of ansible-test by make nightly.
    """
    tools(session)
    # ruff reads these with the same questions in a second; pylint takes minutes.
    collection(session, ("tests/integration/", "tests/unit/", "tests/support/", "tests/application/", "benchmarks/"))
    shims = Path(str(session.env["HOME"]), ".ansible", "test", "cache")
    shims.mkdir(parents=True)
    for version in GET_PIP_VERSIONS:
        (shims / f"get_pip_{version}.py").write_text(GET_PIP)
    found = interpreters()
    session.log(f"With Python {', '.join(found)}")
    ours, *others = str(session.env["PATH"]).split(os.pathsep)
    # A shim of pyenv has the name of a Python and may not start.
    others = [entry for entry in others if Path(entry).name != "shims"]
    folders = dict.fromkeys(str(path.parent) for path in found.values())
    session.env["PATH"] = os.pathsep.join([ours, *folders, *others])
    left_out = [f"--skip-test={name}" for name in LINTED]
    run(session, "ansible-test", "sanity", "--color", "no", *(session.posargs or left_out))


@nox.session
def docs(session: nox.Session) -> None:
    """The site, in .cache/nox/docs/html: guides, plugins, roles and the pages in docs. A warning is a failure; no network."""
    tools(session)
    target = collection(session)
    run(session, "antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs", "self", ".")
    site, root = target / "docs" / "site", target.parents[2]
    pages, html = root / "pages", root / "html"
    # The tool wants a folder that nobody else can write to.
    pages.mkdir(mode=0o700)
    of_collections = ["--use-current", "--cleanup", "everything", "--dest-dir", str(pages), "stellarmap.cassandra"]
    run(session, "antsibull-docs", "collection", *of_collections)
    for page in (site / "index.md", *(target / "docs").glob("*.md"), *(target / "docs").glob("*.svg")):
        shutil.copy2(page, pages)
    _write_inventory(site / "ansible.txt", pages / "ansible.inv")
    for name in ("docs/site/conf.py", "galaxy.yml"):
        shutil.copy2(target / name, root)
    run(session, "sphinx-build", "-W", "--keep-going", "-q", "-b", "html", "-c", str(root), str(pages), str(html))
    session.log(f"The site is {html / 'index.html'}")


def _write_inventory(labels: Path, inventory: Path) -> None:
    """An inventory for Sphinx of Ansible's own documentation: labels with their pages."""
    head = "# Sphinx inventory version 2\n# Project: Ansible\n# Version:\n# The rest is compressed with zlib.\n"
    lines = [f"{label} std:label -1 {page} -" for label, page in map(str.split, labels.read_text().splitlines())]
    inventory.write_bytes(head.encode() + zlib.compress("\n".join(lines).encode() + b"\n"))


@nox.session
def mutants(session: nox.Session) -> None:
    """Change the pure files in every small way, and list the changes which no unit test notices; takes files as arguments."""
    tools(session, "cosmic-ray", "pytest", "hypothesis", "cassandra-driver", CORE)
    files = session.posargs or MUTATED
    target = collection(session)
    session.env["PYTHONPATH"] = str(target.parents[2])
    for file in files:
        tests = f"tests/unit/plugins/module_utils/{file.partition('/')[0]}"
        config = target / "mutants.toml"
        config.write_text(
            f"""[cosmic-ray]
module-path = "plugins/module_utils/{file}"
timeout = 60.0
test-command = "python -m pytest -x -q -p no:cacheprovider {tests}"
[cosmic-ray.distributor]
name = "local"
[cosmic-ray.filters.operators-filter]
exclude-operators = {list(EQUIVALENT)}
"""
        )
        database = f"{file.replace('/', '-')}.sqlite"
        run(session, "cosmic-ray", "init", str(config), database, silent=True)
        run(session, "cr-filter-operators", database, str(config), silent=True)
        run(session, "cosmic-ray", "exec", str(config), database, silent=True)
        session.log(file)
        run(session, "cr-report", "--surviving-only", "--show-diff", database)


@nox.session
@nox.parametrize("version", [nox.param(one, id=one) for one in VERSIONS])
def core(session: nox.Session, version: str) -> None:
    """The main promises, with all roles and playbooks, with a version of ansible-core."""
    _promises(session, f"ansible-core~={version}.0", DRIVERS["newest"], VERSIONS[version])


@nox.session
@nox.parametrize("name", [nox.param(one, id=one) for one in DRIVERS])
def driver(session: nox.Session, name: str) -> None:
    """The same with a driver."""
    _promises(session, CORE, DRIVERS[name], "3.11")


@nox.session
def corners(session: nox.Session) -> None:
    """The same with the oldest ansible-core and driver, and with the newest ansible-core and scylla-driver."""
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    # Of the oldest driver there are no wheels for Python 3.13.
    oldest = DRIVERS["oldest" if sys.version_info < (3, 13) else "newest"]
    _promises(session, f"ansible-core~={min(VERSIONS)}.0", oldest, here)
    # Each ansible-core supports three Pythons: where ours is too old for the newest, another one is taken.
    newest = max(VERSIONS)
    _promises(session, f"ansible-core~={newest}.0", DRIVERS["scylla"], VERSIONS[newest])


def _alone(programs: Path, driver: str) -> None:
    """Leave one driver in the environment: cqlsh brings cassandra-driver, and which of the two wrote last was chance."""
    interpreter = programs / "python"
    subprocess.run([*_UV, "uninstall", "--python", str(interpreter), "cassandra-driver"], check=True)
    _install(interpreter, "--force-reinstall", "--no-deps", driver)


def _promises(session: nox.Session, ansible_core: str, driver: str, python: str) -> None:
    """Run the tests of the main promises inside an environment with the Ansible, the driver and the Python under test."""
    found = interpreters()
    if python not in found:
        session.skip(f"Python {python} is not here, only {', '.join(found)}.")
    name = "-".join([session.name.partition("(")[0], ansible_core, driver, python])
    tested = environment(name, ansible_core, driver, *_TESTING, python=str(found[python]))
    if "scylla" in driver:
        _alone(tested, driver)
    session.env["PATH"] = os.pathsep.join([str(tested), os.environ["PATH"]])
    # Requests of scylla-driver go to the nodes themselves, and not through the proxies that read them and make faults.
    asked = "promise and not proxied" if "scylla" in driver else "promise"
    options = ["-n", "2", "--dist", "loadgroup", "--one-node", "-m", asked, "--deselect", _NOT_HERE]
    run(session, "python", "-m", "pytest", str(HERE / "tests" / "integration"), *options, *session.posargs)
