from collections.abc import Callable
from typing import Any

from django.db import migrations, models

# Wakes the relay at the commit of a transaction that wrote to the outbox. Equal notifications of
# one transaction are folded into one by PostgreSQL.
NOTIFY = """
CREATE FUNCTION messaging_notify_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('messaging_outbox', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER messaging_outbox_notify AFTER INSERT ON messaging_outbox
FOR EACH STATEMENT EXECUTE FUNCTION messaging_notify_outbox();
"""
FORGET = """
DROP TRIGGER IF EXISTS messaging_outbox_notify ON messaging_outbox;
DROP FUNCTION IF EXISTS messaging_notify_outbox();
"""


def _on_postgresql(statements: str) -> Callable[[Any, Any], None]:
    def run(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(statements)

    return run


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='DeadLetter',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('identity', models.CharField(max_length=255, unique=True)),
                ('type', models.CharField(blank=True, max_length=255)),
                ('reason', models.CharField(choices=[('invalid', 'not what its type or the wire format says'), ('unknown_type', 'no handler for its type'), ('failed', 'its handler failed at every attempt'), ('delivery_limit', 'its consumer died each time')], max_length=20)),
                ('state', models.CharField(choices=[('parked', 'Parked'), ('replayed', 'Replayed'), ('discarded', 'Discarded')], default='parked', max_length=10)),
                ('body', models.BinaryField()),
                ('headers', models.JSONField()),
                ('error', models.TextField()),
                ('traceback', models.TextField(blank=True)),
                ('attempts', models.PositiveIntegerField()),
                ('parked_at', models.DateTimeField(db_index=True)),
                ('closed_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'dead letter',
                'db_table': 'messaging_dead_letter',
            },
        ),
        migrations.CreateModel(
            name='OutboxEvent',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('event_id', models.CharField(max_length=255)),
                ('type', models.CharField(max_length=255)),
                ('key', models.CharField(max_length=255)),
                ('data', models.TextField()),
                ('traceparent', models.CharField(blank=True, max_length=55)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'outbox event',
                'db_table': 'messaging_outbox',
            },
        ),
        migrations.CreateModel(
            name='InboxEvent',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('event_id', models.CharField(max_length=255)),
                ('source', models.CharField(max_length=255)),
                ('handled_at', models.DateTimeField(db_index=True)),
            ],
            options={
                'verbose_name': 'inbox event',
                'db_table': 'messaging_inbox',
                'constraints': [models.UniqueConstraint(fields=('event_id', 'source'), name='inbox_event_once')],
            },
        ),
        migrations.RunPython(_on_postgresql(NOTIFY), _on_postgresql(FORGET)),
    ]
