"""A table gives no id twice, and leaps over those that it must not give."""

import pytest
from django.contrib.auth.models import Group

from database.sequences import last_given, leap

pytestmark = pytest.mark.django_db


def test_the_last_id_is_known_after_its_row_is_gone() -> None:
    group = Group.objects.create(name="one")
    group.delete()
    assert last_given(Group) >= 1
    assert Group.objects.create(name="two").pk == last_given(Group)


def test_a_leap_goes_beyond_and_never_back() -> None:
    beyond = last_given(Group) + 1000
    leap(Group, beyond)
    leap(Group, 5)
    assert last_given(Group) == beyond
    assert Group.objects.create(name="beyond").pk == beyond + 1
