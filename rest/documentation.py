"""Where the files of /docs are, so that it works offline.

As an installed app, ninja would be imported by every process, the relays and consumers too.
"""

from importlib.util import find_spec
from pathlib import Path

_SPEC = find_spec("ninja")
if _SPEC is None or _SPEC.origin is None:
    raise ImportError("django-ninja is not installed.")
_PACKAGE = Path(_SPEC.origin).parent
TEMPLATES = _PACKAGE / "templates"
PAGE = TEMPLATES / "ninja" / "swagger.html"
STATIC_FILES = _PACKAGE / "static"
