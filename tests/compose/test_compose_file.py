"""docker-compose.yml says what it should, and names nothing that isn't there."""

import re
import runpy
import tomllib
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import pytest
import yaml

from tests.compose.compose_file import ROOT, MissingVariable, images, read_file, read_services
from tools import procfile

OBSERVABILITY = "observability"  # the profile
SECRETS = {
    "DJANGO_SECRET_KEY": "a secret of the test",
    "JWT_PRIVATE_KEY": "unread here",
    "POSTGRES_PASSWORD": "postgres-password",
    "RABBITMQ_PASSWORD": "rabbitmq-password",
}
OWN_PASSWORDS = {service: f"{service.upper()}_DATABASE_PASSWORD" for service in procfile.services()}
SECRETS |= {secret: f"{service}-password" for service, secret in OWN_PASSWORDS.items()}


def test_every_process_of_the_procfile_is_a_service_with_a_health_check() -> None:
    services = read_services(SECRETS)
    for name, command in procfile.commands().items():
        assert services[name].health_check, name
        program = [word for word in command.split() if word.endswith((":application", "manage.py"))]
        assert program[0] in services[name].command, name


@pytest.mark.parametrize("secret", SECRETS)
def test_it_refuses_to_start_without_a_secret(secret: str) -> None:
    with pytest.raises(MissingVariable, match=secret):
        read_services({name: value for name, value in SECRETS.items() if name != secret})


def test_every_service_starts_after_what_it_needs_is_healthy() -> None:
    services = read_services(SECRETS)
    for service in services.values():
        for name, condition in service.depends_on.items():
            expected = (
                "service_completed_successfully" if name.endswith("-setup") else "service_healthy"
            )
            assert condition == expected, (service.name, name)
            assert services[name].health_check or name.endswith("-setup")
    assert set(services["gateway"].depends_on) == {"quotes", "likes"}


def test_the_limits_can_be_set_and_taken_away() -> None:
    names = ("LOGIN_RATE", "LOGIN_ADDRESS_RATE", "REGISTRATION_RATE")
    usual = read_services(SECRETS)["quotes"].environment
    assert [usual[name] for name in names] == ["10/minute", "100/minute", "60/hour"]
    for given in ("7/minute", ""):
        services = read_services({**SECRETS, **dict.fromkeys(names, given)})
        for service in ("quotes", "likes", "gateway"):
            assert {services[service].environment[name] for name in names} == {given}


def test_the_gateway_is_reached_by_its_proxy_alone() -> None:
    services = read_services(SECRETS)
    from_outside = {
        service.name
        for service in services.values()
        if any(not port.startswith("127.0.0.1:") for port in service.ports)
    }
    assert from_outside == {"proxy"}
    assert services["gateway"].ports == []
    assert services["gateway"].environment["TRUST_PROXY_HEADERS"] == "1"


def test_the_image_copies_only_what_exists() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
    assert copied
    for source in " ".join(copied).split():
        assert (ROOT / source).exists(), source


def test_the_image_has_every_package_that_the_processes_import() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    copied = set(re.findall(r"^COPY (\w+)/ ", dockerfile, re.MULTILINE))
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    packages = {name.removesuffix("*") for name in setuptools["packages"]["find"]["include"]}
    assert packages
    assert packages <= copied


def test_each_image_is_pinned_to_a_version_that_the_manual_names() -> None:
    manual = (ROOT / "docs" / "operating.md").read_text()
    for image in images(OBSERVABILITY):
        assert re.search(r":v?\d+\.\d+", image), image
        assert f"`{image}`" in manual, image


def test_one_service_builds_the_image_and_the_others_pull_none_of_that_name() -> None:
    ours = [service for service in read_services(SECRETS).values() if service.ours]
    assert [service.name for service in ours if service.builds] == ["quotes-setup"]
    for service in ours:
        assert service.builds or service.entry["pull_policy"] == "never", service.name


def test_each_container_is_bounded_and_has_no_rights_that_it_needs_not() -> None:
    for service in read_services(SECRETS, OBSERVABILITY).values():
        entry = service.entry
        assert entry["security_opt"] == ["no-new-privileges:true"], service.name
        assert entry["cap_drop"] == ["ALL"], service.name
        assert "cap_add" not in entry or not service.ours, service.name
        assert entry["mem_limit"], service.name
        assert entry["logging"]["options"].keys() == {"max-size", "max-file"}, service.name
        assert entry.get("dns_opt") or not service.ours, service.name


def test_the_check_of_rabbitmq_never_makes_a_cookie_as_root() -> None:
    kind, command = read_services(SECRETS)["rabbitmq"].health_check
    assert kind == "CMD-SHELL"
    assert command.startswith("test -s /var/lib/rabbitmq/.erlang.cookie && exec gosu rabbitmq ")


def test_a_key_that_is_there_twice_is_refused_as_compose_refuses_it() -> None:
    with pytest.raises(yaml.YAMLError, match="twice"):
        read_file("services: {a: {image: one, image: two}}")


