"""What messaging keeps in a service's database."""

from django.db import models


class OutboxEvent(models.Model):
    """An event that the broker has not confirmed yet. Its `id` is the event's sequence.

    The row is written in the transaction of the change that it is about. The relay deletes it once
    the broker has confirmed it. One that the broker refuses is set aside: see `set_aside.py`.
    """

    id = models.BigAutoField(primary_key=True)
    event_id = models.CharField(max_length=255)
    type = models.CharField(max_length=255)
    # Events with one key are published in order; lanes by key can be made from it later.
    key = models.CharField(max_length=255)
    data = models.TextField()
    traceparent = models.CharField(max_length=55, blank=True)
    created_at = models.DateTimeField()
    # Why the broker refuses it, since when it is set aside, and when it is tried again: None is
    # when an operator says so. (All may be null, since an older release writes rows without them.)
    refusal = models.TextField(null=True)
    set_aside_at = models.DateTimeField(null=True)
    try_again_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "messaging_outbox"
        verbose_name = "outbox event"
        indexes = (
            models.Index(
                fields=["key", "id"],
                condition=models.Q(set_aside_at__isnull=False),
                name="outbox_set_aside",
            ),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class InboxEvent(models.Model):
    """An event that was handled: its effect is in the database, and must not be made twice."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.CharField(max_length=255)
    # CloudEvents ids are unique only within their source.
    source = models.CharField(max_length=255)
    handled_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "messaging_inbox"
        verbose_name = "inbox event"
        constraints = (
            models.UniqueConstraint(fields=["event_id", "source"], name="inbox_event_once"),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.event_id}"


class HeardSource(models.Model):
    """The greatest sequence of a source's events that were handled here; see `heard.py`."""

    source = models.CharField(max_length=255, primary_key=True)
    sequence = models.BigIntegerField()

    class Meta:
        db_table = "messaging_heard_source"
        verbose_name = "heard source"

    def __str__(self) -> str:
        return f"{self.source} {self.sequence}"


class UnfinishedRestore(models.Model):
    """A restore that was found or that `finish_restore` has begun, in one row: see `past.py`."""

    id = models.BigAutoField(primary_key=True)
    begun_at = models.DateTimeField()

    class Meta:
        db_table = "messaging_unfinished_restore"
        verbose_name = "unfinished restore"

    def __str__(self) -> str:
        return f"restore begun at {self.begun_at}"


class AwaitedRetry(models.Model):
    """A message that failed and was sent to wait, until it has come back.

    RabbitMQ holds what it can't bring back, and tells nobody: these are the books.
    """

    id = models.BigAutoField(primary_key=True)
    identity = models.CharField(max_length=255, unique=True)
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "messaging_awaited_retry"
        verbose_name = "awaited retry"

    def __str__(self) -> str:
        return self.identity


class HeldBatch(models.Model):
    """What a consumer holds while one batch takes long: the broker doesn't tell of it."""

    id = models.BigAutoField(primary_key=True)
    consumer = models.CharField(max_length=255, unique=True)
    messages = models.PositiveIntegerField()
    since = models.DateTimeField()
    # A consumer that is gone says no more; what it held is with the broker again.
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "messaging_held_batch"
        verbose_name = "held batch"

    def __str__(self) -> str:
        return f"{self.messages} messages at {self.consumer}"


class JournalEntry(models.Model):
    """What became of an event here, kept for a while: see `journal.py`."""

    class Step(models.TextChoices):
        """From `begun_at` to `ended_at` it was…"""

        PUBLISHED = "published"  # sent, and confirmed
        HANDLED = "handled"  # delivered, and handled
        FAILED = "failed"  # delivered, and sent to wait for its next attempt
        PARKED = "parked"  # delivered, and parked

    # Looked through from its end: it is small, and an index would cost more at each event.
    id = models.BigAutoField(primary_key=True)
    step = models.CharField(max_length=10, choices=Step.choices)
    event_id = models.CharField(max_length=255)
    source = models.CharField(max_length=255)
    type = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    trace_id = models.CharField(max_length=32)
    written_at = models.DateTimeField()  # the event's own time
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    detail = models.TextField(blank=True, db_default="")

    class Meta:
        db_table = "messaging_journal"
        verbose_name = "event of the flow"
        verbose_name_plural = "flow"

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}: {self.step}"


class ProcessReport(models.Model):
    """What a relay or consumer says of itself and of the queue; see `reports.py`."""

    name = models.CharField(max_length=255, primary_key=True)
    role = models.CharField(max_length=20)
    status = models.CharField(max_length=20)
    detail = models.TextField(blank=True)
    # None is what isn't known: the broker can't be asked, or does not tell.
    queue_ready = models.BigIntegerField(null=True)
    queue_consumers = models.BigIntegerField(null=True)
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "messaging_process_report"
        verbose_name = "process report"

    def __str__(self) -> str:
        return f"{self.name}: {self.status}"


class DeadLetter(models.Model):
    """A message that could not be handled, with all that is needed to find out why."""

    class State(models.TextChoices):
        """What became of it. A replayed one that fails again is parked again."""

        PARKED = "parked"
        REQUESTED = "requested", "replay requested"  # the consumer sends it
        REPLAYED = "replayed"
        DISCARDED = "discarded"

    class Reason(models.TextChoices):
        """Why it is here."""

        INVALID = "invalid", "not what its type or the wire format says"
        UNKNOWN_TYPE = "unknown_type", "no handler for its type"
        FAILED = "failed", "its handler failed at every attempt"
        DELIVERY_LIMIT = "delivery_limit", "its consumer died each time"
        REFUSED = "refused", "an event of ours that the broker refused"

    id = models.BigAutoField(primary_key=True)
    # The message id, or a digest of the message if it has none: parked twice is one row.
    identity = models.CharField(max_length=255, unique=True)
    type = models.CharField(max_length=255, blank=True)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PARKED)
    body = models.BinaryField()
    headers = models.JSONField()
    error = models.TextField()
    traceback = models.TextField(blank=True)
    attempts = models.PositiveIntegerField()
    parked_at = models.DateTimeField(db_index=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "messaging_dead_letter"
        verbose_name = "dead letter"
        indexes = (
            models.Index(
                fields=["id"],
                condition=models.Q(state="requested"),
                name="dead_letter_requested",
            ),
        )

    def __str__(self) -> str:
        return f"{self.type or 'unknown'} {self.identity}: {self.reason}"
