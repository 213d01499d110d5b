"""Django's admin, where a service has it: dead letters, to look at.

Replaying is a command's work, since no web process connects to the broker.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from messaging.models import DeadLetter

if TYPE_CHECKING:
    _DeadLetterAdmin = admin.ModelAdmin[DeadLetter]
else:
    _DeadLetterAdmin = admin.ModelAdmin  # takes no parameter when it runs


@admin.register(DeadLetter)
class DeadLetterAdmin(_DeadLetterAdmin):
    """Read-only; `manage.py dead_letters` replays and discards."""

    list_display = ("id", "type", "reason", "state", "attempts", "parked_at", "error")
    list_filter = ("state", "reason", "type")
    search_fields = ("identity", "type", "error")
    date_hierarchy = "parked_at"
    ordering = ("-id",)
    exclude = ("body",)
    readonly_fields = ("body_as_text",)

    @admin.display(description="body")
    def body_as_text(self, letter: DeadLetter) -> str:
        """Return the body as far as it is text."""
        return bytes(letter.body).decode("utf-8", "backslashreplace")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was discarded stays as a record."""
        return False
