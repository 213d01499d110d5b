"""docker-compose.yml under a real engine: it starts, works, keeps its secrets, and stops."""

import json
import re

import pytest
import requests

from tests.compose.compose_file import ROOT, read_services
from tests.compose.engine.deployment import UP, URL, Deployment
from tests.compose.engine.machine import Machine
from tests.system.clients import register
from tools import children

PATIENCE = 120.0  # seconds


def test_users_reach_it_through_the_proxy(deployment: Deployment) -> None:
    user = register(f"{URL}/graphql")
    quote_id = user.create("Said in a container")
    assert user.like(quote_id) == 1
    children.wait_until(
        lambda: user.likes(quote_id) == 1, patience=PATIENCE, what="Quotes has counted the like"
    )
    page = requests.get(URL, timeout=30)
    [script] = re.findall(r'<script[^>]+src="([^"]+)"', page.text)[:1]
    file = requests.get(f"{URL}{script}", timeout=30)
    assert (file.status_code, file.headers["Content-Encoding"]) == (200, "gzip")
    assert "immutable" in file.headers["Cache-Control"]
    assert requests.get("http://127.0.0.1:8001/admin/login/", timeout=30).ok


def test_to_start_it_again_with_nothing_changed_touches_no_container(
    deployment: Deployment,
) -> None:
    deployment.compose(*UP, "--build")
    before = {name: each["Id"] for name, each in deployment.containers().items()}
    deployment.compose(*UP, "--build")
    assert {name: each["Id"] for name, each in deployment.containers().items()} == before


def test_the_engine_reads_the_file_as_our_tests_of_it_do(deployment: Deployment) -> None:
    example = (deployment.folder / ".env.example").read_text()
    given = dict.fromkeys(re.findall(r"^#([A-Z_]+)=", example, re.MULTILINE), "7") | {
        "LOGIN_RATE": "",
        "JWT_PRIVATE_KEY": "text",
    }
    text = deployment.compose("config", "--format", "json", **given)
    theirs = json.loads(text)["services"]
    for name, service in read_services(given).items():
        assert (theirs[name].get("command") or []) == service.command
        assert (theirs[name].get("environment") or {}) == service.environment


def test_the_image_holds_no_secret(deployment: Deployment, machine: Machine) -> None:
    # of the key its second line, since it holds no line end then
    parts = [
        secret.split("\\n")[-3 if "\\n" in secret else 0] for secret in deployment.secrets.values()
    ]
    patterns = " ".join(f"-e {part}" for part in parts)
    found = machine.try_to(
        "sh", "-c", f"docker image save quotes-in-step | grep --text --fixed-strings -o {patterns}"
    )
    assert found.stdout == ""
    assert found.returncode == 1  # of grep: it has found nothing


def test_the_first_admin_is_made_as_the_manual_says(deployment: Deployment) -> None:
    deployment.compose(
        "exec", "-T", "--env", "DJANGO_SUPERUSER_PASSWORD=a-long-enough-secret", "quotes",
        "python", "quotes_service/manage.py", "createsuperuser", "--no-input",
        "--username=admin", "--email=admin@example.org",
    )  # fmt: skip
    assert deployment.try_to(
        "exec", "-T", "likes", "python", "likes_service/manage.py", "messages", "status"
    ).returncode == 0  # fmt: skip


def test_each_request_has_a_line_in_the_log_of_each_process_that_it_reaches(
    deployment: Deployment,
) -> None:
    trace = "c0ffee" + "0" * 25 + "1"
    requests.post(
        f"{URL}/graphql?a=s3cret",
        json={"query": "query Recent { quotes(first: 1) { nodes { id } } }"},
        headers={"traceparent": f"00-{trace}-00000000000000a1-01"},
        timeout=30,
    )
    for service in ("gateway", "quotes"):
        text = deployment.compose("logs", "--no-log-prefix", service)
        found = (line for line in text.splitlines() if trace in line)
        lines = [json.loads(line[line.index("{") :]) for line in found]
        assert [line["status"] for line in lines if line["event"] == "request"] == [200], service
        assert "s3cret" not in text


@pytest.mark.parametrize("time", range(5))
def test_rabbitmq_comes_up_from_nothing(deployment: Deployment, time: int) -> None:
    """Its check and its first start were a race for the cookie."""
    project = ("--project-name", f"rabbitmq-{time}", "--file", "docker-compose.yml")
    port = {"RABBITMQ_MANAGEMENT_PORT": str(15700 + time)}
    try:
        deployment.compose(*project, *UP, "rabbitmq", **port)
        [container] = deployment.compose(*project, "ps", "--quiet", **port).split()
        state = json.loads(deployment.machine.run("docker", "inspect", container))[0]
        assert state["RestartCount"] == 0
    finally:
        deployment.compose(*project, "down", "--volumes", **port)


def test_users_who_come_by_ipv6_keep_their_own_addresses(
    deployment: Deployment, machine: Machine
) -> None:
    """The proxy alone, without a gateway: its log says for whom it has found none."""
    project = ("--project-name", "ipv6")
    files = {"COMPOSE_FILE": "docker-compose.yml:docker/ipv6.yml", "GATEWAY_PORT": "8600"}
    script = ROOT / "tests" / "compose" / "engine" / "client.sh"
    try:
        deployment.compose(*project, "up", "--detach", "--no-deps", "proxy", **files)

        def seen() -> bool:
            machine.run("bash", "-c", script.read_text(), "client", "8600")
            log = deployment.compose(*project, "logs", "proxy", **files)
            return all(f"client: {each}," in log for each in ("10.88.0.2", "fd00:88::2"))

        children.wait_until(seen, patience=PATIENCE, what="both addresses are seen", pause=1)
    finally:
        deployment.compose(*project, "down", "--volumes", **files)
