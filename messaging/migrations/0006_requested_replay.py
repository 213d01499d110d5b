from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0005_heard_source'),
    ]

    operations = [
        migrations.AlterField(
            model_name='deadletter',
            name='state',
            field=models.CharField(choices=[('parked', 'Parked'), ('requested', 'replay requested'), ('replayed', 'Replayed'), ('discarded', 'Discarded')], default='parked', max_length=10),
        ),
        migrations.AddIndex(
            model_name='deadletter',
            index=models.Index(condition=models.Q(('state', 'requested')), fields=['id'], name='dead_letter_requested'),
        ),
    ]
