"""Plain words and synonyms that shoppers use, and which products of the large catalog they mean.

``tests/data/product_queries.jsonl`` names the products by what their names and aisles say, so that
nothing of the catalog itself has to be kept. The slices "held out" are only scored; whoever reads
their mistakes to correct them writes new ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from scripts.evaluation.cases.labelled import DATA
from scripts.evaluation.cases.queries import Query, Row


class LabelledQuery(BaseModel):
    """A query, and regular expressions that tell the products it means, in lower case.

    Attributes:
        slice: which table row it counts in.
        text: the query.
        name: what a name has from the beginning of a word on.
        other: what it must not have; "" for nothing.
        aisle: what the product's aisle has; "" for any.
    """

    model_config = ConfigDict(frozen=True)

    slice: str
    text: str
    name: str
    other: str = ""
    aisle: str = ""

    def means(self, row: Row) -> bool:
        """Whether the product is a correct answer."""
        name = row.name.lower()
        return bool(
            re.search(rf"\b(?:{self.name})", name)
            and not (self.other and re.search(self.other, name))
            and re.search(self.aisle, row.aisle.lower())
        )


def labelled_queries(
    rows: Iterable[Row], path: Path = DATA / "product_queries.jsonl"
) -> list[Query]:
    """The queries that some product of the catalog answers, with the ids of all that do.

    None in a catalog without aisles, such as the shipped one: the labels tell products by them.
    """
    catalog = [row for row in rows if row.aisle]
    with path.open(encoding="utf-8") as lines:
        labelled = [LabelledQuery.model_validate_json(line) for line in lines]
    queries = [
        Query(each.slice, each.text, frozenset(row.id for row in catalog if each.means(row)))
        for each in labelled
    ]
    return [query for query in queries if query.answers]
