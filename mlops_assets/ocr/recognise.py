"""One page to words, by the engines that are there."""

import resource
from dataclasses import replace

from mlops_assets.ocr.document import Page
from mlops_assets.ocr.engines import ENGINES
from mlops_assets.ocr.engines.engine import Engine, Image
from mlops_assets.ocr.errors import DocumentError
from mlops_assets.spec_documents import Reading


def usable_engines(reading: Reading) -> list[Engine]:
    """The engines that the use case asks for and this machine has, in the order asked for.

    Raises
    ------
    DocumentError
        no_engine, with how to get each.
    """
    found = {name: ENGINES[name].available() for name in reading.engines}
    if not any(one.usable for one in found.values()):
        reasons = "; ".join(f"{name}: {one.sentence}" for name, one in found.items())
        raise DocumentError("no_engine", f"no OCR engine can be used: {reasons}")
    return [ENGINES[name] for name, one in found.items() if one.usable]


def recognise(image: Image, number: int, reading: Reading) -> Page:
    """The page's words.

    Parameters
    ----------
    image
        RGB of shape (height, width, 3).
    number
        Of the page, from 1.
    """
    before = processor_seconds()
    engine = usable_engines(reading)[0]
    words = tuple(engine.read(image, reading.language))
    height, width = image.shape[:2]
    page = Page(number, width, height, words, engine.name, turn=0, skew=0.0, seconds=0.0)
    return replace(page, seconds=processor_seconds() - before)


def processor_seconds() -> float:
    """Processor seconds of this process and of the children it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
