"""What any web process may have to refuse."""


class TooManyRequests(Exception):
    """This was done too often; it may be tried again in `retry_after` seconds."""

    code = "rate_limited"

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(f"Too many attempts. Try again in {retry_after} seconds.")
        self.retry_after = retry_after
