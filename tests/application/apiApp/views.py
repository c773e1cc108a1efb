# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from collections import Counter
from html import escape

from django.http import HttpResponse, JsonResponse

from .models_cassandra import StellarCreatorAccountLineage


def health(request):
    return JsonResponse({"status": "healthy"})


def pipeline_stats(request):
    """Counts per source; without the fields of the model this is an error, as in the application it stands for."""
    try:
        counts = Counter(row.pipeline_source for row in StellarCreatorAccountLineage.objects.all())
    except AttributeError as error:
        return JsonResponse({"error": str(error)}, status=500)
    return JsonResponse(
        {
            "api_total": counts["API"],
            "bigquery_total": counts["BIGQUERY"],
            "bigquery_with_fallback_total": counts["BIGQUERY_WITH_API_FALLBACK"],
            "last_24h": {"api": counts["API"], "bigquery": counts["BIGQUERY"]},
        }
    )


def cassandra_query(request):
    if request.GET.get("query") != "stuck_accounts":
        return JsonResponse({"error": "Invalid query name"}, status=400)
    rows = [row.stellar_account for row in StellarCreatorAccountLineage.objects.all() if row.status == "STUCK"]
    return JsonResponse({"results": rows, "count": len(rows)})


def high_value_accounts(request):
    """The leaderboard: an error becomes an empty list, as in the application it stands for."""
    try:
        rows = list(StellarCreatorAccountLineage.objects.all())
    except Exception:
        rows = []
    return HttpResponse("".join(f"<li>{escape(row.stellar_account)}</li>" for row in rows))
