# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a controller runs before it imports anything of the collection. For the process of a module Ansible leaves it out."""

from __future__ import annotations

import gc

# What Ansible has loaded by now stays. To look through it for garbage while we are imported takes a twentieth of an empty play.
gc.freeze()
