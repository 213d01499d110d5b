"""A backend of Django's."""
