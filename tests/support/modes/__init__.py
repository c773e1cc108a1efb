# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two modes of the modules, in the controller's process and as a module, compared case by case."""
