"""The program behind a real socket of this machine, for clients that speak only HTTP."""

import os
import socket
import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from core.settings import Settings
from tests.conftest import ROOT, Urls
from tests.leaks import national_numbers
from web.running import granian


@contextmanager
def serving(
    urls: Urls,
    log: Path,
    *,
    workers: int = 1,
    environment: Mapping[str, str] | None = None,
    knows_its_port: bool = False,
) -> Generator[str, None, None]:
    """Its address, while granian serves it as the runner would. With no limits, unless the environment says so.

    With `knows_its_port`, whole addresses that it writes lead to where it is; else to port 8000.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {"DATABASE_URL": urls.program, "DATABASE_OWNER_URL": urls.owner, "LEDIG_LIMITS": "off"}
    if knows_its_port:
        given["LEDIG_PORT"] = str(port)
    with log.open("wb") as output:
        process = subprocess.Popen(
            granian(Settings(web_workers=workers), port),
            cwd=ROOT,
            env={**os.environ, **given, **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, process, log)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=60)
    assert not national_numbers(log.read_text(errors="replace")), "the server logged a national number"


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 90  # on a machine with much else to do
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{address}/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())
