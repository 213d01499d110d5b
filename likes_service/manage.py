#!/usr/bin/env python
"""Runs Django's management commands for Likes, from any directory."""

import os
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def main() -> None:
    """Make `likes_service` importable as a package, and nothing in it as a top-level module."""
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != FOLDER]
    sys.path.insert(0, str(FOLDER.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "likes_service.settings")
    from web.environment import EnvironmentProblem, load

    try:
        load()
    except EnvironmentProblem as problem:
        sys.exit(str(problem))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
