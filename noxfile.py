# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of the Ansible world, each in an environment of its own: C(nox) runs all which need no server.

They want the collection at C(.../ansible_collections/stellarmap/cassandra), and no link will do: each gets a copy of what
git knows.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox

HERE = Path(__file__).resolve().parent
WORK = HERE / ".cache" / "nox"
CORE = "ansible-core~=2.19.0"
# ansible-core, and the Pythons whose corners are tried; each runs the tests of the module on a real node.
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
    "_schema/plan.py",
    "_schema/health.py",
    "_schema/desired.py",
    "_schema/loss.py",
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

nox.options.default_venv_backend = "venv"
nox.options.envdir = str(WORK / "environments")
nox.options.sessions = ["ansible_lint", "reuse", "changelog", "docs", "build", "sanity", "corners"]


def collection(session: nox.Session) -> Path:
    """A copy of the collection for this session, with a home of its own beside it; it becomes the current folder."""
    root = WORK / session.name
    shutil.rmtree(root, ignore_errors=True)
    target = root / "ansible_collections" / "stellarmap" / "cassandra"
    for name in _files():
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
    session.install("ansible-lint", CORE)
    collection(session)
    session.run("ansible-lint", "--profile", "production", "--offline", "-q")


@nox.session
def reuse(session: nox.Session) -> None:
    """Licence headers in every file."""
    session.install("reuse")
    session.run("reuse", "--root", str(HERE), "lint", "--quiet")


@nox.session
def changelog(session: nox.Session) -> None:
    """The fragments, and the changelog made of them."""
    session.install("antsibull-changelog", CORE)
    collection(session)
    session.run("antsibull-changelog", "lint")
    session.run("antsibull-changelog", "lint-changelog-yaml", "changelogs/changelog.yaml")


@nox.session
def build(session: nox.Session) -> None:
    """What Galaxy would say of the package; and the package works where nothing else is."""
    session.install("galaxy-importer", CORE)
    target = collection(session)
    package = target.parents[2] / "package"
    session.run("ansible-galaxy", "collection", "build", "--output-path", str(package))
    (archive,) = package.glob("*.tar.gz")
    with session.chdir(package):
        session.run("python", "-m", "galaxy_importer.main", str(archive))
    installed = package / "installed"
    session.env["ANSIBLE_COLLECTIONS_PATH"] = str(installed)
    session.run("ansible-galaxy", "collection", "install", "--offline", "-p", str(installed), str(archive))
    with session.chdir(package):
        session.run("ansible-doc", "stellarmap.cassandra.cassandra_column", silent=True)
        session.run("ansible-doc", "-t", "role", "stellarmap.cassandra.migration", silent=True)
        # The file goes where the shell stands, which is told by PWD.
        session.run("ansible-playbook", "stellarmap.cassandra.render_cql", silent=True, env={"PWD": str(package)})


@nox.session
def sanity(session: nox.Session) -> None:
    """ansible-test sanity with every Python which is found, without an ignore file."""
    session.install(CORE)
    collection(session)
    shims = Path(str(session.env["HOME"]), ".ansible", "test", "cache")
    shims.mkdir(parents=True)
    for version in GET_PIP_VERSIONS:
        (shims / f"get_pip_{version}.py").write_text(GET_PIP)
    session.env["PATH"] = os.pathsep.join([str(Path(session.bin)), *_pythons(), os.environ["PATH"]])
    session.run("ansible-test", "sanity", "--color", "no", *session.posargs)


def _pythons() -> list[str]:
    """The folders of pyenv's Pythons: its shims are found first, and fail for every version but one."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    return [str(one / "bin") for one in sorted(root.glob("3.*"))]


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation as HTML, in .cache/nox/docs/html, with its cross references checked."""
    session.install("antsibull-docs", "sphinx", "sphinx-ansible-theme", CORE)
    target = collection(session)
    session.run("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs", "self", ".")
    html = target.parents[2] / "html"
    html.mkdir(mode=0o700)
    init = ["antsibull-docs", "sphinx-init", "--use-current", "--dest-dir", str(html), "stellarmap.cassandra"]
    session.run(*init)
    build_script = html / "build.sh"
    # Without the internet the inventories of others cannot be had, which are warnings.
    build_script.write_text(build_script.read_text().replace(" -W", ""))
    session.run("bash", str(build_script), external=True)


@nox.session
def mutants(session: nox.Session) -> None:
    """Change the pure rooms in every small way, and list the changes which no unit test notices; takes rooms as arguments."""
    session.install("cosmic-ray", "pytest", "hypothesis", "cassandra-driver", CORE)
    rooms = session.posargs or MUTATED
    target = collection(session)
    session.env["PYTHONPATH"] = str(target.parents[2])
    for room in rooms:
        tests = f"tests/unit/plugins/module_utils/{room.partition('/')[0]}"
        config = target / "mutants.toml"
        config.write_text(
            f"""[cosmic-ray]
module-path = "plugins/module_utils/{room}"
timeout = 60.0
test-command = "python -m pytest -x -q -p no:cacheprovider {tests}"
[cosmic-ray.distributor]
name = "local"
[cosmic-ray.filters.operators-filter]
exclude-operators = {list(EQUIVALENT)}
"""
        )
        database = f"{room.replace('/', '-')}.sqlite"
        session.run("cosmic-ray", "init", str(config), database, silent=True)
        session.run("cr-filter-operators", database, str(config), silent=True)
        session.run("cosmic-ray", "exec", str(config), database, silent=True)
        session.log(room)
        session.run("cr-report", "--surviving-only", "--show-diff", database)


@nox.session
@nox.parametrize("core", list(VERSIONS))
def core(session: nox.Session, core: str) -> None:
    """The module's tests on a real node with a version of ansible-core."""
    _real(session, f"ansible-core~={core}.0", DRIVERS["newest"], VERSIONS[core])


@nox.session
@nox.parametrize("driver", list(DRIVERS))
def driver(session: nox.Session, driver: str) -> None:
    """The module's tests on a real node with a driver."""
    _real(session, CORE, DRIVERS[driver], "3.11")


@nox.session
def corners(session: nox.Session) -> None:
    """The oldest Ansible with the oldest driver, and ours with scylla-driver, with the Python which is there."""
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    # Of the oldest driver there are no wheels for Python 3.13.
    oldest = DRIVERS["oldest" if sys.version_info < (3, 13) else "newest"]
    _real(session, f"ansible-core~={min(VERSIONS)}.0", oldest, here)
    _real(session, CORE, DRIVERS["scylla"], here)


def _real(session: nox.Session, ansible_core: str, driver: str, python: str) -> None:
    """The main job on a real node, with the Ansible, the driver and the Python under test."""
    found = [one for one in (Path(folder, f"python{python}") for folder in _pythons()) if one.exists()]
    home = WORK / "environments" / "-".join([session.name.partition("(")[0], ansible_core, driver, python])
    session.run(str(found[0]) if found else f"python{python}", "-m", "venv", "--clear", str(home), external=True)
    tested = home / "bin"
    session.run(str(tested / "pip"), "install", "--quiet", ansible_core, driver, external=True)
    session.env["PATH"] = os.pathsep.join([str(tested), os.environ["PATH"]])
    session.env["PYTHONPATH"] = str(HERE / "tests" / "support")
    ours = str(HERE / ".venv" / "bin" / "python")
    # The main job, and the results of both modes beside each other.
    for program in ("demo", "modes"):
        job = [str(tested / "python"), "-m", program]
        session.run(ours, "-m", "embedded_cassandra", "run", "--", *job, external=True)
