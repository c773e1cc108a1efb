# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Python that is too old is told so: by its version, and with the variable to set."""

from __future__ import annotations

import ast
import json
import re
import runpy
import sys
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[4] / "plugins"
FIRST = PLUGINS / "module_utils" / "_python.py"
MODULES = [path for path in sorted((PLUGINS / "modules").glob("*.py")) if "import" in path.read_text()]
# These two are documentation: their actions do the work.
ON_HOSTS = [path for path in MODULES if path.stem not in ("migration_info", "report")]


def test_an_old_python_ends_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 8, 18))
    monkeypatch.setattr(sys, "version", "3.8.18 (main)")
    with pytest.raises(SystemExit):
        runpy.run_path(str(FIRST))
    result = json.loads(capsys.readouterr().out)
    assert result == {
        "failed": True,
        "failure": "python_too_old",
        "msg": f"This module needs Python 3.9 or later, and {sys.executable} on this host is Python 3.8.18. "
        "Set the variable ansible_python_interpreter of this host to a newer Python.",
    }


def test_a_new_one_goes_on() -> None:
    assert runpy.run_path(str(FIRST))["MINIMUM"] == (3, 9)


@pytest.mark.parametrize("path", [FIRST, *ON_HOSTS], ids=lambda path: path.stem)
def test_an_old_python_can_read_as_far_as_that(path: Path) -> None:
    text = path.read_text()
    ast.parse(text, feature_version=(3, 6))
    # Python 3.6 does not know it, and refuses the whole file.
    assert "from __future__ import annotations" not in text
    if path != FIRST:
        first = re.search(r"^(from|import) .*", text, re.MULTILINE)
        assert first
        assert first[0].startswith("from ansible_collections.stellarmap.cassandra.plugins.module_utils._python import")
