"""An artefact is deployed only as it was built."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.pipeline.artefact import STAGES, ArtefactError, build, check


def assembly(stage: str, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(f'{{"stage": "{stage}"}}')
    (folder / "asset.zip").write_bytes(b"\x00" * 10)


def test_the_artefact_that_was_built_is_accepted(tmp_path: Path) -> None:
    digest = build(tmp_path / "artefact", assembly)

    check(tmp_path / "artefact", f" {digest.upper()}\n")


@pytest.mark.parametrize("stage", STAGES)
def test_another_byte_in_any_stage_is_refused(tmp_path: Path, stage: str) -> None:
    folder = tmp_path / "artefact"
    digest = build(folder, assembly)
    (folder / stage / "asset.zip").write_bytes(b"\x00" * 9 + b"\x01")

    with pytest.raises(ArtefactError, match="was built"):
        check(folder, digest)


def test_a_file_more_a_file_less_and_another_name_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "artefact"
    digest = build(folder, assembly)
    asset = folder / "dev" / "asset.zip"

    (folder / "dev" / "more").touch()
    with pytest.raises(ArtefactError):
        check(folder, digest)
    (folder / "dev" / "more").unlink()
    asset.rename(folder / "dev" / "asset2.zip")
    with pytest.raises(ArtefactError):
        check(folder, digest)


def test_an_artefact_without_a_stage_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()

    with pytest.raises(ArtefactError, match="no assembly of dev"):
        check(tmp_path, "0" * 64)


def test_leftovers_do_not_become_a_part_of_an_artefact(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="remove it first"):
        build(tmp_path, assembly)


@given(st.text(max_size=70))
def test_no_other_digest_is_accepted(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("artefact") / "it"
    digest = build(folder, assembly)
    if text.strip().lower() != digest:
        with pytest.raises(ArtefactError):
            check(folder, text)
