"""Django's admin. Every change goes through `domain`, so that it reaches Likes like any other."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import CharField, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from identity.tokens import Caller
from quotes_service import domain
from quotes_service.models import Quote, SearchableText, User
from quotes_service.search.searchable import search_words
from rest.errors import PermissionDenied
from rest.text import in_normal_form

READ_ONLY = ("likes", "version", "created_by", "created_at", "updated_at")


class NormalText(forms.CharField):
    """Text of a form, which comes in as that of the REST interface does: in NFC."""

    def to_python(self, value: Any) -> Any:
        """Return the text in its normal form, whose length then counts."""
        return in_normal_form(super().to_python(value))


@admin.register(Quote)
class QuoteAdmin(admin.ModelAdmin):
    """Quotes: text and author can be changed, the rest is kept by the service."""

    list_display = ("title", "author", "likes", "created_by", "updated_at")
    list_select_related = ("created_by",)
    search_fields = ("title", "author")  # there is a search; `get_search_results` finds
    formfield_overrides: ClassVar = {CharField: {"form_class": NormalText}}
    fields = ("title", "author", *READ_ONLY)
    readonly_fields = READ_ONLY
    ordering = ("-id",)
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Quote], search_term: str
    ) -> tuple[QuerySet[Quote], bool]:
        """Find what the list of quotes finds."""
        for word in search_words(search_term):
            holding = SearchableText.objects.filter(text__contains=word)
            queryset = queryset.filter(id__in=holding.values("quote"))
        return queryset, False

    def save_model(self, request: HttpRequest, obj: Quote, form: ModelForm, change: bool) -> None:
        """Write or change a quote by the domain, and show what came of it."""
        if change:
            saved = domain.update_quote(
                quote_id=obj.pk, caller=_caller(request), title=obj.title, author=obj.author
            )
        else:
            user_id = _caller(request).user_id
            saved = domain.create_quote(user_id=user_id, title=obj.title, author=obj.author)
        obj.__dict__.update(saved.__dict__)

    def delete_model(self, request: HttpRequest, obj: Quote) -> None:
        """Delete one quote."""
        domain.delete_quotes(quote_ids=[obj.pk], caller=_caller(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """The bulk action."""
        ids = list(queryset.values_list("id", flat=True))
        domain.delete_quotes(quote_ids=ids, caller=_caller(request))


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Accounts: as Django has them, but when one goes, its quotes change by the domain."""

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Delete one account."""
        domain.delete_user(user_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """The bulk action."""
        for user_id in queryset.order_by("id").values_list("id", flat=True):
            domain.delete_user(user_id=user_id)


def _caller(request: HttpRequest) -> Caller:
    """Whoever gets here was let in by the admin's own permissions."""
    if request.user.pk is None:
        raise PermissionDenied("Only staff may use the admin.")
    return Caller(user_id=request.user.pk, staff=True)
