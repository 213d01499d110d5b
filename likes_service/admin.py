"""Django's admin: the replica to look at, and likes to look at and take back."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from likes_service import domain
from likes_service.errors import NotLiked, QuoteNotFound
from likes_service.models import Like, Quote
from web.read_only import ReadOnlyRows


@admin.register(Quote)
class QuoteAdmin(ReadOnlyRows, admin.ModelAdmin):
    """The replica: it follows Quotes, and is changed there."""

    list_display = ("id", "title", "author", "version", "deleted", "updated_at")
    list_filter = ("deleted",)
    search_fields = ("title", "author")
    ordering = ("-id",)
    show_full_result_count = False


@admin.register(Like)
class LikeAdmin(ReadOnlyRows, admin.ModelAdmin):
    """Likes: one can be taken back here as its user could, so Quotes learns of it."""

    list_display = ("id", "user_id", "quote", "created_at")
    list_select_related = ("quote",)
    search_fields = ("=user_id", "=quote__id")
    ordering = ("-id",)
    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Like | None = None) -> bool:
        """Whoever has Django's permission to delete likes."""
        return request.user.has_perm("likes_service.delete_like")

    def delete_model(self, request: HttpRequest, obj: Like) -> None:
        """Take one like back."""
        _unlike([obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Like]) -> None:
        """The bulk action."""
        _unlike(list(queryset))


def _unlike(likes: list[Like]) -> None:
    for like in likes:
        try:
            domain.unlike_quote(user_id=like.user_id, quote_id=like.quote_id)
        except (NotLiked, QuoteNotFound):  # its user, or the quote's deletion, was faster
            continue
