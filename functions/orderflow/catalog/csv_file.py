"""The catalog's CSV file (``docs/catalog.md``)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
)

from orderflow.catalog.product import Product
from orderflow.errors import OrderflowError
from orderflow.records import Model
from orderflow.units import UNIT_SPELLINGS
from orderflow.validation import field_problems

_PRICE_LIMIT_NGN: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One problem of a catalog file; ``column`` is "" if it concerns the whole line."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        column = f", {self.column}" if self.column else ""
        return f"line {self.line}{column}: {self.message}"


class CatalogFileError(OrderflowError):
    """A catalog file can't be loaded. The message lists every problem on a line of its own.

    Args:
        problems: all problems, in the file's order.
    """

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


def _yes_or_no(value: str) -> bool:
    answer = value.strip().casefold()
    if answer not in {"yes", "no"}:
        raise ValueError("must be yes or no")
    return answer == "yes"


def _pack_unit(spelling: str) -> str:
    unit = UNIT_SPELLINGS.get(spelling.casefold()) if spelling else ""
    if unit is None:
        raise ValueError("is no unit that we know; leave it empty for what is sold by the piece")
    return unit


def _synonyms(value: str) -> tuple[str, ...]:
    return tuple(name for name in map(str.strip, value.split("|")) if name)


def _empty_as_none(value: str) -> str | None:
    return value.strip() or None


_Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


_RequiredText = Annotated[_Text, StringConstraints(min_length=1)]


_Slug = Annotated[_Text, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]


class _Row(Model):
    """One line of the file; its field names are the columns."""

    id: _Slug
    name: _RequiredText
    brand: _Text
    category: _RequiredText
    pack_quantity: Annotated[Decimal, Field(gt=0, le=100_000, decimal_places=3)]
    pack_unit: Annotated[_Text, AfterValidator(_pack_unit)]
    price_ngn: Annotated[Decimal, Field(gt=0, lt=_PRICE_LIMIT_NGN, decimal_places=2)]
    available: Annotated[bool, BeforeValidator(_yes_or_no)]
    synonyms: Annotated[tuple[str, ...], BeforeValidator(_synonyms)]
    piece_grams: Annotated[
        Annotated[Decimal, Field(gt=0, le=100_000, decimal_places=3)] | None,
        BeforeValidator(_empty_as_none),
    ] = None

    def product(self) -> Product:
        fields = self.model_dump(exclude={"price_ngn"})
        return Product(**fields, price_kobo=int(self.price_ngn * 100))


#: Columns that every file has.
COLUMNS: Final = tuple(name for name, field in _Row.model_fields.items() if field.is_required())
#: Columns that a file may have.
OPTIONAL_COLUMNS: Final = tuple(name for name in _Row.model_fields if name not in COLUMNS)


def read_csv(source: str | Path | Iterable[str]) -> list[Product]:
    """Read the products of a catalog file, in its order.

    Args:
        source: the file's path, or its lines.

    Raises:
        CatalogFileError: the file has problems; the error lists all of them.
        OSError: the file can't be read.
    """
    if not isinstance(source, str | Path):
        return _read_lines(source)
    try:
        # Spreadsheets put a byte order mark in front of UTF-8, which "utf-8-sig" leaves out.
        with Path(source).open(encoding="utf-8-sig", newline="") as lines:
            return _read_lines(lines)
    except UnicodeDecodeError as error:
        raise CatalogFileError([RowProblem(1, "", "the file is not UTF-8 text")]) from error


def _read_lines(lines: Iterable[str]) -> list[Product]:
    reader = csv.DictReader(lines)
    try:
        problems = _header_problems(reader.fieldnames or ())
        rows = [] if problems else list(_numbered_rows(reader))
    except csv.Error as error:
        raise CatalogFileError([RowProblem(reader.line_num, "", str(error))]) from error
    if not problems and not rows:
        problems = [RowProblem(1, "", "the file holds no products")]
    products = _parse_rows(rows, problems)
    if problems:
        raise CatalogFileError(problems)
    return products


def _header_problems(header: Sequence[str]) -> list[RowProblem]:
    known = (*COLUMNS, *OPTIONAL_COLUMNS)
    missing = [name for name in COLUMNS if name not in header]
    unknown = [name for name in header if name not in known]
    twice = sorted({name for name in header if name in known and header.count(name) > 1})
    return [
        *(RowProblem(1, name, "this column is missing") for name in missing),
        *(RowProblem(1, name, "this column is unknown") for name in unknown),
        *(RowProblem(1, name, "this column occurs twice") for name in twice),
    ]


def _numbered_rows(reader: csv.DictReader[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows with the line that each starts on: a quoted value may run over several lines."""
    start = reader.line_num + 1
    for row in reader:
        yield start, row
        start = reader.line_num + 1


def _parse_rows(
    rows: Iterable[tuple[int, dict[str, Any]]], problems: list[RowProblem]
) -> list[Product]:
    products: dict[str, Product] = {}
    first_line: dict[str, int] = {}
    for line, row in rows:
        try:
            product = _parse_row(line, row)
        except CatalogFileError as error:
            problems.extend(error.problems)
            continue
        if product.id in products:
            message = f"{product.id} is already on line {first_line[product.id]}"
            problems.append(RowProblem(line, "id", message))
        products.setdefault(product.id, product)
        first_line.setdefault(product.id, line)
    return list(products.values())


def _parse_row(line: int, row: dict[str, Any]) -> Product:
    if None in row or None in row.values():
        amount = "more" if None in row else "fewer"
        raise CatalogFileError([RowProblem(line, "", f"has {amount} values than columns")])
    try:
        return _Row.model_validate(row).product()
    except ValidationError as error:
        raise CatalogFileError(
            [RowProblem(line, problem.field, problem.message) for problem in field_problems(error)]
        ) from error
