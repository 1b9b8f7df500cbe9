"""A server inside the test, and what is downloaded from it."""

import hashlib
import io
import tarfile
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np

from rectinet.datasets.fetch import Download

CONTENT = np.random.default_rng(0).bytes(3 << 20)


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


class Host:
    """What the server gives: `files` by path; `cuts`, how many bytes the next answers send before they break off."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cuts: list[int] = []
        self.knows_ranges = True
        self.stall_at: int | None = None
        self.released = threading.Event()
        self.asked: list[tuple[str, str | None]] = []  # path, Range header
        self.url = ""


class Handler(BaseHTTPRequestHandler):
    host: Host

    def do_GET(self) -> None:
        asked_range = self.headers["Range"]
        self.host.asked.append((self.path, asked_range))
        content = self.host.files.get(self.path)
        if content is None:
            return self.send_error(404)
        start = 0
        if asked_range and self.host.knows_ranges:
            start = int(asked_range.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                return self.send_error(416)
            self.send_response(206)
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        body = content[start:]
        if self.host.cuts:
            body = body[: self.host.cuts.pop(0)]
        try:
            if self.host.stall_at is not None:
                stop, self.host.stall_at = self.host.stall_at, None
                self.wfile.write(body[:stop])
                self.host.released.wait()
                body = body[stop:]
            self.wfile.write(body)
        except ConnectionError:
            pass  # the client was killed; the test means it
        self.close_connection = True
        return None

    def log_message(self, *_: object) -> None:
        pass


def download(host: Host, *paths: str, content: bytes = CONTENT, target: str = "set/file", **options) -> Download:
    return Download(target, tuple(host.url + path for path in paths), md5(content), **options)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".fetch.lock")


def tar_gz(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()
