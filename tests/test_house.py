"""The house rules of the test run hold."""

import socket

import pytest

from tests.house import is_here


@pytest.mark.parametrize(
    ("host", "here"),
    [
        *[("127.0.0.1", True), ("::1", True), ("localhost", True), ("sandnes.localhost", True)],
        *[("8.8.8.8", False), ("10.0.0.1", False), ("example.org", False)],
    ],
)
def test_this_machine_is_known_from_others(host: str, here: bool) -> None:
    assert is_here(host) is here


@pytest.mark.parametrize("address", [("192.0.2.1", 9), ("example.org", 80)])
def test_no_test_reaches_the_network(address: tuple[str, int]) -> None:
    with pytest.raises(PermissionError, match="use a fake"):
        socket.create_connection(address, timeout=0.1)


@pytest.mark.parametrize(("options", "code"), [([], 0), (["--no-skips"], 1)])
def test_what_is_not_run_is_told_by_name_and_a_fault_in_ci(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, options: list[str], code: int
) -> None:
    monkeypatch.delenv("RABBITMQ_URL", raising=False)
    pytester.makeini("[pytest]\nmarkers = rabbitmq")
    pytester.makepyfile("import pytest\n@pytest.mark.rabbitmq\ndef test_posts(): ...\ndef test_other(): ...")
    answer = pytester.runpytest("-p", "tests.house", "-p", "no:asyncio", *options)
    answer.stdout.fnmatch_lines(
        ["*1 not run*", "*::test_posts: RABBITMQ_URL is not set", "*1 passed, 1 skipped*"]
    )
    assert answer.ret == code


def test_on_a_second_database_only_what_asks_one_is_run_again(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        @pytest.fixture
        def server_url(): ...
        @pytest.fixture
        def database(server_url): ...
        def test_asks(database): ...
        def test_asks_nobody(): ...
        """
    )
    whole = pytester.runpytest("-p", "tests.house", "-p", "no:asyncio")
    again = pytester.runpytest("-p", "tests.house", "-p", "no:asyncio", "--database-only")
    assert (whole.parseoutcomes(), again.parseoutcomes()) == ({"passed": 2}, {"passed": 1})
