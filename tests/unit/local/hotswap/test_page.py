"""The page's copy that `orders local watch` serves."""

from pathlib import Path

import pytest

from scripts.local.hotswap.errors import SaveError
from scripts.local.hotswap.page import Page


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    (folder / "parts").mkdir(parents=True)
    (folder / "index.html").write_text("<p>first")
    (folder / "parts" / "app.js").write_text("export const first = 1;\n")
    return folder


@pytest.fixture
def page(sources: Path, tmp_path: Path) -> Page:
    return Page(sources, tmp_path / "published")


def test_an_unchanged_page_is_not_published_again(page: Page) -> None:
    assert page.sync() == []


def test_saved_new_and_removed_files_are_published(page: Page, sources: Path) -> None:
    (sources / "parts" / "app.js").write_text("export const second = 2;\n")
    (sources / "more").mkdir()
    (sources / "more" / "new.css").write_text("p {}")
    (sources / "index.html").unlink()

    assert page.sync() == ["more/new.css", "parts/app.js", "index.html"]

    published = {
        file.relative_to(page.folder).as_posix(): file.read_text()
        for file in page.folder.rglob("*.*")
    }
    assert published == {
        "more/new.css": "p {}",
        "parts/app.js": "export const second = 2;\n",
    }


def test_of_a_save_with_a_broken_script_nothing_is_published(page: Page, sources: Path) -> None:
    (sources / "index.html").write_text("<p>second")
    (sources / "parts" / "app.js").write_text('import {a} from "./a.js";\nconst second = ;\n')

    with pytest.raises(SaveError, match=r"(?s)app\.js:2.*Unexpected token"):
        page.sync()

    assert (page.folder / "index.html").read_text() == "<p>first"


def test_a_mended_script_is_published_with_what_waited_for_it(page: Page, sources: Path) -> None:
    (sources / "index.html").write_text("<p>second")
    (sources / "parts" / "app.js").write_text("const second = ;\n")
    with pytest.raises(SaveError):
        page.sync()

    (sources / "parts" / "app.js").write_text("const second = 2;\n")

    assert page.sync() == ["index.html", "parts/app.js"]
