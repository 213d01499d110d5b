"""The page that a frontend shows first: its query, and the load that asks for it."""

import json
from base64 import b64decode
from pathlib import Path

import requests

from bench.kit.wrk import wrk

QUERY = """{
  quotes(first: 20) {
    edges { cursor node { id title author likes likedByMe createdAt } }
    pageInfo { hasNextPage endCursor }
  }
}"""
# Requests, not seconds, since the machine has other work: Node compiles what is used often, and
# its CPU per request halves within the first thousands.
WARM_UP = 8_000


def read(url: str, token: str) -> object:
    """Return the page of a gateway, without the spelling of ids and times."""
    headers = {"Authorization": f"Bearer {token}"}
    response = requests.post(url, json={"query": QUERY}, headers=headers, timeout=10)
    page = response.json()["data"]["quotes"]
    for edge in page["edges"]:
        # Ours have their type in them, those of the peers are numbers alone.
        edge["node"]["id"] = b64decode(f"{edge['node']['id']}==").rpartition(b":")[2].decode()
        edge["node"]["createdAt"] = edge["node"]["createdAt"][:19]
    return page


def warm_up(url: str, script: str, least: int = WARM_UP) -> None:
    """Load a gateway until it is as fast as it gets."""
    done = 0.0
    while done < least:
        done += wrk(url, seconds=3, script=script)["requests"]


def script(folder: Path, token: str) -> str:
    """Write how wrk asks for the page, and return the name of the file."""
    file = folder / "page.lua"
    body = json.dumps(json.dumps({"query": QUERY}))
    file.write_text(
        f'wrk.method = "POST"\nwrk.body = {body}\n'
        'wrk.headers["Content-Type"] = "application/json"\n'
        f'wrk.headers["Authorization"] = "Bearer {token}"\n'
    )
    return str(file)
