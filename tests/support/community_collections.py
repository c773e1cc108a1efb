# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules of the community that pages of ours use, as far as a test asks for them."""

from __future__ import annotations

from pathlib import Path

_CACHE = Path(__file__).resolve().parents[2] / ".cache" / "collections"
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


def community_modules(folder: Path) -> str:
    """A path of collections with C(cassandra_snapshot), which takes its options and calls nodetool, and an empty C(mail)."""
    for name, text in (
        ("cassandra/plugins/modules/cassandra_snapshot.py", _SNAPSHOT),
        ("general/plugins/modules/mail.py", ""),
    ):
        module = folder / "ansible_collections" / "community" / name
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(text)
    return f"{folder}:{_CACHE}"
