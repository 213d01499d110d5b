from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0002_set_aside'),
    ]

    operations = [
        migrations.CreateModel(
            name='HeldBatch',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('consumer', models.CharField(max_length=255, unique=True)),
                ('messages', models.PositiveIntegerField()),
                ('since', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'held batch',
                'db_table': 'messaging_held_batch',
            },
        ),
    ]
