"""django-cqrs's transport, made to wait until the broker has what it publishes."""

from dj_cqrs.transport.rabbit_mq import RabbitMQTransport


class ConfirmedTransport(RabbitMQTransport):
    """Publishes on a channel with confirms; it has no setting for that."""

    @classmethod
    def _create_connection(cls, *arguments):
        connection, channel = super()._create_connection(*arguments)
        channel.confirm_delivery()
        return connection, channel
