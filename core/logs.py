"""What the program says about itself, on standard error: nothing in it tells who somebody is, or opens a door.

What is logged holds no national number and no secret in the first place. This is the wall behind that.
"""

import logging
import re
from collections.abc import Iterator

FORM = "%(levelname)s %(name)s %(message)s"
MASK = "***"
KINDS = (
    # A token of OpenID Connect (a JWT).
    r"(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*",
    # What an address or header calls a secret.
    r"(?i:(?<=code=)|(?<=state=)|(?<=token=)|(?<=nonce=)|(?<=hint=)|(?<=assertion=)|(?<=bearer ))[^\s&\"'<>]+",
    # The name and password in an address.
    r"(?<=://)[^\s/@]+:[^\s/@]+(?=@)",
    r"ledig_[\w-]{20,}",
    # What webhooks are signed with, in base64; keys of the payment provider.
    r"whsec_[\w+/=-]{20,}",
    r"(?<!\w)[sr]k_(?:test|live)_\w{8,}",
    # Random bytes as `secrets.token_urlsafe` writes them: logins, invitations, feeds.
    r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*[0-9])[\w-]{40,90}(?![\w-])",
    # What stands in the secret address of a calendar, or in a link that hands it on.
    r"(?i:(?<=/ical/t/)|(?<=/caldav/t/)|(?<=%2Fical%2Ft%2F)|(?<=%2Fcaldav%2Ft%2F))[^\s/?#&%\"'<>]+",
    r"(?<=\.)[\w-]{22}(?=\.ics(?![\w-]))",
    # Eleven figures that stand alone, whether or not they are a national number.
    r"(?<![\w+-])(?<!\w\.)[0-9]{6}[ -]?[0-9]{5}(?![\w-])(?!\.\w)",
)
TELLING = re.compile("|".join(KINDS), re.ASCII)


def masked(text: str) -> str:
    """The text with stars for whatever looks like a national number or a secret."""
    return TELLING.sub(MASK, text)


class Masking(logging.Formatter):
    """Another formatter's lines, tracebacks included, masked."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        return masked(self._inner.format(record))


def tell(level: str) -> None:
    """From now on this process logs, and masks what it logs; so do libraries that have begun to log already."""
    logging.basicConfig(level=level.upper(), format=FORM)
    for handler in _handlers():
        if not isinstance(handler.formatter, Masking):
            handler.setFormatter(Masking(handler.formatter or logging.Formatter()))
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for name in ("httpx", "stripe"):
        logging.getLogger(name).setLevel(logging.WARNING)  # they tell of every call


def _handlers() -> Iterator[logging.Handler]:
    yield from logging.root.handlers
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            yield from logger.handlers
