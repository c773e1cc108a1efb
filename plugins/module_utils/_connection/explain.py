# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the driver raises for a statement, raised as one of our failures."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from .._errors import Failure, NotAuthorized, OutcomeUnknown, StatementFailed, Unavailable
from . import errors

# Codes of native_protocol_v5.spec, section 9: the server may answer later, such as while replicas are down or overloaded.
_MAY_ANSWER_LATER = (0x1000, 0x1001, 0x1002, 0x1003, 0x1100, 0x1200, 0x1300, 0x1500, 0x1600, 0x1700)
_UNAUTHORIZED = 0x2100
# Of syntax, an invalid query, its configuration, what exists already, and what was not prepared.
_REFUSALS = range(0x2000, 0x2600)


@contextlib.contextmanager
def explained(address: str, otherwise: type[Failure]) -> Iterator[None]:
    """Raises NotAuthorized, StatementFailed, or C(otherwise) if the node gave no answer. An error of our own stays what it is."""
    try:
        yield
    except Exception as error:
        by_address = getattr(error, "errors", None)
        cause = next(iter(by_address.values()), error) if isinstance(by_address, dict) else error
        if not isinstance(cause, BaseException):
            cause = error
        if isinstance(error, Failure) or not errors.is_of_driver(error):
            raise
        raise _failure(cause, address, otherwise) from error


@contextlib.contextmanager
def decoding() -> Iterator[None]:
    """For calls of the driver alone: whatever else it raises while it decodes an answer is raised as UnreadableAnswer."""
    try:
        yield
    except Exception as error:
        if isinstance(error, Failure) or errors.is_of_driver(error):
            raise
        raise errors.UnreadableAnswer(f"{type(error).__name__}: {error}") from error


def _failure(cause: BaseException, address: str, otherwise: type[Failure]) -> Failure:
    if isinstance(cause, errors.UnreadableAnswer):
        return otherwise(f"{address} sent an answer that the Python driver cannot read ({cause}).")
    found = errors.server_error(cause)
    if found and found.code == _UNAUTHORIZED:
        return NotAuthorized(found.words)
    if found and found.code in _REFUSALS:
        return StatementFailed(found.words)
    if found and otherwise is not OutcomeUnknown:
        # An answer, but no rows. Of a change nobody knows then.
        kind = Unavailable if found.code in _MAY_ANSWER_LATER else StatementFailed
        return kind(found.words)
    if otherwise is not OutcomeUnknown and type(cause).__name__ == "DriverException":
        # The base of all the driver's exceptions, which it raises itself for values that Python has no type for.
        return StatementFailed(f"the Python driver cannot read what {address} sent: {cause}")
    if found:
        return otherwise(f"{address} answered: {found.words}.")
    reason = errors.connection_reason(cause)
    if reason == errors.LATE:
        return otherwise(f"{address} gave no answer in time (request_timeout).")
    words = reason.removeprefix("no answer: ")
    # Of words of the driver that are not known nobody knows whether something came.
    return otherwise(f"{address} gave no {'' if words == reason else 'usable '}answer: {words}.")
