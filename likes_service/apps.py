"""The Django app."""

from django.apps import AppConfig


class LikesConfig(AppConfig):
    """Likes, and a replica of the quotes that can be liked."""

    name = "likes_service"
    verbose_name = "Likes"
