"""Pages for MiniStack's record of calls (CloudTrail's LookupEvents), which ends after fifty."""

import json
from collections.abc import Callable
from itertools import takewhile
from typing import Any, Final

from ministack.services import cloudtrail  # type: ignore[import-untyped]

from scripts.local.cloudwatch.rebinding import with_names

#: A page has at most so many events, as on AWS.
_PAGE: Final = 50

Lookup = Callable[[dict[str, Any]], Any]


def install() -> None:
    """Replaces the part of MiniStack that looks events up."""
    cloudtrail._lookup_events = paged(cloudtrail._lookup_events)


def paged(lookup: Lookup) -> Lookup:
    """``lookup``, whose answers have a token for the next page: the id of their last event."""

    def lookup_page(request: dict[str, Any]) -> Any:
        token = request.get("NextToken")
        events = [*cloudtrail._get_event_queue()]
        older = [*takewhile(lambda event: event["EventId"] != token, events)] if token else events
        status, headers, body = with_names(lookup, _get_event_queue=lambda: older)(request)
        answer = json.loads(body)
        found = answer.get("Events", [])
        if len(found) == min(int(request.get("MaxResults", _PAGE)), _PAGE):
            answer["NextToken"] = found[-1]["EventId"]
        return status, headers, json.dumps(answer).encode()

    return lookup_page
