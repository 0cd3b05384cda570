import numpy as np
import pytest

from mlops_assets.demo.grammar import DEGREES, THINGS, WORDS, draw_reviews


@pytest.mark.parametrize("domain", WORDS)
def test_ratings_lie_on_the_scale_on_both_sides_of_nought(domain):
    scores = draw_reviews(domain, 500, random_state=1)["score"]
    assert scores.between(-4, 4).all()
    assert 0.3 < (scores > 0).mean() < 0.7


def test_the_same_seed_gives_the_same_reviews_and_another_gives_others():
    first, again, other = (draw_reviews("film", 50, random_state=seed)["text"].tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_rating_is_the_mean_of_strength_times_degree():
    reviews = draw_reviews("film", 400, random_state=3)
    # 'The plot is hardly dreadful.': -4 times -0.4 is 1.6; noise of deviation 0.4 stays
    expected = []
    for text in reviews["text"]:
        claims = [sentence.rpartition(" is ")[2].rstrip(".") for sentence in text.split(". ")]
        strengths = [
            WORDS["film"][claim.split()[-1]] * DEGREES["".join(word + " " for word in claim.split()[:-1])]
            for claim in claims
        ]
        expected.append(np.clip(np.mean(strengths), -4, 4))
    errors = reviews["score"] - expected
    assert abs(errors.mean()) < 0.08
    assert errors.std() == pytest.approx(0.4, abs=0.06)


def test_the_two_domains_share_no_word_of_sentiment_and_no_thing():
    assert not set(WORDS["film"]) & set(WORDS["game"])
    assert not set(THINGS["film"]) & set(THINGS["game"])
