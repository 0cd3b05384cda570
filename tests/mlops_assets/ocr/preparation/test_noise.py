import numpy as np

from mlops_assets.ocr.preparation.noise import ink_and_paper, remove_specks, stretch
from tests.mlops_assets.ocr.drawn import draw


def page() -> np.ndarray:
    return np.asarray(draw(["Some words that stay", "as sharp as they are"]))


def salted(image: np.ndarray) -> np.ndarray:
    chance = np.random.default_rng(0).random(image.shape[:2])[:, :, None]
    return np.where(chance < 0.03, 0, np.where(chance > 0.97, 255, image)).astype(np.uint8)


def test_a_clean_page_stays_as_it_is() -> None:
    clean = page()

    assert stretch(remove_specks(clean)) is clean


def test_salt_and_pepper_go_and_print_stays() -> None:
    cleared = remove_specks(salted(page()))

    paper, ink = page() == 255, page() == 0
    assert np.mean(cleared[paper] < 128) < 0.002  # 0.03 of it was pepper
    assert np.mean(cleared[ink] > 128) < 0.02


def test_faint_print_is_stretched_to_black_and_white() -> None:
    faint = (180 + page() // 4).astype(np.uint8)

    stretched = stretch(faint)

    assert (stretched.min(), stretched.max()) == (0, 255)


def test_a_little_dark_print_with_soft_edges_on_a_large_page_is_not_faint() -> None:
    sparse = np.full((400, 400, 3), 255, np.uint8)
    sparse[100:140, 100:140] = 200
    sparse[110:130, 110:130] = 60

    assert ink_and_paper(sparse) == (60.0, 255.0)
    assert stretch(sparse) is sparse


def test_grey_print_that_can_be_told_from_paper_stays_as_it_is() -> None:
    grey = (105 + page() // 255 * 150).astype(np.uint8)

    assert stretch(grey) is grey


def test_an_empty_page_is_not_stretched() -> None:
    empty = np.full((50, 50, 3), 200, np.uint8)

    assert stretch(empty) is empty
