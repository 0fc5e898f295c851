"""Each mutant can still be applied: ``make mutate`` is too long to notice a changed text soon."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.mutation.table import MUTANTS
from tests.mutation.tree import Edit, EditError, edited
from tests.support.paths import PROJECT


def test_every_text_that_a_mutant_replaces_is_there_once() -> None:
    missing = {}
    for mutant in MUTANTS:
        try:
            edited(PROJECT, mutant.edits)
        except EditError as error:
            missing[mutant.name] = str(error)

    assert missing == {}


def test_every_mutant_changes_something_and_has_a_name_of_its_own() -> None:
    assert [each.name for each in MUTANTS if any(one.old == one.new for one in each.edits)] == []
    names = Counter((each.kind, each.name) for each in MUTANTS)
    assert [name for name, count in names.items() if count > 1] == []


def test_edits_of_one_file_follow_each_other(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one two two")
    edits = [Edit("a", "one", "three"), Edit("a", "three two ", ""), Edit("b", "", "new")]

    assert edited(tmp_path, edits) == {"a": "two", "b": "new"}


@pytest.mark.parametrize("old", ["two", "four"])
def test_a_text_that_is_not_there_once_is_an_error(tmp_path: Path, old: str) -> None:
    (tmp_path / "a").write_text("one two two")

    with pytest.raises(EditError, match=f"holds .* times: {old}"):
        edited(tmp_path, [Edit("a", old, "x")])
