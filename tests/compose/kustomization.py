"""deploy/kubernetes as kustomize renders it, as far as it is used there.

kustomize is in no package of Debian 12. Where it is installed, a test compares the two.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "deploy" / "kubernetes" / "example"
_KNOWN = {
    "apiVersion", "kind", "namespace", "labels", "resources", "configMapGenerator", "patches",
    "images",
}  # fmt: skip
_BY = {"volumeMounts": "mountPath", "ports": "containerPort"}  # what lists are merged by, or `name`

Object = dict[str, Any]


def render(folder: Path = EXAMPLE) -> list[Object]:
    """Return the objects of a kustomization. Raise ValueError for what is not read here."""
    content = _read(folder / "kustomization.yaml")[0]
    if unknown := content.keys() - _KNOWN:
        raise ValueError(f"{folder}: {unknown} is not read here")
    objects = [each for name in content.get("resources", []) for each in _resource(folder / name)]
    for entry in content.get("configMapGenerator", []):
        _generate(objects, folder, entry)
    for patch in content.get("patches", []):
        for each in objects:
            if _is_target(each, **patch["target"]):
                change = _read(folder / patch["path"])[0]
                _merge(each, {"spec": change["spec"]})
    for each in objects:
        for labels in content.get("labels", []):
            _label(each, labels["pairs"])
        if "namespace" in content:
            each["metadata"]["namespace"] = content["namespace"]
        for container in containers(each):
            for image in content.get("images", []):
                if container["image"] == image["name"]:
                    container["image"] = f"{image['newName']}:{image['newTag']}"
    return objects


def containers(each: Object) -> Iterator[Object]:
    """Yield all containers of an object that makes pods."""
    spec = each.get("spec", {}).get("template", {}).get("spec", {})
    yield from spec.get("initContainers", [])
    yield from spec.get("containers", [])


def _read(path: Path) -> list[Object]:
    return [each for each in yaml.safe_load_all(path.read_text()) if each]


def _resource(path: Path) -> list[Object]:
    return render(path) if path.is_dir() else _read(path)


def _generate(objects: list[Object], folder: Path, entry: Mapping[str, Any]) -> None:
    data = {name: (folder / name).read_text() for name in entry.get("files", [])}
    for name in entry.get("envs", []):
        lines = (folder / name).read_text().splitlines()
        pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
        data |= {key: value for key, _, value in pairs}
    if entry.get("behavior") == "merge":
        (found,) = (each for each in objects if _is_map(each, entry["name"]))
        found["data"] |= data
    else:
        metadata = {"name": entry["name"]}
        objects.append(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
        )


def _is_map(each: Object, name: str) -> bool:
    return bool(each["kind"] == "ConfigMap" and each["metadata"]["name"] == name)


def _is_target(
    each: Object,
    kind: str = ".*",
    name: str = ".*",
    labelSelector: str = "",  # noqa: N803
) -> bool:
    label, _, values = labelSelector.rstrip(")").partition(" in (")
    labels = each["metadata"].get("labels", {})
    return bool(
        re.fullmatch(kind, each["kind"])
        and re.fullmatch(name, each["metadata"]["name"])
        and (not label or labels.get(label) in values.split(", "))
    )


def _label(each: Object, pairs: Mapping[str, str]) -> None:
    made = each.get("spec", {}).get("template")
    for metadata in [each["metadata"], *([made["metadata"]] if made else [])]:
        metadata.setdefault("labels", {}).update(pairs)


def _merge(whole: Object, change: Mapping[str, Any]) -> None:
    """Merge as Kubernetes does: objects by key, lists of named things by name, the new first."""
    for key, value in change.items():
        there = whole.get(key)
        if isinstance(value, dict) and isinstance(there, dict):
            _merge(there, value)
        elif isinstance(value, list) and isinstance(there, list) and _named(key, value):
            by = _BY.get(key, "name")
            old = {item[by]: item for item in there}
            for item in value:
                if item[by] in old:
                    _merge(old[item[by]], item)
            there[:0] = [item for item in value if item[by] not in old]
        else:
            whole[key] = value


def _named(key: str, items: list[Any]) -> bool:
    return all(isinstance(item, dict) and _BY.get(key, "name") in item for item in items)
