import numpy as np
import pandas as pd
import pytest

from mlops_assets.decode.derive import TAKE, derive
from mlops_assets.spec import Column
from mlops_assets.spec.tables import TAKES

MOMENT = pd.Series(pd.to_datetime(["2024-02-29T23:45:30", None]))


def test_every_derivation_of_the_spec_is_built() -> None:
    assert set(TAKE) == set(TAKES)


def take(name: str, *sources: pd.Series) -> list:
    frame = pd.DataFrame({f"source_{number}": source for number, source in enumerate(sources)})
    column = Column.model_validate({"kind": TAKES[name][1], "derive": {"take": name, "of": list(frame.columns)}})
    return derive(frame, {"x": column})["x"].tolist()


@pytest.mark.parametrize(
    ("name", "value"),
    # 29 February 2024 was a Thursday, which is day 3 of a week that starts with Monday as 0; 23 * 60 + 45 = 1425.
    # It was day 31 + 29 = 60 of the year.
    [
        ("hour", 23),
        ("minute_of_day", 1425),
        ("weekday", 3),
        ("day_of_month", 29),
        ("month", 2),
        ("day_of_year", 60),
        ("is_weekend", 0),
    ],
)
def test_parts_of_a_moment(name: str, value: float) -> None:
    first, second = take(name, MOMENT)
    assert first == value
    assert np.isnan(second)


@pytest.mark.parametrize(
    ("name", "moment", "share"),
    [
        ("day", "2024-02-29T06:00", 0.25),
        ("day", "2024-02-29T00:00", 0.0),
        ("week", "2024-02-26T00:00", 0.0),  # a Monday
        ("week", "2024-02-29T12:00", 0.5),  # three and a half days later
        ("year", "2024-07-02T00:00", 0.5),  # 31 + 29 + 31 + 30 + 31 + 30 + 1 = 183 of 366 days are over
        ("year", "2023-07-02T12:00", 0.5),  # 182.5 of 365
    ],
)
def test_cycles_are_points_on_a_circle(name: str, moment: str, share: float) -> None:
    times = pd.Series(pd.to_datetime([moment, None]))
    sine, cosine = take(f"time_of_{name}_sin", times), take(f"time_of_{name}_cos", times)
    assert sine[0] == pytest.approx(np.sin(2 * np.pi * share))
    assert cosine[0] == pytest.approx(np.cos(2 * np.pi * share))
    assert np.isnan([sine[1], cosine[1]]).all()


def test_the_weekend_is_saturday_and_sunday() -> None:
    days = pd.Series(pd.to_datetime(["2024-03-01", "2024-03-02", "2024-03-03", "2024-03-04"]))
    assert take("is_weekend", days) == [0, 1, 1, 0]


def test_midnight_lies_beside_the_minute_before_it() -> None:
    times = pd.Series(pd.to_datetime(["2024-12-31T23:59", "2025-01-01T00:01"]))
    for name in ("day", "year"):
        first, second = (np.array(take(f"time_of_{name}_{of}", times)) for of in ("sin", "cos"))
        assert np.hypot(np.diff(first), np.diff(second))[0] < 0.01


def test_a_day_and_a_time_of_day_make_a_moment() -> None:
    days = pd.Series(
        pd.to_datetime(["2024-02-29T08:00", "2024-02-29", "2024-02-29", "2024-02-29", None], format="ISO8601")
    )
    clocks = pd.Series(["23:05:59", " 7:30", "24:00:00", None, "10:00"])
    assert [str(value) for value in take("joined", days, clocks)] == [
        "2024-02-29 23:05:59",
        "2024-02-29 07:30:00",
        "NaT",
        "NaT",
        "NaT",
    ]


def test_a_day_joined_with_nothing_but_missing_times_is_missing() -> None:
    assert take("joined", MOMENT, pd.Series([None, None], dtype=object)) == [pd.NaT, pd.NaT]


def test_a_day_written_as_text_can_be_joined() -> None:
    assert take("joined", pd.Series(["2024-02-29"]), pd.Series(["10:00"])) == [pd.Timestamp("2024-02-29T10:00")]


def test_minutes_between_centuries_are_counted() -> None:
    """From 1700 to 2200 are 500 * 365 days, and 121 leap days: one in four years, but for 1700, 1800, 1900 and 2100."""
    first, last = (pd.Series(pd.to_datetime([day, None])) for day in ("1700-01-01", "2200-01-01"))
    found = take("minutes_between", first, last)
    assert found[0] == (500 * 365 + 121) * 1440
    assert np.isnan(found[1])


def test_minutes_between_are_negative_backwards_and_a_clock_goes_on_past_midnight() -> None:
    evening, night = pd.Series(pd.to_datetime(["2024-02-29T23:50"])), pd.Series(pd.to_datetime(["2024-02-29T00:05"]))
    # From 23:50 to 00:05 of the same day: -(23 h 45 min) = -1425 min; the clock shows 15 min.
    assert take("minutes_between", evening, night) == [-1425]
    assert take("clock_minutes_between", evening, night) == [15]


def test_distance_of_known_points() -> None:
    latitudes, longitudes = pd.Series([0.0, 0.0, 52.0]), pd.Series([0.0, 0.0, 13.0])
    found = take("haversine_km", latitudes, longitudes, pd.Series([0.0, 0.0, 52.0]), pd.Series([1.0, 180.0, 13.0]))
    # One degree on the equator: pi / 180 * 6371.0088 = 111.1951 km; half way round: pi * 6371.0088 = 20015.115 km.
    np.testing.assert_allclose(found, [111.19508, 20015.1147, 0.0], atol=1e-3)


def test_a_column_whose_source_is_absent_stays_away() -> None:
    column = Column.model_validate({"kind": "numeric", "derive": {"take": "hour", "of": ["ordered"]}})
    assert list(derive(pd.DataFrame({"a": [1]}), {"x": column}).columns) == ["a"]


def test_the_frame_given_is_not_changed() -> None:
    frame = pd.DataFrame({"at": MOMENT})
    column = Column.model_validate({"kind": "numeric", "derive": {"take": "hour", "of": ["at"]}})
    assert "x" in derive(frame, {"x": column}).columns
    assert list(frame.columns) == ["at"]
