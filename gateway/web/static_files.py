"""The files that pages load: where they are collected, under names that change with what they hold.

So a browser asks for each file once, and keeps it for as long as it likes.
"""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from whitenoise.storage import CompressedManifestStaticFilesStorage

_PAGE = Path(__file__).parents[1] / "static" / "gateway" / "page"
_STYLES = CompressedManifestStaticFilesStorage.patterns
_IMPORTS = ((r"""(?P<matched>from "(?P<url>\./[^"]+)")""", 'from "%(url)s"'),)


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Files are collected under hashed names and compressed.

    The addresses in our own files become hashed, too. Those of GraphiQL have none, but comments
    that look like imports.
    """

    patterns = (
        *((f"gateway/{kind}", addresses) for kind, addresses in _STYLES),
        ("gateway/page/*.js", _IMPORTS),
    )
    max_post_process_passes = 50  # one for each step of the longest chain of imports


def page_modules() -> list[str]:
    """Return the names of the page's modules, all of which it needs before it can do anything."""
    return sorted(f"gateway/page/{file.name}" for file in _PAGE.glob("*.js"))


def check() -> None:
    """Raise ImproperlyConfigured where files should have been collected and were not."""
    storage = storages["staticfiles"]
    if isinstance(storage, HashedStaticFiles) and not storage.hashed_files:
        raise ImproperlyConfigured(
            f"STATIC_ROOT, {settings.STATIC_ROOT}, has no collected files: "
            "run python gateway/manage.py collectstatic."
        )
