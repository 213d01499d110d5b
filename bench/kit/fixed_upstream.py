"""A cheap upstream with fixed responses, which all gateways share, and a caller's token for it.

What it takes of the two processors is taken from the gateways: nginx takes a fifth of what a server
on Node does. Only that, though, can respond late.
"""

import base64
import getpass
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.kit.environments import node_packages
from bench.kit.processes import Program
from tools.ports import free_port

PAGE = 20
CALLER = 7
_KEY = "bench"
_KEPT_BY_NGINX = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True)
class Upstream:
    """Where the upstream listens, and the token that its published key has signed."""

    port: int
    token: str

    @property
    def url(self) -> str:
        """Both services at one address."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def upstream(folder: Path, *, delay_ms: float = 0) -> Iterator[Upstream]:
    """Have the upstream run meanwhile; each of its responses takes `delay_ms`."""
    key = Ed25519PrivateKey.generate()
    responses = _responses(key)
    port = free_port()
    if delay_ms:
        program = _late(folder, port, responses, delay_ms)
    else:
        program = _at_once(folder, port, responses)
    try:
        program.wait_for_port(port)
        yield Upstream(port, _token(key))
    finally:
        program.stop()


def _at_once(folder: Path, port: int, responses: Mapping[str, object]) -> Program:
    files = folder / "responses"
    for path, response in responses.items():
        file = files / f"{path[1:]}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(response, separators=(",", ":")))
    configuration = folder / "nginx.conf"
    kept = "".join(f"{each}_temp_path {folder}/{each};" for each in _KEPT_BY_NGINX)
    configuration.write_text(
        f"""
        user {getpass.getuser()}; daemon off; pid {folder}/nginx.pid; error_log stderr;
        events {{ }}
        http {{
            {kept} access_log off; default_type application/json;
            tcp_nopush on; sendfile on; open_file_cache max=10;
            keepalive_requests 1000000000; keepalive_timeout 600;
            server {{
                listen 127.0.0.1:{port};
                location / {{ root {files}; try_files $uri.json =404; }}
            }}
        }}
        """
    )
    command = ["nginx", "-c", str(configuration), "-e", "stderr"]
    return Program("upstream", command, {}, folder / "upstream.log")


def _late(folder: Path, port: int, responses: Mapping[str, object], delay_ms: float) -> Program:
    file = folder / "responses.json"
    file.write_text(json.dumps(responses))
    environment = {
        "PORT": str(port),
        "UPSTREAM_DELAY": str(delay_ms),
        "UPSTREAM_RESPONSES": str(file),
    }
    command = ["node", f"{node_packages('node')}/upstream.js"]
    return Program("upstream", command, environment, folder / "upstream.log")


def _responses(key: Ed25519PrivateKey) -> dict[str, object]:
    when = "2026-11-25T04:38:40.123456Z"
    ids = range(1000, 1000 - PAGE, -1)
    quotes = [
        {
            "id": each, "title": f"Nothing is lost, said number {each}, and nothing counts twice.",
            "author": f"Author {each % 7}", "likes": each % 97, "version": 1, "created_by": CALLER,
            "created_at": when, "updated_at": when, "cursor": _base64(f'["newest",{each}]'),
        }
        for each in ids
    ]  # fmt: skip
    likes = [
        {"id": each, "quote_id": each, "user_id": CALLER, "created_at": when, "cursor": "c"}
        for each in ids
        if each % 2
    ]
    ends = {"start_cursor": quotes[0]["cursor"], "end_cursor": quotes[-1]["cursor"]}
    return {
        "/quotes": {
            "items": quotes,
            "page_info": {"has_next": True, "has_previous": False, **ends},
        },
        "/likes": {
            "items": likes,
            "page_info": {
                "has_next": False, "has_previous": False, "start_cursor": "c", "end_cursor": "c",
            },
        },
        "/.well-known/jwks.json": {"keys": [_public(key)]},
        "/healthz": {"status": "ok"},
    }  # fmt: skip


def _public(key: Ed25519PrivateKey) -> dict[str, str]:
    public = _base64(key.public_key().public_bytes_raw())
    return {"kty": "OKP", "crv": "Ed25519", "kid": _KEY, "alg": "EdDSA", "use": "sig", "x": public}


def _token(key: Ed25519PrivateKey) -> str:
    now = int(time.time())
    claims = {"iss": "quotes", "sub": str(CALLER), "iat": now, "exp": now + 86400, "staff": False}
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": _KEY})


def _base64(value: bytes | str) -> str:
    data = value.encode() if isinstance(value, str) else value
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
