"""Django's admin, where a service has it: the flow of events, and dead letters to decide on.

No web process connects to the broker: the admin asks for a replay, and the consumer sends it.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from messaging.flow import views
from messaging.models import DeadLetter, JournalEntry
from messaging.replays import discard, request_replay
from web.read_only import ReadOnlyRows

if TYPE_CHECKING:
    _DeadLetterAdmin = admin.ModelAdmin[DeadLetter]
    _FlowAdmin = admin.ModelAdmin[JournalEntry]
else:
    _DeadLetterAdmin = _FlowAdmin = admin.ModelAdmin  # takes no parameter when it runs

_MOST = 500  # at once: a form has at most a thousand fields
_SHOWN = 20  # of those that are to be confirmed
# What is asked, and what is told.
_REPLAY = ("Replay", "Have these handled again, under their own event ids?", "will be replayed")
_DISCARD = ("Discard", "Give these up for good? Their rows stay as a record.", "discarded")


@admin.register(DeadLetter)
class DeadLetterAdmin(ReadOnlyRows, _DeadLetterAdmin):
    """Nobody changes one by hand. Who has Django's right to change them replays and discards."""

    list_display = ("id", "type", "reason", "state", "attempts", "parked_at", "error")
    list_filter = ("state", "reason", "type")
    search_fields = ("identity", "type", "error")
    date_hierarchy = "parked_at"
    ordering = ("-id",)
    exclude = ("body",)
    readonly_fields = ("body_as_text",)
    actions = ("replay_chosen", "discard_chosen")

    @admin.display(description="body")
    def body_as_text(self, letter: DeadLetter) -> str:
        """Return the body as far as it is text."""
        return bytes(letter.body).decode("utf-8", "backslashreplace")

    @admin.action(description="Replay selected dead letters", permissions=["close"])
    def replay_chosen(
        self, request: HttpRequest, letters: QuerySet[DeadLetter]
    ) -> HttpResponseBase | None:
        """Have messages handled again, once that is confirmed."""
        return self._confirmed(request, letters, request_replay, _REPLAY)

    @admin.action(description="Discard selected dead letters", permissions=["close"])
    def discard_chosen(
        self, request: HttpRequest, letters: QuerySet[DeadLetter]
    ) -> HttpResponseBase | None:
        """Give messages up, once that is confirmed."""
        return self._confirmed(request, letters, discard, _DISCARD)

    def _confirmed(
        self,
        request: HttpRequest,
        letters: QuerySet[DeadLetter],
        act: Callable[[Iterable[DeadLetter]], list[int]],
        words: Sequence[str],
    ) -> HttpResponseBase | None:
        """Ask, or act on what was asked about and say what came of it."""
        title, question, told = words
        chosen = list(letters.order_by("id").defer("body", "headers", "traceback")[:_MOST])
        if "confirmed" not in request.POST:
            context = self.admin_site.each_context(request) | {
                "title": f"{title} {len(chosen)} dead letters",
                "question": question,
                "verb": title,
                "opts": self.model._meta,
                "letters": chosen[:_SHOWN],
                "more": max(0, len(chosen) - _SHOWN),
                "ids": [letter.pk for letter in chosen],
                "action": request.POST["action"],
                "checkbox": ACTION_CHECKBOX_NAME,
            }
            return TemplateResponse(request, "messaging/confirm_dead_letters.html", context)
        done = act(chosen)
        if done:
            self.message_user(request, f"{len(done)} {told}.", messages.SUCCESS)
        if passed := len(chosen) - len(done):
            passed_over = f"{passed} passed over: no longer parked."
            self.message_user(request, passed_over, messages.WARNING)
        return None

    def has_close_permission(self, request: HttpRequest) -> bool:
        """Whoever has Django's permission to change dead letters."""
        return _may(request, "messaging.change_deadletter")


@admin.register(JournalEntry)
class FlowAdmin(ReadOnlyRows, _FlowAdmin):
    """The flow of events stands where the list of the journal would. Who may view that sees it."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the map and the timelines."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        may_close = _may(request, "messaging.view_deadletter")
        context = self.admin_site.each_context(request) | {"title": "Flow", "may_close": may_close}
        return views.respond(request, context)


def _may(request: HttpRequest, permission: str) -> bool:
    user: Any = request.user  # whichever account the service has
    return bool(user.has_perm(permission))
