"""Film reviews first, then reviews of another kind."""

from pathlib import Path

import pandas as pd

from mlops_assets.demo.grammar import draw_reviews
from mlops_assets.demo.stage import NEW_ROWS, SEED, USUAL_ROWS, Stage, required_file, stage_of

FILE = "movieReviewSnippets_GroundTruth.txt"
SHORT, LONG = 90, 130  # characters; a good third of the file's reviews lies on either side
FAMILIES = ("tfidf_linear", "tfidf_svm")


def build_stage(folder: Path | None) -> Stage:
    """Short reviews, then long ones of the real file; or invented ones of films, then of games."""
    if folder is None:
        film = draw_reviews("film", USUAL_ROWS, random_state=SEED)
        game = draw_reviews("game", NEW_ROWS, random_state=SEED + 1)
        about = "invented reviews, made from a small grammar; nobody wrote them"
        return stage_of(film, game, usual="film reviews", new="game reviews", about=about, families=FAMILIES)
    reviews = read_reviews(required_file(folder, FILE)).sample(frac=1, random_state=SEED)
    lengths = reviews["text"].str.len()
    short, long = reviews[lengths <= SHORT], reviews[lengths >= LONG]
    about = f"the film reviews of {folder.name}"
    return stage_of(short, long, usual="short reviews", new="long reviews", about=about, families=FAMILIES)


def read_reviews(path: Path) -> pd.DataFrame:
    """The reviews of the file, without repeated texts: `id`, `score` between -4 and 4, `text`."""
    table = pd.read_csv(path, sep="\t", header=None, names=["id", "score", "text"], quoting=3, dtype={"id": str})
    return table.drop_duplicates("text").reset_index(drop=True)
