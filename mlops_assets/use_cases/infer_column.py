"""What one column of a file holds, told from its values and its name, with the reason in words."""

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlops_assets.decode.coerce import coerce, plain_text
from mlops_assets.spec import Column, UseCase

READ_SHARE = 0.99  # so many of the values must be readable for a kind: one typo in a hundred goes to quarantine
ID_SHARE = 0.95
ID_ROWS_MIN = 10
ID_LETTERS_MAX = 64
CODES_MAX = 1000
ALLOWED_MAX = 12
ALLOWED_EACH_MIN = 5
TEXT_WORDS = 4
CATEGORY_SHARE_MAX = 0.5
BLOCKS = 20
MISSING_ROOM = 0.2
ID_NAME = re.compile(r"(^|[_ -])(id|uuid|guid|key)$|[a-z]ID$|[a-z]Id$", re.IGNORECASE)
CODE_NAME = re.compile(r"(^|[_ -])(id|code|type|flag|zip|zipcode|postcode|class|category)$|[a-z]I[dD]$", re.IGNORECASE)
LEADING_ZERO = re.compile(r"-?0\d+")
CLOCK_TEXT = re.compile(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?")
STRAY = ("?", "-", "--", ".", "#N/A", "n/a", "na", "<NA>", "none")
DATES = ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d %b %Y", "%b %d, %Y")
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
HAS_DATE = re.compile(r"\d{1,4}[-/. ]\w{1,9}[-/., ]+\d{1,4}|\d{8}")
SIGNED_NUMBER = re.compile(  # an amount of money, a percentage, or a number in groups of three digits
    r"[€$£¥]\s*-?\d[\d.,' ]*|-?\d[\d.,' ]*\s*[€$£¥%]|-?\d{1,3}([.,' ]\d{3})+([.,]\d+)?"
)
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class InferredColumn:
    """The keys of one column in the spec and why they were chosen.

    Parameters
    ----------
    values : Series
        Its values as the decoder will give them.
    stray : tuple of str
        Texts found in it that must mean missing, beside the usual ones.
    is_clock : bool
        True for texts such as 23:05, a time of day that a date can be joined with.
    """

    spec: dict[str, Any]
    reason: str
    values: pd.Series
    stray: tuple[str, ...] = ()
    is_clock: bool = False


def infer_column(raw: pd.Series, use_case: UseCase) -> InferredColumn:
    """Kind and rules of a column.

    Parameters
    ----------
    raw : Series
        Values as the file's reader gives them.
    use_case : UseCase
        Its format and its texts for missing values are obeyed; nothing else of it is read.
    """
    stray = _stray(raw, use_case)
    use_case = use_case.model_copy(update={"missing": (*use_case.missing, *stray)})
    found = _kind(raw, use_case)
    spec, missing = dict(found.spec), _missing_share_max(found.values)
    if missing is not None and spec["kind"] != "id":
        spec["missing_share_max"] = missing
    share = float(found.values.isna().mean())
    reason = f"{found.reason}, {share:.2%} missing" if share else found.reason
    if spec["kind"] in ("id", "category", "text") and _looks_signed(found.values.dropna()):
        reason += "; looks like numbers with a sign: write them plainly to learn from them"
    return InferredColumn(spec, reason, found.values, stray, found.is_clock)


def _kind(raw: pd.Series, use_case: UseCase) -> InferredColumn:
    texts = _read(raw, Column(kind="text"), use_case)
    present = texts.dropna()
    if present.empty:
        return InferredColumn({"kind": "text", "feature": False}, "has no value", texts)
    if present.nunique() == 1:
        reason = f"always {_shortened(present.iloc[0])}: tells a model nothing"
        return InferredColumn(
            {"kind": "category", "feature": False}, reason, _read(raw, Column(kind="category"), use_case)
        )
    if pd.api.types.is_bool_dtype(raw.dtype) or set(present) <= {"True", "False", "true", "false"}:
        return _category(raw, use_case)
    return _number(raw, present, use_case) or _time(raw, present, use_case) or _words(raw, present, use_case)


def _number(raw: pd.Series, present: pd.Series, use_case: UseCase) -> InferredColumn | None:
    if (
        pd.api.types.is_datetime64_any_dtype(raw.dtype)
        or present.map(lambda text: bool(LEADING_ZERO.fullmatch(text))).any()
    ):
        return None
    values = _read(raw, Column(kind="numeric"), use_case)
    if values.notna().sum() < READ_SHARE * len(present):
        return None
    numbers, name = values.dropna(), str(raw.name)
    is_whole = bool((numbers == numbers.round()).all())
    if is_whole and _is_date_code(name, numbers):
        return None
    if is_whole and _is_number_of_row(numbers):
        return InferredColumn({"kind": "id"}, "numbers the rows", _read(raw, Column(kind="id"), use_case))
    if is_whole and CODE_NAME.search(name):
        return _code(raw, use_case)
    low, high = widened(float(numbers.min()), float(numbers.max()))
    reason = f"{numbers.min():.6g} to {numbers.max():.6g}"
    return InferredColumn({"kind": "numeric", "min": low, "max": high}, reason, values)


def _code(raw: pd.Series, use_case: UseCase) -> InferredColumn:
    """Whole numbers under a name such as zone_id: labels, or numbers of things that come again."""
    values = _read(raw, Column(kind="category"), use_case)
    count = values.nunique()
    if ID_NAME.search(str(raw.name)) and count > CODES_MAX:
        return InferredColumn({"kind": "id"}, f"{count} numbers", _read(raw, Column(kind="id"), use_case))
    return InferredColumn({"kind": "category"}, f"{count} codes, by its name", values)


def _time(raw: pd.Series, present: pd.Series, use_case: UseCase) -> InferredColumn | None:
    if pd.api.types.is_datetime64_any_dtype(raw.dtype):
        values = _read(raw, Column(kind="datetime"), use_case)
        return InferredColumn({"kind": "datetime"}, f"{values.min()} to {values.max()}", values)
    if present.map(lambda text: bool(CLOCK_TEXT.fullmatch(text))).mean() >= READ_SHARE:
        values = _read(raw, Column(kind="text"), use_case)
        return InferredColumn({"kind": "text", "feature": False}, "times of day", values, is_clock=True)
    if present.head(100).map(lambda text: bool(HAS_DATE.search(text))).mean() < READ_SHARE:
        return None
    return _best_date(raw, present, use_case)


def _best_date(raw: pd.Series, present: pd.Series, use_case: UseCase) -> InferredColumn | None:
    forms: list[str | None] = [date + clock for date in DATES for clock in CLOCKS]
    if ISO_DATE.match(str(present.iloc[0])):
        forms = [None, *forms]
    sample = present.drop_duplicates().head(500)
    read = {form: _read(sample, Column(kind="datetime", format=form), use_case).notna().sum() for form in forms}
    best = max(forms, key=lambda form: read[form])
    values = _read(raw, Column(kind="datetime", format=best), use_case)
    if values.notna().sum() < READ_SHARE * len(present):
        return None
    twin = best is not None and best.startswith("%d/%m/%Y") and read.get(best.replace("%d/%m", "%m/%d")) == read[best]
    reason = f"{values.min()} to {values.max()}" + ("; it could be month/day as well: check" if twin else "")
    spec = {"kind": "datetime"} | ({"format": best} if best is not None else {})
    return InferredColumn(spec, reason, values)


def _words(raw: pd.Series, present: pd.Series, use_case: UseCase) -> InferredColumn:
    unique = present.nunique()
    words = present.head(1000).str.split().str.len().mean()
    if words >= TEXT_WORDS:
        reason = f"{words:.0f} words on average"
        return InferredColumn({"kind": "text"}, reason, _read(raw, Column(kind="text"), use_case))
    is_many = len(present) >= ID_ROWS_MIN and unique > ID_SHARE * len(present)
    if is_many and present.str.len().max() <= ID_LETTERS_MAX:
        reason = "one for each row" if unique == len(present) else f"{unique} of {len(present)} differ"
        return InferredColumn({"kind": "id"}, reason, _read(raw, Column(kind="id"), use_case))
    if ID_NAME.search(str(raw.name)) and unique > CODES_MAX:
        return InferredColumn({"kind": "id"}, f"{unique} of them", _read(raw, Column(kind="id"), use_case))
    return _category(raw, use_case)


def _category(raw: pd.Series, use_case: UseCase) -> InferredColumn:
    values = _read(raw, Column(kind="category"), use_case)
    counts = values.value_counts()
    spec: dict[str, Any] = {"kind": "category"}
    if len(counts) > max(ALLOWED_MAX, CATEGORY_SHARE_MAX * counts.sum()):
        spec["feature"] = False
        return InferredColumn(spec, f"{len(counts)} values, most of them once: too many to learn from", values)
    if (
        len(counts) <= ALLOWED_MAX
        and counts.min() >= ALLOWED_EACH_MIN
        and not any("${" in text for text in counts.index)
    ):
        spec["allowed"] = sorted(counts.index)
    return InferredColumn(spec, f"{len(counts)} values, mostly {_shortened(counts.index[0])}", values)


def widened(low: float, high: float) -> tuple[float, float]:
    """A range three times as wide, rounded outwards to two digits; what is never negative stays so.

    Rows outside go to quarantine, where drift cannot be seen: only the impossible should lie there.
    """
    span = high - low or max(abs(high), 1.0)
    unit = 10.0 ** (math.floor(math.log10(3 * span)) - 1)
    bottom = math.floor((low - span) / unit) * unit
    top = math.ceil((high + span) / unit) * unit
    digits = max(0, -math.floor(math.log10(unit)))
    return (0.0 if low >= 0 else round(bottom, digits)), (0.0 if high <= 0 else round(top, digits))


def _looks_signed(texts: pd.Series) -> bool:
    """True for texts such as '1,250.00 €', '12 %' or '1.250.000', which no reader takes for a number."""
    shown = texts.astype(str).str.strip().drop_duplicates().head(1000)
    return len(shown) > 1 and shown.map(lambda text: bool(SIGNED_NUMBER.fullmatch(text))).mean() >= READ_SHARE


def _missing_share_max(values: pd.Series) -> float | None:
    """The share missing in the worst twentieth of the file and some room; None where that is all of it."""
    blocks = [block for block in np.array_split(values.isna().to_numpy(), BLOCKS) if len(block)]
    worst = max((float(block.mean()) for block in blocks), default=0.0)
    limit = math.ceil((worst + MISSING_ROOM) * 20) / 20
    return round(limit, 2) if limit < 1 else None


def _stray(raw: pd.Series, use_case: UseCase) -> tuple[str, ...]:
    """Signs such as '?' that stand in a column of numbers."""
    if raw.dtype != object:
        return ()
    counts = raw.map(lambda value: plain_text(value, numbers_are_codes=False)).value_counts()
    found = tuple(sign for sign in STRAY if sign in counts.index)
    rest = [text for text in counts.index if text not in found and text not in use_case.missing]
    if not found or not rest:
        return ()
    numbers = coerce(pd.Series(rest, dtype=object), Column(kind="numeric"), use_case).values
    return found if numbers.notna().mean() >= READ_SHARE else ()


def _is_number_of_row(numbers: pd.Series) -> bool:
    return len(numbers) >= ID_ROWS_MIN and numbers.is_unique and numbers.max() - numbers.min() + 1 == len(numbers)


def _is_date_code(name: str, numbers: pd.Series) -> bool:
    """Numbers such as 20230131 under a name that speaks of a date."""
    return "date" in name.lower() and bool(numbers.between(19000101, 21001231).all())


def _read(raw: pd.Series, column: Column, use_case: UseCase) -> pd.Series:
    return coerce(raw, column, use_case).values


def _shortened(text: Any) -> str:
    shown = " ".join(str(text).split())
    return repr(shown if len(shown) <= 30 else f"{shown[:27]}...")
