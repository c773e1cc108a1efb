# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx makes the site from the pages in docs, which are written for GitHub; C(make docs) puts them next to this file."""

from __future__ import annotations

import re
from pathlib import Path

_SOURCE = "https://github.com/stellarmap/ansible-cassandra/blob/main/"

project = "stellarmap.cassandra"
copyright = "The stellarmap.cassandra contributors"
version = release = re.findall(r"^version: (\S+)$", (Path(__file__).parent / "galaxy.yml").read_text(), re.MULTILINE)[0]
title = html_title = html_short_title = f"stellarmap.cassandra {version}"

extensions = ["myst_parser", "sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
myst_heading_anchors = 3
highlight_language = "YAML+Jinja"
pygments_style = "ansible"
# What leads to Ansible's own documentation is in a file here: the site is built without a network.
intersphinx_mapping = {"ansible": ("https://docs.ansible.com/projects/ansible/latest/", "ansible.inv")}
nitpicky = True
default_role = "any"

html_theme = "sphinx_ansible_theme"
html_theme_options = {"display_version": True}
html_show_sphinx = False
html_use_modindex = html_use_index = html_copy_source = False


def for_the_site(text: str) -> str:
    """A page with what GitHub shows in its own way: links out of the folder, and boxes."""
    pages = "](collections/stellarmap/cassandra/"
    text = re.sub(r"\]\(\.\./plugins/modules/(\w+)\.py\)", rf"{pages}\1_module.rst)", text)
    text = re.sub(r"\]\(\.\./roles/(\w+)/?\)", rf"{pages}\1_role.rst)", text)
    text = re.sub(r"\]\(\.\./", f"]({_SOURCE}", text)
    return re.sub(r"^> \[!(\w+)\]\n((?:>.*\n?)+)", _box, text, flags=re.MULTILINE)


def _box(found: re.Match[str]) -> str:
    words = re.sub(r"^> ?", "", found[2], flags=re.MULTILINE).rstrip("\n")
    return f"```{{{found[1].lower()}}}\n{words}\n```\n"


def _read(_app: object, _page: str, source: list[str]) -> None:
    source[0] = for_the_site(source[0])


def setup(app: object) -> None:
    app.connect("source-read", _read)  # type: ignore[attr-defined]
