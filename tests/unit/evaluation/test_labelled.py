"""Our labelled lists: their number, their form and their split."""

from __future__ import annotations

from orderflow.catalog.csv_file import read_csv
from orderflow.units import COUNTED_UNITS, MEASURES
from scripts.evaluation.cases.labelled import load_lists, load_relevant_products, split_lists
from scripts.evaluation.parsing import our_parser, score_lists
from scripts.local.stack.seed import CATALOG

LISTS = load_lists()


def test_there_are_hundreds_of_lists_from_two_regions_with_unique_ids() -> None:
    regions = [each.region for each in LISTS]

    assert len({each.id for each in LISTS}) == len(LISTS) >= 300
    assert min(regions.count("nigerian"), regions.count("general")) >= 100


def test_labels_use_canonical_units_and_names_from_the_text() -> None:
    for each in LISTS:
        written = " ".join(each.text.split()).casefold()
        for line in each.lines:
            assert line.unit in {"", *MEASURES, *COUNTED_UNITS}
            assert all(word in written for word in line.name.casefold().split()), each.id


def test_every_meaning_of_a_label_has_products_in_the_shipped_catalog() -> None:
    relevant = load_relevant_products(product.id for product in read_csv(CATALOG))

    assert all(relevant.values())
    assert {line.meant for each in LISTS for line in each.lines} - {None} <= relevant.keys()


def test_the_split_is_reproducible_and_its_halves_are_disjoint() -> None:
    split = split_lists(LISTS)

    assert split == split_lists(LISTS)
    assert not {each.id for each in split.tuning} & {each.id for each in split.held_out}
    assert len(split.tuning) + len(split.held_out) == len(LISTS)


def test_the_parser_reaches_its_targets_on_tuning_and_held_out_lists() -> None:
    split = split_lists(LISTS)

    assert score_lists("tuning", our_parser, split.tuning).share("everything") >= 0.99
    assert score_lists("held out", our_parser, split.held_out).share("everything") >= 0.95
