"""deploy/kubernetes says what it should, and runs what the Procfile runs."""

import copy
import re
import shutil
import subprocess
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.compose.kustomization import EXAMPLE, ROOT, Object, containers, render
from tools import procfile

OLDEST = "1.30"  # that it is for: preStop's sleep is on by default
# Of operators, each with what of it is used here; Kubernetes itself has no schema of these.
CUSTOM = {
    "RabbitmqCluster": {"image", "replicas", "resources", "persistence", "rabbitmq"},
    "Cluster": {"instances", "storage", "resources", "bootstrap", "postgresql"},
}
PARTS = {
    service: {service, *(f"{service}-{part}" for part in ("setup", "relay", "consumer"))}
    for service in procfile.services()
}
OF_SERVICES = set().union(*PARTS.values())
WEB = {"gateway", "live", *PARTS}


@pytest.fixture(scope="module")
def objects() -> list[Object]:
    return copy.deepcopy(render())


def named(objects: list[Object], kind: str) -> dict[str, Object]:
    return {each["metadata"]["name"]: each for each in objects if each["kind"] == kind}


def makers(objects: list[Object]) -> dict[str, Object]:
    """Return what makes pods of the product's image."""
    both = named(objects, "Deployment") | named(objects, "Job")
    return {name: each for name, each in both.items() if name != "proxy"}


def pod_of(each: Object) -> Any:
    return each["spec"]["template"]["spec"]


def test_each_object_is_valid(objects: list[Object]) -> None:
    kinds = {each["kind"] for each in objects}
    assert {"Deployment", "Job", "PodDisruptionBudget", "HorizontalPodAutoscaler"} < kinds
    for each in objects:
        if each["kind"] in CUSTOM:
            assert each["spec"].keys() == CUSTOM[each["kind"]]
        else:
            kubernetes_validate.validate(each, OLDEST, strict=True)


def test_what_kubernetes_would_not_know_is_refused(objects: list[Object]) -> None:
    wrong = copy.deepcopy(named(objects, "Deployment")["gateway"])
    pod_of(wrong)["enableServiceLink"] = False
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, OLDEST, strict=True)


def test_kustomize_reads_it_as_these_tests_do(objects: list[Object]) -> None:
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed: how kustomize reads it is not compared.")
    command = ["kubectl", "kustomize", str(EXAMPLE)]
    made = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    # It gives a generated map a name by what it holds.
    made = re.sub(r"\b(settings|proxy)-[a-z0-9]{10}\b", r"\1", made)

    def key(each: Object) -> tuple[str, str]:
        return each["kind"], each["metadata"]["name"]

    assert sorted(yaml.safe_load_all(made), key=key) == sorted(objects, key=key)


def test_every_process_of_the_procfile_is_deployed_with_its_arguments(
    objects: list[Object],
) -> None:
    """But for numbers, where it listens, and how fast workers come back."""
    for name, line in procfile.commands().items():
        (container,) = pod_of(makers(objects)[name])["containers"]
        run = [*container["command"], *container.get("args", [])]
        places = r"\$\{|127\.0\.0\.1|--respawn-interval|--workers-kill-timeout|^[\d.]+$"
        expected = {word for word in line.split() if not re.search(places, word)}
        assert expected <= set(run), name
        (port,) = container["ports"]
        assert {str(port["containerPort"]), f"0.0.0.0:{port['containerPort']}"} & set(run), name


def test_each_process_is_probed_bounded_and_has_no_rights_that_it_needs_not(
    objects: list[Object],
) -> None:
    for name, each in (makers(objects) | named(objects, "Deployment")).items():
        pod = pod_of(each)
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        # Or Kubernetes sets QUOTES_PORT=tcp://… and the like.
        assert pod["enableServiceLinks"] is False, name
        for container in containers(each):
            rights = container["securityContext"]
            assert rights["readOnlyRootFilesystem"] is True, name
            assert rights["allowPrivilegeEscalation"] is False, name
            assert rights["capabilities"] == {"drop": ["ALL"]}, name
        if each["kind"] == "Deployment":
            (container,) = pod["containers"]
            assert container["resources"]["limits"]["memory"], name
            assert container["livenessProbe"], name
            assert container["readinessProbe"], name


def test_web_processes_stay_reachable_while_what_they_need_is_away(objects: list[Object]) -> None:
    for name in WEB:
        (container,) = pod_of(makers(objects)[name])["containers"]
        assert container["readinessProbe"]["httpGet"]["path"] == "/healthz", name


