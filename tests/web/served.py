"""The program behind a real socket of this machine, for clients that speak only HTTP."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.conftest import ROOT, Urls


@contextmanager
def serving(urls: Urls, log: Path) -> Generator[str, None, None]:
    """Its address, while granian serves it with one worker."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--host", "127.0.0.1"]
    environment = {**os.environ, "DATABASE_URL": urls.program, "DATABASE_OWNER_URL": urls.owner}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--port", str(port), "web.app:from_environment"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, process, log)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{address}/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())
