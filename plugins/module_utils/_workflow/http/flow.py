# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow: ask, compare, ask again; all checks, and then all that failed at once."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ..._runner import ModuleApi
from .expect import findings, values_of
from .model import Check, ChecksFailed, Finding, read_check
from .patience import Patience, wait_before_retry
from .request import Manners, ask


def check_urls(params: Mapping[str, Any], _check: bool, _host: ModuleApi) -> dict[str, Any]:
    """The result of every check; raises ChecksFailed with all of them if any failed, InvalidInput before the first."""
    checks = [
        read_check(item, params["base_url"] or "", params["host_header"], params["secret_headers"])
        for item in params["checks"]
    ]
    manners = Manners(params["timeout"], params["validate_certs"], params["ca_path"], params["use_proxy"])
    patience = Patience(params["retries"], params["delay"], params["max_wait"])
    results = [_run(check, manners, patience) for check in checks]
    failed = [result for result in results if not result["ok"]]
    if failed:
        lines = [f"{result['name']} ({result['url']}): {'; '.join(result['findings'])}" for result in failed]
        count = f"{len(failed)} of {len(results)} checks failed."
        raise ChecksFailed("\n".join([count, *lines]), checks=results)
    return {"changed": False, "checks": results}


def _run(check: Check, manners: Manners, patience: Patience) -> dict[str, Any]:
    begin = time.monotonic()
    for attempt in range(1, patience.retries + 2):
        answer = ask(check, manners)
        found = findings(check, answer)
        if not found or attempt > patience.retries:
            break
        wait = wait_before_retry(answer, attempt, patience, datetime.now(timezone.utc))
        if wait > patience.max_wait:
            found = (
                *found,
                Finding(f"no more than {patience.max_wait:g} s to wait", f"the server asks for {wait:g} s"),
            )
            break
        time.sleep(wait)
    return {
        "name": check.name,
        "url": _without_credentials(check.url),
        "ok": not found,
        "status": answer.status,
        "findings": [str(finding) for finding in found],
        "values": values_of(check, answer),
        "attempts": attempt,
        "seconds": round(time.monotonic() - begin, 2),
    }


def _without_credentials(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//", url)
