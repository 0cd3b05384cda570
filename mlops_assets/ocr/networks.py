"""The PP-OCR networks of RapidOCR's wheel: find lines, cut them, tell their direction, recognise them; one thread."""

from functools import cache
from typing import Any

import cv2
import numpy as np

from mlops_assets.ocr.image import Image, Quads
from mlops_assets.ocr.path import likeliest
from mlops_assets.ocr.spacing import Glyph

SETTINGS = {
    "Global.log_level": "error",
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    # Pages come at the size they shall be looked at: a small one is not made larger.
    "Det.limit_type": "max",
    "Det.limit_side_len": 1280,
    "Det.unclip_ratio": 1.5,
    # Each line at its own width: padding lines to a common one nearly doubles what they cost.
    "Rec.rec_batch_num": 1,
    "Rec.rec_img_shape": [3, 48, 96],
}


@cache
def networks() -> Any:
    """The networks, loaded once a process."""
    from rapidocr import RapidOCR

    return RapidOCR(params=SETTINGS)


def warm() -> None:
    """Load every network now, so that the first page costs no more than the next."""
    blank = np.full((64, 64, 3), 255, np.uint8)
    detect(blank)
    stands_on_head(blank)
    recognise(blank)


def detect(image: Image) -> Quads:
    """Lines of text of a page: corners of shape (n_lines, 4, 2), clockwise from the top left, x before y."""
    found = networks()(image[:, :, ::-1], use_det=True, use_cls=False, use_rec=False)
    boxes = getattr(found, "boxes", None)
    return np.zeros((0, 4, 2), np.float32) if boxes is None else np.asarray(boxes, np.float32)


def cut(image: Image, quad: Quads) -> Image:
    """The line inside one quad of shape (4, 2), pulled straight."""
    across = max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[3] - quad[2]))
    down = max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2]))
    size = (max(round(float(across)), 1), max(round(float(down)), 1))
    target = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    straight = cv2.getPerspectiveTransform(quad, target)
    line = cv2.warpPerspective(image, straight, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(line, np.uint8)


def stands_on_head(line: Image) -> bool:
    """True where the line is upside down, as far as the network can tell."""
    found = networks()(line[:, :, ::-1], use_det=False, use_cls=True, use_rec=False)
    return bool(found.cls_res[0][0] == "180")


def recognise(line: Image) -> list[Glyph]:
    """Characters of one line, from left to right."""
    recogniser = _recogniser()
    _, height, narrowest = recogniser.rec_image_shape
    ratio = line.shape[1] / line.shape[0]
    whole = max(ratio, narrowest / height)  # a narrower line is padded to this
    (chances,) = recogniser.session(recogniser.resize_norm_img(line[:, :, ::-1], whole)[None])
    return likeliest(chances, recogniser.postprocess_op.character, ratio / whole)


@cache
def _recogniser() -> Any:
    """RapidOCR's recogniser, which its front loads with the first line and then hides what is no text."""
    networks()(np.full((48, 96, 3), 255, np.uint8), use_det=False, use_cls=False, use_rec=True)
    return networks().text_rec
