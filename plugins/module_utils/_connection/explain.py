# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the driver raises for a statement, raised as one of our failures."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from .._errors import ConnectionFailed, Failure, NotAuthorized, StatementFailed, Unavailable
from . import errors


@contextlib.contextmanager
def explained(address: str, otherwise: type[Failure]) -> Iterator[None]:
    """Raises NotAuthorized, StatementFailed, or C(otherwise) where the node gave no answer."""
    from cassandra import RequestExecutionException, RequestValidationException, Unauthorized
    from cassandra.protocol import ErrorMessage, ServerError
    from cassandra.protocol import RequestValidationException as RefusedMessage

    try:
        yield
    except Unauthorized as error:
        raise NotAuthorized(errors.server_words(error)) from error
    except (RequestValidationException, RefusedMessage) as error:
        raise StatementFailed(errors.server_words(error)) from error
    except Exception as error:
        by_address = getattr(error, "errors", None)
        cause = next(iter(by_address.values()), error) if isinstance(by_address, dict) else error
        if otherwise is ConnectionFailed and isinstance(cause, (RequestExecutionException, ErrorMessage)):
            # An answer, though no rows: replicas are missing, slow or failed. Of a change nobody knows then.
            kind = StatementFailed if isinstance(cause, ServerError) else Unavailable
            raise kind(errors.server_words(cause)) from error
        if otherwise is ConnectionFailed and str(cause).startswith("Failed decoding"):
            # Cassandra takes timestamps and dates that Python has no value for.
            raise StatementFailed(f"the Python driver cannot read what {address} sent: {cause}") from error
        raise otherwise(f"{address} gave no answer: {errors.connection_reason(cause)}.") from error
