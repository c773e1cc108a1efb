# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx makes the site; C(make docs) puts the pages beside it."""

project = "stellarmap.cassandra"
copyright = "The stellarmap.cassandra contributors"
title = html_title = html_short_title = "stellarmap.cassandra"

extensions = ["myst_parser", "sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
myst_heading_anchors = 3
highlight_language = "YAML+Jinja"
pygments_style = "ansible"
# What leads to Ansible's own documentation is in a file here: the site is built without a network.
intersphinx_mapping = {"ansible": ("https://docs.ansible.com/projects/ansible/latest/", "ansible.inv")}
nitpicky = True
default_role = "any"

html_theme = "sphinx_ansible_theme"
html_theme_options = {"display_version": False}
html_show_sphinx = False
html_use_modindex = html_use_index = html_copy_source = False
