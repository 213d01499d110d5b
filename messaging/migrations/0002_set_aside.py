from django.db import migrations, models


class Migration(migrations.Migration):
    """An older release goes on beside it: what it writes has no value in the new columns."""

    dependencies = [
        ('messaging', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='outboxevent',
            name='refusal',
            field=models.TextField(null=True),
        ),
        migrations.AddField(
            model_name='outboxevent',
            name='set_aside_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='outboxevent',
            name='try_again_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='outboxevent',
            index=models.Index(condition=models.Q(('set_aside_at__isnull', False)), fields=['key', 'id'], name='outbox_set_aside'),
        ),
        migrations.AlterField(
            model_name='deadletter',
            name='reason',
            field=models.CharField(choices=[('invalid', 'not what its type or the wire format says'), ('unknown_type', 'no handler for its type'), ('failed', 'its handler failed at every attempt'), ('delivery_limit', 'its consumer died each time'), ('refused', 'an event of ours that the broker refused')], max_length=20),
        ),
    ]
