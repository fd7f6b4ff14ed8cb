"""Foreign calendars are read in a process of their own: none can raise, hang or fill the program."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from zoneinfo import ZoneInfo

import msgspec

from calendar_feeds.incoming import reader
from calendar_feeds.incoming.foreign import nothing
from calendar_feeds.incoming.occurrence import LIMITS, ForeignCalendar, ReadLimits
from core.spans import Span

STARTING_SECONDS = 10.0
"""For the process to begin and end, on a busy machine."""
ANSWER_BYTES = 64_000_000
"""Of JSON: no reading within the limits comes near."""


async def parse_apart(
    text: bytes, window: Span, zone: ZoneInfo, limits: ReadLimits = LIMITS
) -> ForeignCalendar:
    """As `foreign.read`, whatever the text; what the process does not survive is a problem of the calendar.

    The process knows nothing of the program but its code: no environment, no files, no connection.
    """
    if len(text) > limits.text_bytes:
        return nothing("too_large")
    order = reader.Order(start=window.start, end=window.end, zone=zone.key, limits=limits)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-m", reader.__name__, stdin=PIPE, stdout=PIPE, stderr=asyncio.subprocess.DEVNULL, env={}
    )  # fmt: skip
    try:
        async with asyncio.timeout(limits.patience_seconds + STARTING_SECONDS):
            answer = await _asked(process, msgspec.json.encode(order) + b"\n" + text)
            status = await process.wait()
    except TimeoutError:
        return nothing("too_slow")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if status == 0 and len(answer) <= ANSWER_BYTES:
        return msgspec.json.decode(answer, type=ForeignCalendar)
    if status in {-signal.SIGXCPU, -signal.SIGKILL}:
        return nothing("too_slow")
    return nothing("reader_died")


async def _asked(process: Process, order: bytes) -> bytes:
    """What it says to the order; more than ANSWER_BYTES: cut off, and the process left standing."""
    assert process.stdin is not None
    assert process.stdout is not None
    telling = asyncio.create_task(_tell(process.stdin, order))
    try:
        answer = bytearray()
        while len(answer) <= ANSWER_BYTES and (part := await process.stdout.read(1 << 20)):
            answer += part
        return bytes(answer)
    finally:
        telling.cancel()


async def _tell(stdin: asyncio.StreamWriter, order: bytes) -> None:
    try:
        stdin.write(order)
        await stdin.drain()
        stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        return  # it has ended: what it said, or did not say, tells why
