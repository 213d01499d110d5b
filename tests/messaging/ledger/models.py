"""What the tests' handlers write: an entry each time that an event takes effect."""

from django.db import models


class Entry(models.Model):
    """One effect of one event."""

    event_id = models.CharField(max_length=255)
    type = models.CharField(max_length=255)
    number = models.IntegerField()
    trace_id = models.CharField(max_length=32, blank=True)
