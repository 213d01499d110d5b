"""Who guesses passwords through the gateway shuts out nobody else."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.system.stack import Stack, running

LOGIN = """mutation ($input: LoginInput!) { login(input: $input) {
    __typename ... on OperationInfo { messages { code } } } }"""


@pytest.fixture
def stack() -> Iterator[Stack]:
    with running(LOGIN_ADDRESS_RATE="3/hour") as stack:
        yield stack


class From(HTTPAdapter):
    """Connects from one of this machine's own addresses."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, source_address=(self._address, 0))


def test_each_address_behind_the_gateway_is_counted_by_itself(stack: Stack) -> None:
    def log_in(address: str, username: str) -> str:
        with requests.Session() as session:
            session.mount("http://", From(address))
            variables = {"input": {"username": username, "password": "a wrong one"}}
            body = {"query": LOGIN, "variables": variables}
            response = session.post(stack.graphql, json=body, timeout=60)
        [message] = response.json()["data"]["login"]["messages"]
        return str(message["code"])

    # More than once for each process of Quotes, which all count by themselves.
    codes = [log_in("127.0.0.2", f"user{number}") for number in range(20)]
    assert codes[:3] == ["INVALID_CREDENTIALS"] * 3
    assert codes[-1] == "RATE_LIMITED"
    assert log_in("127.0.0.3", "somebody") == "INVALID_CREDENTIALS"
