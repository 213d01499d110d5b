#!/usr/bin/env python
"""Management commands of Likes: `python likes_service/manage.py <command>`, from any folder."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Run a command."""
    # An import names a folder of the repository; files of this one must not look top-level.
    sys.path[:] = [str(HERE.parent), *(entry for entry in sys.path if Path(entry or ".").resolve() not in (HERE, HERE.parent))]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "likes_service.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
