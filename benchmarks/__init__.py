# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The comparison with what a user would pick instead, and with the physical limit: one real node, one run, in turns."""
