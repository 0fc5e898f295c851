"""The names of the catalog are read seldom, and lists are read without them in an outage."""

from __future__ import annotations

from orderflow.catalog.known_names_cache import MAX_AGE_SECONDS, KnownNamesCache
from orderflow.errors import StoreUnavailable
from orderflow.grocery_list.catalog_names import known_names_of
from orderflow.grocery_list.known_names import KnownNames

NAMES = known_names_of(["Golden Morn Maize and Soya Cereal"])
OTHERS = known_names_of(["Gin and Bitters"])


class _Catalog:
    """Answers what it is told to, and counts."""

    def __init__(self, *answers: KnownNames | Exception | None) -> None:
        self.answers = list(answers)
        self.reads = 0

    def load_known_names(self) -> KnownNames | None:
        self.reads += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_names_are_read_once_until_they_are_old() -> None:
    clock, catalog = _Clock(), _Catalog(NAMES, OTHERS)
    cache = KnownNamesCache(clock)

    assert cache.get(catalog) is NAMES
    clock.now += MAX_AGE_SECONDS
    assert cache.get(catalog) is NAMES
    assert catalog.reads == 1
    clock.now += 1
    assert cache.get(catalog) is OTHERS


def test_a_catalog_without_names_is_not_asked_again_at_once() -> None:
    catalog = _Catalog(None)
    cache = KnownNamesCache(_Clock())

    assert cache.get(catalog) is None
    assert cache.get(catalog) is None
    assert catalog.reads == 1


def test_an_outage_leaves_what_was_read_before_and_is_tried_again() -> None:
    clock = _Clock()
    catalog = _Catalog(StoreUnavailable("down"), NAMES, StoreUnavailable("down"), OTHERS)
    cache = KnownNamesCache(clock)

    assert cache.get(catalog) is None
    assert cache.get(catalog) is NAMES
    clock.now += MAX_AGE_SECONDS + 1
    assert cache.get(catalog) is NAMES
    assert cache.get(catalog) is OTHERS
