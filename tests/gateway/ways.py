"""What is so by the fast ways alone; see the table of docs/performance.md."""

import pytest
from django.conf import settings

fast_transport = pytest.mark.skipif(
    settings.UPSTREAM_TRANSPORT != "fast", reason="about the transport of our own"
)
compiled = pytest.mark.skipif(not settings.GRAPHQL_COMPILED, reason="about compiled documents")
