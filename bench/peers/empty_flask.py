"""A Flask application with one route that does nothing: what the server and Flask cost by themselves."""

from flask import Flask

app = Flask(__name__)


@app.post("/")
def nothing() -> bytes:
    """An empty answer."""
    return b""