def test_of_relays_and_consumers_one_is_in_waiting_and_web_processes_scale(
    objects: list[Object],
) -> None:
    scaled = {
        each["spec"]["scaleTargetRef"]["name"]
        for each in named(objects, "HorizontalPodAutoscaler").values()
    }
    assert scaled == WEB
    for name, each in named(objects, "Deployment").items():
        # A number would be set anew, over the autoscaler's, each time that it is applied.
        assert each["spec"].get("replicas") == (None if name in scaled else 2), name
    budgets = named(objects, "PodDisruptionBudget")
    assert budgets.keys() == named(objects, "Deployment").keys() | {"rabbitmq"}


def test_each_process_has_no_secrets_but_those_that_it_uses(objects: list[Object]) -> None:
    having: dict[str, set[str]] = {}
    for name, each in (makers(objects) | named(objects, "Deployment")).items():
        for secret in re.findall(r"'secret(?:Key)?Ref': {[^}]*'name': '([\w-]+)'", str(each)):
            having.setdefault(secret, set()).add(name)
    assert having == {
        "django": {"gateway", "live", *OF_SERVICES},
        "signing-key": {"quotes"},
        "rabbitmq-default-user": {"live", *OF_SERVICES},
        **{f"{service}-postgres-app": parts for service, parts in PARTS.items()},
    }


def test_each_setting_is_one_that_env_example_has(objects: list[Object]) -> None:
    example = set(re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    given = set(named(objects, "ConfigMap")["settings"]["data"])
    for each in makers(objects).values():
        for container in containers(each):
            own = {variable["name"] for variable in container.get("env", [])}
            given |= {name for name in own if f"$({name})" not in str(container)}
    assert given
    assert given <= example


def test_processes_start_once_their_database_is_migrated(objects: list[Object]) -> None:
    for name in OF_SERVICES & named(objects, "Deployment").keys():
        service = name.partition("-")[0]
        (first,) = pod_of(makers(objects)[name])["initContainers"]
        assert first["command"] == ["python", f"{service}_service/manage.py", "migrate", "--check"]
        setup = pod_of(makers(objects)[f"{service}-setup"])["containers"][0]["command"][-1]
        assert f"{service}_service/manage.py migrate --no-input" in setup


@pytest.mark.parametrize("service", PARTS)
def test_postgresql_takes_the_connections_of_all_pods(objects: list[Object], service: str) -> None:
    pods = named(objects, "HorizontalPodAutoscaler")[service]["spec"]["maxReplicas"] + 1  # surging
    (web,) = pod_of(makers(objects)[service])["containers"]
    workers = int(web["args"][web["args"].index("--workers") + 1])
    pool = 10  # DATABASE_POOL_SIZE
    others = 2 * (pool + 1) + 2 * pool + pool  # relays with their own, consumers, the set-up
    cluster = named(objects, "Cluster")[f"{service}-postgres"]["spec"]["postgresql"]
    most = int(cluster["parameters"]["max_connections"])
    assert pods * workers * pool + others <= most - 3  # which are the superuser's


def test_a_failover_of_postgresql_loses_no_commit(objects: list[Object]) -> None:
    for cluster in named(objects, "Cluster").values():
        assert cluster["spec"]["instances"] >= 3
        synchronous = cluster["spec"]["postgresql"]["synchronous"]
        assert (synchronous["number"], synchronous["dataDurability"]) == (1, "required")
        assert synchronous["failoverQuorum"] is True  # or one without the last may be promoted


def test_each_service_is_served_under_its_name(objects: list[Object]) -> None:
    settings = named(objects, "ConfigMap")["settings"]["data"]
    for name in WEB:
        assert name in settings["ALLOWED_HOSTS"].split(",")
        (port,) = named(objects, "Service")[name]["spec"]["ports"]
        (own,) = pod_of(makers(objects)[name])["containers"][0]["ports"]
        assert (port["targetPort"], port["port"]) == (own["name"], own["containerPort"])


def test_only_the_proxy_reaches_what_believes_it(objects: list[Object]) -> None:
    policies = named(objects, "NetworkPolicy")
    monitoring = {"kubernetes.io/metadata.name": "monitoring"}
    for name in ("gateway", "live"):
        (rule,) = policies[name]["spec"]["ingress"]
        assert rule["from"] == [
            {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "proxy"}}},
            {"namespaceSelector": {"matchLabels": monitoring}},
        ]
        believed = pod_of(makers(objects)[name])["containers"][0]["env"]
        assert {"name": "TRUST_PROXY_HEADERS", "value": "1"} in believed
