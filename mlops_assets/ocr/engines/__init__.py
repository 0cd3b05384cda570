from mlops_assets.ocr.engines import rapidocr, tesseract
from mlops_assets.ocr.engines.engine import Engine

ENGINES: dict[str, Engine] = {
    "tesseract": tesseract.ENGINE,
    "rapidocr": rapidocr.ENGINE,
}
