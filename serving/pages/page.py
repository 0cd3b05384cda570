"""What the router's pages share: one frame, one style, and a browser that takes that style and nothing else."""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Response, make_response, render_template, request

from serving.router import Router

HERE = Path(__file__).parent
RENEW_S = 15


class Page:
    """A page of cards, one for each use case, in the frame of page.html.

    Parameters
    ----------
    template : str
        Extends page.html.
    styles : sequence of str
        Files beside this one; `drawn` is the style of its drawings.
    """

    def __init__(self, template: str, styles: Sequence[str], drawn: str) -> None:
        self._template = template
        self._style = "".join((HERE / name).read_text(encoding="utf-8") for name in styles) + drawn
        digest = b64encode(sha256(self._style.encode()).digest()).decode()
        self._security = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"

    def show(self, router: Router, cards: Sequence[Any], **more: Any) -> Response:
        """The answer to this request; `more` is what the template asks for beside the cards."""
        renew_s = 0 if "still" in request.args else RENEW_S
        about = {"now": router.clock(), "style": self._style, "renew_s": renew_s, "path": request.path}
        response = make_response(render_template(self._template, cards=cards, **about, **more))
        response.headers["Content-Security-Policy"] = self._security
        return response
