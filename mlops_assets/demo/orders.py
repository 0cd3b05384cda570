"""Invented orders: parcels, and groceries; every number below was chosen by hand, nobody drove them."""

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

TOWNS = {"north": (28.6, 77.2), "west": (19.1, 72.9), "south": (12.97, 77.6)}  # degrees
KM_A_DEGREE = 111.2
PARCELS = ("Books", "Clothing", "Electronics", "Shoes", "Toys")
WEATHER = {"Sunny": -8.0, "Cloudy": 0.0, "Windy": 3.0, "Stormy": 8.0, "Fog": 12.0}  # minutes that it adds
TRAFFIC = {"Low": 0.0, "Medium": 8.0, "High": 16.0, "Jam": 30.0}
VEHICLES = {"motorcycle": -6.0, "scooter": 0.0, "van": 6.0}
BICYCLE = {"bicycle": -35.0}  # what it carries is packed at once
RUSH = (18, 2.5)  # o'clock of the rush, and its standard deviation in hours
NOISE = 8.0
SHORTEST, LONGEST = 10.0, 270.0  # minutes


def draw_orders(first: date, days: int, n_rows: int, *, groceries: float, random_state: int) -> pd.DataFrame:
    """Invented orders with the columns of `delivery_time` and its minutes, in the order of time.

    Parameters
    ----------
    first, days : the orders are spread evenly over so many days from this one
    groceries : share (0..1) of orders that bring groceries by bicycle from a shop nearby, in a fraction of the time
    random_state : seed; the same seed gives the same rows
    """
    rng = np.random.default_rng(random_state)
    day = np.sort(rng.integers(0, days, n_rows))
    minute = rng.integers(9 * 60, 23 * 60, n_rows)
    at = pd.Timestamp(first) + pd.to_timedelta(day, unit="D") + pd.to_timedelta(minute, unit="min")
    order = np.argsort(at, kind="stable")
    at = at[order]
    is_grocery = rng.random(n_rows) < groceries
    weekend = at.weekday.to_numpy() >= 5
    traffic = _traffic(at, weekend, rng)
    weather = rng.choice(list(WEATHER), n_rows)
    vehicle = np.where(is_grocery, "bicycle", rng.choice(list(VEHICLES), n_rows, p=(0.55, 0.35, 0.1)))
    age, rating = rng.integers(18, 41, n_rows), np.clip(rng.normal(4.6, 0.3, n_rows), 2.5, 5).round(1)
    waiting = rng.choice([5, 10, 15], n_rows)
    km = np.where(is_grocery, rng.uniform(0.5, 3, n_rows), rng.uniform(2, 18, n_rows))
    minutes = _added(WEATHER, weather) + _added(TRAFFIC, traffic) + _added(VEHICLES | BICYCLE, vehicle)
    minutes += 45 + 3.2 * km + 0.6 * (age - 29) - 18 * (rating - 4.6) - 8 * weekend + rng.normal(0, NOISE, n_rows)
    store, drop = _places(km, rng)
    pickup = at + pd.to_timedelta(waiting, unit="min")
    return pd.DataFrame(
        {
            "Order_ID": [f"made-{random_state}-{row:05d}" for row in range(n_rows)],
            "Agent_Age": age,
            "Agent_Rating": rating,
            "Store_Latitude": store[0],
            "Store_Longitude": store[1],
            "Drop_Latitude": drop[0],
            "Drop_Longitude": drop[1],
            "Order_Date": at.strftime("%Y-%m-%d"),
            "Order_Time": at.strftime("%H:%M:%S"),
            "Pickup_Time": pickup.strftime("%H:%M:%S"),
            "Weather": weather,
            "Traffic": traffic,
            "Vehicle": vehicle,
            "Area": rng.choice(["Metropolitian", "Urban", "Other"], n_rows, p=(0.7, 0.25, 0.05)),
            "Category": np.where(is_grocery, "Grocery", rng.choice(PARCELS, n_rows)),
            "Delivery_Time": np.clip(minutes, SHORTEST, LONGEST).round(),
        }
    )


def _traffic(at: pd.DatetimeIndex, weekend: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.str_]:
    """Dense around the rush of a working day, light at other hours."""
    clock, spread = RUSH
    hours = at.hour.to_numpy() + at.minute.to_numpy() / 60
    density = np.exp(-(((hours - clock) / spread) ** 2) / 2) * np.where(weekend, 0.5, 1.0)
    level = np.clip(density * 4 + rng.normal(0, 0.6, len(at)), 0, 3.99).astype(int)
    names: NDArray[np.str_] = np.array(list(TRAFFIC))[level]
    return names


def _added(minutes: dict[str, float], names: NDArray[np.str_]) -> NDArray[np.float64]:
    return np.array([minutes[name] for name in names.tolist()])


def _places(km: NDArray[np.float64], rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Store and drop in degrees, shape (2, n_rows) each, `km` apart in a random direction."""
    towns = np.array(list(TOWNS.values()))[rng.integers(0, len(TOWNS), len(km))].T
    store = towns + rng.normal(0, 0.02, towns.shape)
    angle = rng.uniform(0, 2 * np.pi, len(km))
    north, east = km * np.cos(angle), km * np.sin(angle) / np.cos(np.radians(store[0]))
    drop = store + np.array([north, east]) / KM_A_DEGREE
    return store.round(6), drop.round(6)