def test_a_set_up_that_fails_ends_and_is_not_tried_for_ever() -> None:
    for service in read_services(SECRETS, OBSERVABILITY).values():
        assert service.entry["restart"] == ("no" if "setup" in service.name else "unless-stopped")


def test_each_process_has_no_secrets_but_those_that_it_uses() -> None:
    services = read_services(SECRETS)
    having = {
        secret: {name for name, each in services.items() if value in str(each.environment)}
        for secret, value in SECRETS.items()
    }
    assert having["JWT_PRIVATE_KEY"] == {"quotes"}
    assert having["POSTGRES_PASSWORD"] == {"postgres"}
    talking_to_rabbitmq = {"rabbitmq", "live"}
    for service, secret in OWN_PASSWORDS.items():
        own = {service, *(f"{service}-{part}" for part in ("setup", "relay", "consumer"))}
        assert having[secret] == {"postgres", *own}
        talking_to_rabbitmq |= own
    assert having["RABBITMQ_PASSWORD"] == talking_to_rabbitmq


def test_prometheus_and_grafana_come_if_asked_for_and_for_this_host_alone() -> None:
    usual, asked = read_services(SECRETS), read_services(SECRETS, OBSERVABILITY)
    added = asked.keys() - usual.keys()
    assert added == {"prometheus", "grafana"}
    for name in added:
        assert asked[name].health_check, name
        assert all(port.startswith("127.0.0.1:") for port in asked[name].ports), name
        for volume in asked[name].entry["volumes"]:
            source = volume.partition(":")[0]
            assert not source.startswith(".") or (ROOT / source).exists(), volume
            assert not source.startswith(".") or volume.endswith(":ro"), volume


def test_prometheus_asks_each_process_where_it_listens() -> None:
    asked = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    targets = {
        job["job_name"]: job["static_configs"][0]["targets"] for job in asked["scrape_configs"]
    }
    services = read_services(SECRETS)
    listening = {}
    for name in procfile.commands():
        url = urlsplit(services[name].health_check[-1])
        listening[name] = [f"{name}:{url.port}"]
    assert targets == listening


def _example() -> list[str]:
    text = (ROOT / ".env.example").read_text()
    return re.findall(r"^#([A-Z_]+)=", text, re.MULTILINE)


def _decided_here() -> set[str]:
    """Return the variables that the file decides whatever .env says, as the manual lists them."""
    manual = (ROOT / "docs" / "operating.md").read_text()
    section = manual.split("### What docker-compose.yml decides", 1)[1].split("\n#", 1)[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return set(re.findall(r"`([A-Z_]+)`", " ".join(rows)))


def test_each_variable_arrives_or_the_manual_says_why_not() -> None:
    given = {name: f"<{name}>" for name in _example()}
    services = read_services(given, OBSERVABILITY).values()
    said = str([service.entry for service in services])
    environments = str([service.environment for service in services])
    lost = {name for name, value in given.items() if value not in said + environments}
    assert lost == _decided_here()


@pytest.mark.parametrize("service", ["gateway", "live", "quotes", "likes"])
def test_each_variable_arrives_in_the_processes_that_read_it(service: str) -> None:
    project = "gateway" if service in ("gateway", "live") else f"{service}_service"
    settings = (ROOT / project / "settings.py").read_text()
    read = {name for name in _example() if f'"{name}"' in settings}
    assert len(read) > 10
    environment = read_services(dict.fromkeys(_example(), "given"))[service].environment
    if service == "gateway":  # whose settings are the live process's, too
        read -= {"AMQP_FAST", "GATEWAY_URL", "TOKEN_LIFETIME_SECONDS"}
        read -= {name for name in read if name.startswith("LIVE_") and name != "LIVE_URL"}
    assert read - environment.keys() - _decided_here() == set()


def test_only_what_users_reach_redirects_to_https(monkeypatch: pytest.MonkeyPatch) -> None:
    services = read_services({**SECRETS, "SECURE_SSL_REDIRECT": "1"})
    told = [
        name for name, service in services.items() if "SECURE_SSL_REDIRECT" in service.environment
    ]
    assert told == ["gateway", "live"]
    # Nor if all are told, as those of `make run` are.
    monkeypatch.setenv("SECURE_SSL_REDIRECT", "1")
    for project in ("gateway", "quotes_service", "likes_service"):
        settings = runpy.run_path(str(ROOT / project / "settings.py"))
        assert settings.get("SECURE_SSL_REDIRECT", False) is (project == "gateway"), project


@pytest.mark.parametrize("gateway", ["172.18.0.7", "192.168.32.7", "10.5.0.7"])
def test_quotes_believes_the_gateway_where_a_user_is(gateway: str) -> None:
    services = read_services(SECRETS)
    trusted = services["quotes"].environment["TRUSTED_FORWARDERS"].split(",")
    assert any(ip_address(gateway) in ip_network(network) for network in trusted)
    assert not any(ip_address("203.0.113.7") in ip_network(network) for network in trusted)
