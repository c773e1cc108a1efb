# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole numbers of variable length: the first byte begins with a one for each byte which follows it."""

from __future__ import annotations

_MAX_EXTRA = 8


def read_vint(data: bytes, place: int) -> tuple[int, int]:
    """The unsigned number at the place, and the place after it; raises ValueError where the bytes end too early."""
    if place >= len(data):
        raise ValueError("the bytes end too early")
    first = data[place]
    extra = 8 - (~first & 0xFF).bit_length()
    end = place + 1 + extra
    if end > len(data):
        raise ValueError("the bytes end too early")
    return int.from_bytes(bytes([first & (0xFF >> extra)]) + data[place + 1 : end], "big"), end


def write_vint(number: int) -> bytes:
    """The unsigned number of up to 64 bits."""
    extra = min((max(number, 1).bit_length() - 1) // 7, _MAX_EXTRA)
    data = number.to_bytes(extra + 1, "big")
    return bytes([data[0] | (0xFF << (8 - extra)) & 0xFF]) + data[1:]


def read_signed_vint(data: bytes, place: int) -> tuple[int, int]:
    """The signed number at the place, and the place after it; raises ValueError where the bytes end too early."""
    number, place = read_vint(data, place)
    return (number >> 1) ^ -(number & 1), place


def write_signed_vint(number: int) -> bytes:
    """The signed number of up to 64 bits."""
    return write_vint((number << 1) ^ (number >> 63))
