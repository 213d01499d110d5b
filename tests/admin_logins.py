"""What must hold for the login of every admin."""

from django.contrib.auth import get_user_model
from django.test import Client
from pytest_django import Settings

from web import rates


def guesses_are_counted(settings: Settings) -> None:
    """Guess passwords at the admin's login, and assert that the limits of logins hold there."""
    rates.forget()
    settings.LOGIN_RATE, settings.LOGIN_ADDRESS_RATE = "3/minute", "5/minute"
    get_user_model().objects.create_superuser("root", password="an-uncommon-one-1815")

    def log_in(username: str, password: str, address: str = "192.0.2.1") -> str:
        form = {"username": username, "password": password}
        response = Client().post("/admin/login/", form, REMOTE_ADDR=address)
        return "in" if response.status_code == 302 else response.content.decode()

    for _ in range(3):
        assert "Too many attempts" not in log_in("root", "wrong")
    right = ("root", "an-uncommon-one-1815")
    assert "Too many attempts" in log_in(*right, address="192.0.2.2"), "it is the account's limit"
    for number in range(2):
        log_in(f"user{number}", "wrong")
    assert "Too many attempts" in log_in("somebody", "wrong"), "it is the address's limit"
    rates.forget()
    assert {log_in(*right) for _ in range(6)} == {"in"}, "right passwords are not counted"
