"""Our labelled lists: enough of them, well formed, and always divided in the same way."""

from __future__ import annotations

from orderflow.catalog.csv_file import read_csv
from orderflow.units import COUNTED_UNITS, MEASURES
from scripts.evaluation.labelled import load_lists, load_meant, split_lists
from scripts.evaluation.parsing import our_parser, read_lists
from scripts.local.stack.seed import CATALOG

LISTS = load_lists()


def test_there_are_hundreds_of_lists_from_two_regions_each_with_its_own_id() -> None:
    regions = [each.region for each in LISTS]

    assert len({each.id for each in LISTS}) == len(LISTS) >= 300
    assert min(regions.count("nigerian"), regions.count("general")) >= 100


def test_labels_use_canonical_units_and_names_that_stand_in_the_text() -> None:
    for each in LISTS:
        written = " ".join(each.text.split()).casefold()
        for line in each.lines:
            assert line.unit in {"", *MEASURES, *COUNTED_UNITS}
            assert all(word in written for word in line.name.casefold().split()), each.id


def test_what_a_label_means_is_in_the_shipped_catalog() -> None:
    meant = load_meant(product.id for product in read_csv(CATALOG))

    assert all(meant.values())
    assert {line.meant for each in LISTS for line in each.lines} - {None} <= meant.keys()


def test_lists_are_divided_the_same_way_each_time_and_no_list_is_on_both_sides() -> None:
    split = split_lists(LISTS)

    assert split == split_lists(LISTS)
    assert not {each.id for each in split.tuning} & {each.id for each in split.held_out}
    assert len(split.tuning) + len(split.held_out) == len(LISTS)


def test_the_parser_understands_what_it_was_tuned_on_and_most_of_what_it_never_saw() -> None:
    split = split_lists(LISTS)

    assert read_lists("tuning", our_parser, split.tuning).share("everything") >= 0.99
    assert read_lists("held out", our_parser, split.held_out).share("everything") >= 0.95
