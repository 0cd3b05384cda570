from dataclasses import replace

from mlops_assets.ocr import edition as room
from mlops_assets.ocr.edition import edition
from mlops_assets.ocr.engines import ENGINES
from mlops_assets.ocr.engines.engine import Availability
from mlops_assets.spec import Reading

RAPID = Reading(engines=("rapidocr",))


def test_one_edition_stays_itself():
    assert edition(RAPID) == edition(Reading(engines=("rapidocr",)))


def test_settings_make_an_edition():
    assert edition(RAPID) != edition(Reading(engines=("rapidocr",), dpi=150))


def test_a_newer_engine_makes_an_edition(monkeypatch):
    before = edition(RAPID)
    monkeypatch.setitem(ENGINES, "rapidocr", replace(ENGINES["rapidocr"], version=lambda: "rapidocr 99"))
    assert edition(RAPID) != before


def test_an_engine_that_is_not_there_makes_an_edition_and_is_not_asked(monkeypatch):
    def never() -> str:
        raise AssertionError("asked for the version of what is not there")

    before = edition(RAPID)
    gone = replace(ENGINES["rapidocr"], available=lambda: Availability(False, "gone"), version=never)
    monkeypatch.setitem(ENGINES, "rapidocr", gone)
    assert edition(RAPID) != before


def test_changed_code_makes_an_edition(monkeypatch, tmp_path):
    monkeypatch.setattr(room, "files", lambda _: tmp_path)
    (tmp_path / "order.py").write_text("a = 1")
    before = edition(RAPID)
    (tmp_path / "order.py").write_text("a = 2")
    assert edition(RAPID) != before


def test_the_engines_tell_their_versions():
    versions = {name: engine.version() for name, engine in ENGINES.items() if engine.available().usable}
    assert versions["rapidocr"].startswith("rapidocr 3")
    assert versions.get("tesseract", "tesseract").startswith("tesseract")
