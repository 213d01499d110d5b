from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0004_awaited_retry'),
    ]

    operations = [
        migrations.CreateModel(
            name='HeardSource',
            fields=[
                ('source', models.CharField(max_length=255, primary_key=True, serialize=False)),
                ('sequence', models.BigIntegerField()),
            ],
            options={
                'verbose_name': 'heard source',
                'db_table': 'messaging_heard_source',
            },
        ),
        migrations.CreateModel(
            name='UnfinishedRestore',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('begun_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'unfinished restore',
                'db_table': 'messaging_unfinished_restore',
            },
        ),
    ]
