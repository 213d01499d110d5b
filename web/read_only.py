"""Rows of an admin that are only looked at."""

from typing import Any

from django.http import HttpRequest


class ReadOnlyRows:
    """Put before ModelAdmin: nobody adds, changes or deletes a row by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes one by hand."""
        return False
