"""People who have logged in, each on some device."""

from dataclasses import dataclass

from quotes_service.accounts import sessions
from quotes_service.accounts.tokens import issue_token
from quotes_service.models import User
from tests.rest_api import Api, Response

PASSWORD = "an-uncommon-one-1815"


@dataclass
class Device:
    """Where somebody has logged in, and what it holds."""

    session_id: int
    api: Api
    refresh_token: str

    def refresh(self) -> Response:
        """Refresh the session, and hold what it answers."""
        response = self.api("POST", "/tokens/refresh", {"refresh_token": self.refresh_token})
        if response.status == 201:
            self.refresh_token = response.body["refresh_token"]
            self.api = Api(response.body["token"])
        return response

    def holds(self) -> bool:
        """Whether its token holds."""
        return self.api("GET", "/sessions").status == 200


def device_of(user: User) -> Device:
    """Log somebody in on one more device, without the hash that a password costs."""
    begun = sessions.begin(user)
    api = Api(issue_token(user, begun.session.id).token)
    return Device(begun.session.id, api, begun.token)
