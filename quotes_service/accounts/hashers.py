"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class OwaspArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id at the cost that OWASP's Password Storage Cheat Sheet names as its minimum.

    Django's own default takes 100 MB a hash, which a few logins at once would make gigabytes.
    """

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1
