"""How every picture is begun and ended: in our own style, whatever a library has set, and without global state."""

import functools
import io
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def in_own_style(draw: Callable[P, T]) -> Callable[P, T]:
    """A drawing function under Matplotlib's defaults; libraries of the training engines change them when imported."""

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> T:
        import matplotlib as mpl

        with mpl.rc_context():
            mpl.rcdefaults()
            return draw(*args, **kwargs)

    return drawn


def new_figure(width: float, height: float, title: str = "") -> tuple[Any, Any]:
    """A figure of this size in inches and its one pair of axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    if title:
        axes.set_title(title, loc="left", fontsize=11)
    return figure, axes


def to_png(figure: Any, dpi: int = 110) -> bytes:
    """The picture's bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return buffer.getvalue()
