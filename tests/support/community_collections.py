# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules of the community that pages of ours use: from PyPI's package ansible, or, if no package has it, its options alone."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# The release of the package that goes with the ansible-core of tests/requirements.txt.
VERSION = "12.3.0"
# The whole package has 100 collections and 300 MB. What the module documents itself with is here too.
WANTED = (
    "general/MANIFEST.json",
    "general/meta/",
    "general/plugins/modules/mail.py",
    "general/plugins/doc_fragments/attributes.py",
)
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "collections"


def install(folder: Path = CACHE) -> Path:
    """The folder in which C(ansible_collections/community) is complete; downloads it where it is not."""
    mark = folder / "ansible_collections" / "community" / "mail.txt"
    if mark.exists() and mark.read_text() == VERSION:
        return folder
    with tempfile.TemporaryDirectory(dir=folder) as place:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--dest", place, f"ansible=={VERSION}"], check=True)
        (wheel,) = Path(place).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder, [name for name in archive.namelist() if _is_wanted(name)])
    mark.write_text(VERSION)
    return folder


def _is_wanted(name: str) -> bool:
    return name.startswith(tuple(f"ansible_collections/community/{part}" for part in WANTED))


# Its options in community.cassandra 1.4, plugins/modules/cassandra_snapshot.py and doc_fragments/nodetool_module_options.py. It
# leaves with exit_json if nodetool fails too, and only "changed" tells the two apart.
_SNAPSHOT = """\
from ansible.module_utils.basic import AnsibleModule

text, names, flag = {"type": "str"}, {"type": "list", "elements": "str"}, {"type": "bool", "default": False}
nodetool = {"host": text, "port": {"type": "int"}, "nodetool_path": text, "debug": flag, "username": text}
secret = {"password": {"type": "str", "no_log": True}, "password_file": text}
own = {"keyspace": names, "table": {"type": "raw"}, "keyspace_table": names}
own |= {"skip_flush": {**flag, "aliases": ["sf"]}, "name": {**text, "aliases": ["tag", "t"]}}
module = AnsibleModule({**nodetool, **secret, **own})
arguments = ["-t", module.params["name"], "-kt", ",".join(module.params["keyspace_table"])]
rc, out, _err = module.run_command(["nodetool", "snapshot", *arguments])
module.exit_json(changed=rc == 0, msg=out, **({"rc": rc} if rc else {}))
"""


def cassandra_snapshot(folder: Path) -> str:
    """A path of collections with C(community.cassandra.cassandra_snapshot), which takes its options and calls nodetool."""
    modules = folder / "ansible_collections" / "community" / "cassandra" / "plugins" / "modules"
    modules.mkdir(parents=True, exist_ok=True)
    (modules / "cassandra_snapshot.py").write_text(_SNAPSHOT)
    return f"{folder}:{CACHE}"
