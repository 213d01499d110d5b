"""Who may act: every change of it, each one transaction of the account's change, then its event."""

from django.db import transaction

from identity.standing import GONE, Standing
from quotes_service.models import User


def end_tokens(user_id: int) -> User | None:
    """End all tokens that were issued to an account until now; `None` if it is gone."""
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).filter(id=user_id).first()
        if user is not None:
            user.end_tokens()
            user.save(update_fields=["valid_from"])
        return user


def standing_of(user_id: int) -> Standing:
    """Read what is known of an account: here everything is, and one that isn't there is gone."""
    rows = User.objects.filter(id=user_id).values_list("is_active", "is_staff", "valid_from")
    found = rows.first()
    return Standing(*found) if found else GONE
