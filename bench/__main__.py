"""`make bench`: measures, prints the table, and writes var/bench.json. QUICK=1 measures in shorter bursts."""

import logging
import os
import time
from contextlib import ExitStack

import uvloop

from bench.board import board_rows
from bench.database import forget_others, measured, peer_database
from bench.deciding import deciding_row
from bench.engine import engine_rows
from bench.feeds import feed_rows
from bench.importing import importing_rows
from bench.invoicing import invoicing_rows
from bench.login import login_rows
from bench.month import month_row
from bench.queue import queue_rows
from bench.quote import quote_row
from bench.reading import answered, reading_rows
from bench.report import Row, grown, table, write
from bench.server import ROOT
from bench.shape import Shape
from bench.starting import start_row
from bench.webhook import webhook_row
from bench.writing import CREATE, RACE, writing_rows, written
from core.embedded import embedded_postgres
from core.spans import monday_of, utc_now

VAR = ROOT / "var"


def shapes() -> tuple[Shape, Shape]:
    """What is measured, and the same with ten times fewer claims. They move on with the months."""
    anchor = monday_of(utc_now().date().replace(day=7))
    return Shape(23, 2000, 1_300_000, anchor), Shape(23, 2000, 130_000, anchor)


async def measure(server_url: str, *, seconds: float, rounds: int) -> list[Row]:
    """Every row of the table, in its order."""
    began = time.monotonic()
    mine = VAR / "bench"

    def tell(what: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {what}", flush=True)

    tell("data")
    large, small = [await measured(server_url, shape) for shape in shapes()]
    peer_url = await peer_database(server_url)
    await forget_others(server_url, [large.owner_url, small.owner_url, peer_url])
    tell("booking")
    wrote = await written(large, mine, seconds=seconds, rounds=rounds)
    wrote_small = await written(small, mine, seconds=seconds, rounds=rounds)
    tell("booking, libres")
    rows = writing_rows(wrote, peer_url, seconds=seconds, rounds=rounds)
    tell("asking")
    read = await answered(large, mine, seconds=seconds, rounds=rounds)
    read_small = await answered(small, mine, seconds=seconds, rounds=rounds)
    rows += reading_rows(read)
    tell("asking as somebody")
    rows += await login_rows(large, mine, seconds=seconds, rounds=rounds)
    tell("deciding")
    rows.append(await deciding_row(large, mine, rounds=rounds))
    tell("a quote")
    rows.append(await quote_row(large, mine, seconds=seconds, rounds=rounds))
    tell("the board")
    rows += await board_rows(large, mine, seconds=seconds, rounds=rounds)
    tell("the queue")
    rows += await queue_rows(large, mine, seconds=seconds, rounds=rounds)
    tell("a calendar from elsewhere")
    rows += await importing_rows(large, mine, rounds=max(1, rounds // 2))
    tell("invoicing")
    rows += await invoicing_rows(large)
    tell("feeds")
    rows += await feed_rows(server_url, mine, seconds=seconds, rounds=rounds)
    tell("a notice of the payment provider")
    rows.append(await webhook_row(large, mine, rounds=rounds))
    tell("a month")
    rows.append(await month_row(large, peer_url, rounds=rounds))
    tell("the engine")
    rows += engine_rows(rounds=rounds)
    growth = [
        (CREATE, 1000 / wrote.rate, 1000 / wrote_small.rate),
        (RACE, wrote.slowest, wrote_small.slowest),
        *((each.question.name, each.http, few.http) for each, few in zip(read, read_small, strict=True)),
    ]
    rows += [grown(f"growth: {name}", figure, "ms", small=few) for name, figure, few in growth]
    tell("starting")
    rows.append(await start_row(mine / "run", rounds=max(1, rounds // 2)))
    tell("done")
    return rows


def main() -> None:
    logging.getLogger("httpx").setLevel(logging.WARNING)
    is_quick = os.environ.get("QUICK", "") not in {"", "0"}
    with ExitStack() as stack:
        server_url = os.environ.get("DATABASE_URL") or stack.enter_context(
            embedded_postgres(VAR / "bench" / "postgres", durable=True)
        )
        rows = uvloop.run(  # as the server does
            measure(server_url, seconds=1.0 if is_quick else 3.0, rounds=3 if is_quick else 5)
        )
    write(rows, VAR / "bench.json")
    print(table(rows))


if __name__ == "__main__":
    main()
