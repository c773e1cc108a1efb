# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The version of the collection, from the file that its installation or its checkout has."""

from __future__ import annotations

import json

import yaml

from ._migration_file import COLLECTION


def collection_version() -> str:
    """The version; C(unknown) if neither file is there."""
    manifest, checkout = COLLECTION / "MANIFEST.json", COLLECTION / "galaxy.yml"
    if manifest.is_file():
        return str(json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"])
    return str(yaml.safe_load(checkout.read_text(encoding="utf-8"))["version"]) if checkout.is_file() else "unknown"
