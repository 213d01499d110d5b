"""A client of the small API."""

import pytest
from django.test import Client
from pytest_django import Settings


@pytest.fixture
def client(settings: Settings) -> Client:
    settings.ROOT_URLCONF = "tests.rest.small_api"
    return Client(raise_request_exception=False)
