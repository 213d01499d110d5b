from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0003_held_batch'),
    ]

    operations = [
        migrations.CreateModel(
            name='AwaitedRetry',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('identity', models.CharField(max_length=255, unique=True)),
                ('due_at', models.DateTimeField(db_index=True)),
            ],
            options={
                'verbose_name': 'awaited retry',
                'db_table': 'messaging_awaited_retry',
            },
        ),
    ]
