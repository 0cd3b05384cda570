"""What uploads must withstand, over real sockets: floods, bombs, and files that are not what they say."""

import socket
import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import requests
from ports import free_port
from real_router import is_alive, router

from mlops_assets.ocr.recognise import usable_engines
from mlops_assets.spec.documents import Reading
from resources.state.migrate import migrate
from tests.mlops_assets.ocr.drawn import draw, encode

pytestmark = pytest.mark.slow

MB = 2**20
BOUNDARY = "b0undary"
START = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="scan.png"\r\n'
    "Content-Type: image/png\r\n\r\n"
).encode()
END = f"\r\n--{BOUNDARY}--\r\n".encode()
GOOD = encode(draw(("Invoice 4711", "Total 128.50")))


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A home without models, and a folder for the router's temporary files."""
    home = tmp_path_factory.mktemp("home")
    (home / "tmp").mkdir()
    migrate(f"sqlite:///{home / 'state.db'}")
    (home / ".ready").touch()
    return home


@pytest.fixture(scope="module")
def served(home) -> Iterator[tuple[int, psutil.Process]]:
    """Port and worker of a router."""
    port = free_port()
    with router(home, port, is_alive, TMPDIR=str(home / "tmp")) as process:
        yield port, max(psutil.Process(process.pid).children(), key=lambda one: one.memory_info().rss)


def ask(port: int, parts: Iterator[bytes], *headers: str, path: str = "/upload") -> int:
    """Status of the answer to a body that is sent until it ends, or until the router hangs up."""
    kind = f"Content-Type: multipart/form-data; boundary={BOUNDARY}"
    head = "\r\n".join((f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", kind, *headers))
    with socket.create_connection(("127.0.0.1", port), timeout=600) as client:
        client.sendall(head.encode() + b"\r\n\r\n")
        said = b""
        with suppress(OSError):
            for part in parts:
                client.sendall(part)
        with suppress(OSError):
            while len(said) < 12 and (block := client.recv(65536)):
                said += block
    return int(said[9:12] or 0)


def large(size: int) -> Iterator[bytes]:
    yield START
    for _ in range(size // MB):
        yield b"\0" * MB
    yield END


def endless() -> Iterator[bytes]:
    """Chunks without an end, for as long as somebody takes them; 256 MB at most."""
    yield b"%x\r\n%s\r\n" % (len(START), START)
    for _ in range(256):
        yield b"%x\r\n" % MB + b"\0" * MB + b"\r\n"


def whole(body: bytes) -> tuple[Iterator[bytes], str]:
    return iter([body]), f"Content-Length: {len(body)}"


def many_parts(count: int) -> bytes:
    field = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="f"\r\n\r\n1\r\n'.encode()
    return field * count + f"--{BOUNDARY}--\r\n".encode()


def near_boundaries() -> bytes:
    """A file of beginnings of the boundary, none of which is one."""
    return START + f"\r\n--{BOUNDARY[:-1]}".encode() * (4 * MB // 12) + END


def test_no_flood_fills_the_memory_or_the_disk(served, home):
    port, worker = served
    assert ask(port, *whole(START + b"no scan" + END)) == 415  # what is loaded late is loaded now
    before = worker.memory_info().rss
    size = f"Content-Length: {len(START) + 64 * MB + len(END)}"
    with ThreadPoolExecutor(4) as pool:
        floods = [pool.submit(ask, port, large(64 * MB), size) for _ in range(4)]
        chunked = pool.submit(ask, port, endless(), "Transfer-Encoding: chunked")
        statuses = [flood.result() for flood in floods]
    assert set(statuses) <= {413, 0}, statuses  # 0: hung up while the body was still coming
    assert chunked.result() in (413, 400, 0)
    assert ask(port, iter([]), size) == 413  # told before the body is read
    assert ask(port, *whole(many_parts(5_000))) == 413
    assert ask(port, *whole(near_boundaries())) in (413, 415)
    assert ask(port, *whole(START * 10_000)) in (400, 413, 422)
    assert worker.is_running()
    assert worker.memory_info().rss - before < 100 * MB
    assert list((home / "tmp").iterdir()) == []
    staged = [path for path in (home / "lake").rglob("*") if path.is_file()] if (home / "lake").exists() else []
    assert staged == []
    assert is_alive(port)


def png(width: int, height: int) -> bytes:
    """One bit a pixel, all of them the same, so that few bytes unpack to many."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer, row, packed = zlib.compressobj(9), b"\0" * (width // 8 + 2), b""
    for _ in range(min(height, 2000)):  # more rows would be read by nobody
        packed += packer.compress(row)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed + packer.flush()) + chunk(b"IEND", b"")


BOMBS: dict[str, tuple[bytes, int]] = {
    "a PNG of 50,000 by 50,000": (png(50_000, 50_000), 422),
    "an animated GIF": (b"GIF89a" + b"\x01\0\x01\0\x80\0\0" + b"\0" * 1000, 415),
    "a FITS file in gzip": (b"\x1f\x8b\x08\0" + zlib.compress(b"SIMPLE  =                    T" * 1000), 415),
    "a TIFF whose tiles are no tiles": (b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * 2000, 422),
    "a BigTIFF": (b"II+\0\x08\0\0\0" + b"\0" * 100, 415),
    "a script that begins as a PDF": (b"%PDF-1.7\n<script>alert(1)</script>", 422),
    "a PDF cut short": (b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R", 422),
    "a JPEG cut short": (b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0", 422),
    "a program called scan.png": (b"MZ\x90\0" + b"\0" * 500, 415),
    "a web page called scan.png": (b"<!doctype html><script>alert(1)</script>", 415),
    "eight MB behind the first bytes of a PNG": (GOOD[:8] + bytes(range(256)) * (8 * MB // 256), 422),
    "half a good scan": (GOOD[: len(GOOD) // 2], 422),
}


@pytest.mark.skipif(not usable_engines(Reading()), reason="no OCR engine is installed")
def test_bombs_and_files_that_lie_end_no_worker_and_the_next_good_file_is_read(served):
    port, worker = served
    address = f"http://127.0.0.1:{port}"
    for name, (data, status) in BOMBS.items():
        answer = requests.post(f"{address}/upload", files={"file": ("scan.png", data)}, timeout=600)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), name
        assert answer.json()["errors"][0]["problem"], name
    assert worker.is_running()
    answer = requests.post(f"{address}/upload", files={"file": ("scan.png", GOOD)}, timeout=600)
    assert answer.status_code == 200, answer.text
    assert "128.50" in answer.json()["reading"]["text"]
    again = requests.post(f"{address}/upload", files={"file": ("scan.png", GOOD)}, timeout=600).json()
    assert again["known"]
    counted = requests.get(f"{address}/metrics", timeout=600).text
    assert 'mlops_refusals_total{reason="document:unsupported_type"' in counted
