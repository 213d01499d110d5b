"""What axe finds wrong with a page."""

from playwright.sync_api import Page


def faults(page: Page, axe: str) -> list[str]:
    """Return what axe finds wrong, and where."""
    page.evaluate(axe)
    found = page.evaluate(
        "axe.run(document).then(({violations, passes}) => ({violations, passes}))"
    )
    assert found["passes"], "it has looked at something"
    return [
        f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]
    ]
