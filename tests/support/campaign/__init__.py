# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A random campaign against real rings: C(draw) makes a scenario of a seed, C(play) plays it, C(check) looks for a lie."""
