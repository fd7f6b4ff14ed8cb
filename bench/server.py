"""The program, served as `make run` serves it: granian with its workers, on a database to measure."""

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bench.client import Client
from core.settings import LIMITED, Settings
from web.running import free_port, granian

ROOT = Path(__file__).resolve().parent.parent
WORKERS = 2
START_SECONDS = 60.0
NEVER_REACHED = 1_000_000
"""Requests a minute: limits are there, and cost what they cost, but the one client that measures is not stopped."""


@asynccontextmanager
async def served(
    program_url: str, var_dir: Path, *, instead: str | None = None, told: Mapping[str, str] | None = None
) -> AsyncGenerator[int, None]:
    """The port on which the program answers, or another `instead` of it, which is told something by its environment."""
    port = free_port("127.0.0.1", 0)
    settings = Settings(port=port, var_dir=var_dir, web_workers=WORKERS, log_level="warning")
    environment = {
        **os.environ,
        "DATABASE_URL": program_url,
        "DATABASE_OWNER_URL": "",
        "LEDIG_VAR": str(var_dir),
        "LEDIG_LIMITS": ",".join(f"{kind}={NEVER_REACHED}" for kind in LIMITED),
        **(told or {}),
    }
    command = granian(settings, port)
    if instead is not None:
        command[-1] = instead
    with (var_dir / "server.log").open("w") as log:
        process = subprocess.Popen(  # noqa: ASYNC220  # it is awaited by asking it
            command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            await answers(port, "/health/ready", process)
            yield port
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 20)


async def answers(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    """Waits until the page is there. Raises when the program has ended or takes too long."""
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at and process.poll() is None:
        client = Client(port)
        try:
            if (await client.ask(client.get(path)))[0] == 200:
                return
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            await client.close()
        await asyncio.sleep(0.02)
    raise RuntimeError(f"the server does not answer: see {ROOT / 'var' / 'bench' / 'server.log'}")
