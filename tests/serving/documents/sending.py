"""Documents as a client sends them, and the rows that they leave."""

import io

import sqlalchemy as sa
from fake_reader import scan


def sent(*texts: str, **fields: str) -> dict:
    files = [(io.BytesIO(scan(text)), f"{number}.png") for number, text in enumerate(texts)]
    return {"data": {"file": files, **fields}, "content_type": "multipart/form-data"}


def raw(**fields: str) -> dict:
    """A form as bytes; the client's own way would put a large one into a file that it leaves open."""
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}' for name, text in fields.items()]
    return {"data": "\r\n".join([*parts, "--b--\r\n"]).encode(), "content_type": "multipart/form-data; boundary=b"}


def upload(client, *texts, **fields):
    return client.post("/upload", **sent(*texts, **fields))


def rows(state, table) -> list[dict]:
    with state.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]
