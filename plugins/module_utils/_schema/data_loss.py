# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a drop destroys, and whether that is allowed; pure."""

from __future__ import annotations

from typing import Any, NamedTuple

from .._cql.identifier import display_name
from .._errors import DataLoss
from .model import TableName


class DataLossPolicy(NamedTuple):
    """Whether data may be destroyed, whether only where there is none, and how many rows are read to find out."""

    allowed: bool
    only_if_empty: bool
    rows: int


class Values(NamedTuple):
    """How many of the rows read hold a value in each column; C(complete): these were all rows of the table."""

    found: dict[str, int]
    rows: int
    complete: bool

    def as_result(self) -> dict[str, Any]:
        """The numbers as plain data."""
        return {"found": self.found, "rows_read": self.rows, "complete": self.complete}

    def describe(self) -> str:
        """The numbers in words."""
        found = ", ".join(f"{display_name(name)} {count}" for name, count in self.found.items() if count)
        rows = f"all {self.rows} rows" if self.complete else f"the first {self.rows} rows, and there are more"
        return f"values found in {rows}: {found or 'none'}"


def check_drops(table: TableName, values: Values | None, names: list[str], policy: DataLossPolicy) -> None:
    """Raises DataLoss if these columns may not be dropped."""
    columns = ", ".join(map(display_name, names))
    seen = f" ({values.describe()})" if values else ""
    if not policy.allowed:
        raise DataLoss(
            f"Dropping {columns} from {table} destroys their data permanently{seen}. Set allow_data_loss to allow it. "
            "Nothing was executed."
        )
    if policy.only_if_empty and values and any(values.found.values()):
        raise DataLoss(
            f"Columns {columns} of {table} are not empty{seen}, and only_if_empty is set. Nothing was executed."
        )
    if policy.only_if_empty and values and not values.complete:
        raise DataLoss(
            f"It is not known whether columns {columns} of {table} are empty{seen}, and only_if_empty is set. "
            "Raise rows_to_read. Nothing was executed."
        )
