# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the message SUPPORTED, which a relative of Cassandra is known by.

The one place that overrides a private method of the driver: it reads the message in every connection and keeps what it
does not use for nobody. Without it the same message would be asked for once more, which is a round trip.
"""

from __future__ import annotations

from typing import Any


def remembering(connection_class: Any) -> Any:
    """The class of connections with the options that a server offered in C(offered); empty as long as none did."""
    offered: dict[str, Any] = {}

    class Remembering(connection_class):  # type: ignore[misc]
        # The event loop stays that of the driver's class: otherwise each session would start a thread of its own.
        initialize_reactor = connection_class.initialize_reactor

        def _handle_options_response(self, response: Any) -> Any:
            offered.update(getattr(response, "options", None) or {})
            return super()._handle_options_response(response)

    Remembering.offered = offered
    return Remembering
