"""National numbers of nobody: month + 40 (NAV) or + 80 (Tenor), check figures right."""

import itertools

from stdnum.no import fodselsnummer


def synthetic(nth: int, *, add: int = 80) -> str:
    """The nth one, the same each time."""
    found = itertools.islice(_made(add), nth, None)
    return next(found)


def _made(add: int) -> "itertools.chain[str]":
    return itertools.chain.from_iterable(_of_day(day, add) for day in range(1, 29))


def _of_day(day: int, add: int) -> list[str]:
    numbers: list[str] = []
    for individual in range(100, 499):
        begin = f"{day:02}{1 + add:02}70{individual}"
        first = fodselsnummer.calc_check_digit1(begin)
        second = fodselsnummer.calc_check_digit2(begin + first)
        if len(first + second) == 2:
            numbers.append(begin + first + second)
    return numbers
