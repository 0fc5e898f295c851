"""The figures that the pages name are the code's."""

from __future__ import annotations

import re
from typing import Final

import pytest

from orderflow.api.access_refusals import TOLERATED
from orderflow.breakers.settings import BreakerPolicy
from orderflow.emails.addresses import MARKED_FOR, Undeliverable
from orderflow.grocery_list.parser import MAX_CHARACTERS, MAX_LINES
from orderflow.grocery_list.size import MAX_BYTES
from orderflow.matching.chunks import CHUNK_SIZE
from orderflow.operations import link_checks, reversal_checks
from orderflow.operations.restarts import MAX_RESTARTS
from orderflow.orders.model import LinkTimes
from orderflow.payments.webhook import MAX_BODY_BYTES
from orderflow.payments.webhook_keys import PREVIOUS_KEY_LIFETIME
from orderflow.platform.aws import BEDROCK_READ_TIMEOUT, CONNECT_TIMEOUT
from orderflow.recovery.chains import MAX_HOPS
from orderflow.returns.address_limits import REQUESTS_A_WINDOW, WINDOW_SECONDS
from tests.support.paths import PROJECT

WORDS: Final = {"a": 1, "an": 1, "two": 2, "three": 3, "five": 5, "six": 6, "ten": 10}

POLICY: Final = BreakerPolicy()
LINKS: Final = LinkTimes()
HOUR: Final = 3600

#: A page, a pattern whose groups are figures, and the code's.
FIGURES: Final[list[tuple[str, str, tuple[float, ...]]]] = [
    ("payments.md", r"more than (\d+) requests of one address .+ in (a) minute",
     (REQUESTS_A_WINDOW, WINDOW_SECONDS / 60)),
    ("payments.md", r"(\d+) minutes after they were made, then after pauses that double up to "
     r"(\w+) hours, until (\d+) hours after their end",
     (LINKS.check_after.total_seconds() / 60,
      LINKS.check_after.total_seconds() * link_checks._LONGEST_PAUSE / HOUR,
      LINKS.checked_after_end.total_seconds() / HOUR)),
    ("payments.md", r"links of (\d+) orders a run at most, behind", (link_checks.MAX_CHECKS,)),
    ("payments.md", r"in the same run: (\d+) orders at most, for (\d+) seconds at most",
     (reversal_checks.MAX_CHECKS, reversal_checks.MAX_DURATION.total_seconds())),
    ("failure-model.md", r"after ([\d,]+) \(an hour of steps\)", (MAX_HOPS,)),
    ("failure-model.md", r"started again by the reconciler, up to (\w+) times", (MAX_RESTARTS,)),
    ("breaker.md", r"CLOSED --> OPEN: (\d+) failures in a row", (POLICY.threshold,)),
    ("breaker.md", r"(\d+) s, doubling with each opening in a row up to (\d+) min, stretched by up "
     r"to (\d+) %",
     (POLICY.cooldown_seconds, POLICY.max_cooldown_seconds / 60, POLICY.jitter * 100)),
    ("breaker.md", r"opens again within (\d+) min", (POLICY.keep_cooldown_seconds / 60,)),
    ("breaker.md", r"a lease of (\d+) s", (POLICY.lease_seconds,)),
    ("overview.md", r"chunks of at most (\d+) lines, all at the same time, each for at most "
     r"(\d+) s", (CHUNK_SIZE, CONNECT_TIMEOUT + BEDROCK_READ_TIMEOUT)),
    ("api.md", r"at most ([\d,]+) characters, (\d+) lines and ([\d,]+) bytes, where a letter",
     (MAX_CHARACTERS, MAX_LINES, MAX_BYTES)),
    ("failure-model.md", r"it gets no more mail for (\d+) or (\d+) days",
     (MARKED_FOR[Undeliverable.BOUNCE].days, MARKED_FOR[Undeliverable.COMPLAINT].days)),
    ("security/identity.md", r"of the old one for (\d+) hours",
     (PREVIOUS_KEY_LIFETIME.total_seconds() / HOUR,)),
    ("security/threat-model.md", r"(\d+) KB, checked before the signature",
     (MAX_BODY_BYTES / 1024,)),
    ("runbooks/security-alarms.md", r"more than (\d+) orders that are not theirs",
     (TOLERATED.capacity,)),
]  # fmt: skip


@pytest.mark.parametrize(("page", "pattern", "figures"), FIGURES)
def test_a_page_names_the_codes_figures(
    page: str, pattern: str, figures: tuple[float, ...]
) -> None:
    text = (PROJECT / "docs" / page).read_text(encoding="utf-8")

    found = re.search(pattern, " ".join(text.split()))

    assert found, "the sentence is gone: change its pattern here"
    assert tuple(_number(each) for each in found.groups()) == figures


def _number(words: str) -> float:
    return WORDS[words] if words in WORDS else float(words.replace(",", ""))
