from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('quotes_service', '0002_like_sequences'),
    ]

    operations = [
        migrations.AlterModelManagers(name='user', managers=[]),
        migrations.AddField(
            model_name='user',
            name='username_key',
            field=models.TextField(editable=False, null=True, unique=True),
        ),
        migrations.AddField(
            model_name='user',
            name='valid_from',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='user',
            name='version',
            field=models.BigIntegerField(db_default=1, default=1, editable=False),
        ),
    ]
