"""The municipality of tests/booking, and the program on a real socket."""

from collections.abc import Generator

import pytest

from tests.booking.conftest import town as town
from tests.conftest import Urls
from tests.web.served import serving


@pytest.fixture(scope="session")
def server(database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> Generator[str, None, None]:
    """Its address."""
    with serving(database_urls, tmp_path_factory.mktemp("caldav") / "server.log") as address:
        yield address
