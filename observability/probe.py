"""`python -m observability.probe URL`, a health check: exit code 0 if the address answers 200."""

import sys
import urllib.error
import urllib.request

PATIENCE = 5  # seconds


def main(url: str) -> str | None:
    """Ask the address. Return what is wrong, or None."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE):  # noqa: S310 - of the operator's own
            return None
    except urllib.error.HTTPError as error:
        return f"{url} answers {error.code}: {error.read(500).decode(errors='replace')}"
    except OSError as error:
        return f"{url} doesn't answer: {error}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
