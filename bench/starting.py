"""From typing `make run` on a prepared machine until the page answers."""

import asyncio
import os
import signal
import subprocess
import time
from pathlib import Path
from statistics import median

from bench.report import Row
from bench.server import ROOT, answers
from web.running import free_port


async def start_row(var_dir: Path, *, rounds: int) -> Row:
    """The first start prepares the machine: database, tables and demo. It is not counted."""
    await _start(var_dir)
    took = [await _start(var_dir) for _ in range(rounds)]
    seconds = median(took)
    return Row(
        name="start: `make run` on a prepared machine until the page answers",
        figure=seconds,
        unit="s",
        aim="≤ 5 s",
        aim_met=seconds <= 5,
    )


async def _start(var_dir: Path) -> float:
    """Seconds until the front page is there."""
    port = free_port("127.0.0.1", 0)
    outside = {"DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in outside}
    environment |= {"LEDIG_VAR": str(var_dir), "LEDIG_PORT": str(port)}
    with (var_dir.parent / "run.log").open("w") as log:
        started = time.monotonic()
        process = subprocess.Popen(  # noqa: ASYNC220  # it is awaited by asking it
            ["make", "run"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            await answers(port, "/", process)
            return time.monotonic() - started
        finally:
            os.killpg(process.pid, signal.SIGINT)  # Ctrl-C in the terminal is for all of them
            await asyncio.to_thread(process.wait, 30)
