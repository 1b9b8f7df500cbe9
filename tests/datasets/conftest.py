"""What the tests of downloads share."""

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest

from .served import Handler, Host


@pytest.fixture
def host(monkeypatch) -> Iterator[Host]:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    host = Host()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OwnHandler", (Handler,), {"host": host}))
    server.daemon_threads = False
    host.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield host
    host.released.set()
    server.shutdown()
    thread.join()
    server.server_close()
