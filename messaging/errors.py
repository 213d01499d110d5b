"""What can go wrong in messaging.

MessagingError
├── OutsideTransaction   publish() was called with no transaction open
├── InvalidEvent         an event that its JSON Schema, or the wire, does not allow
├── UnknownEventType     an event type that this service has no handler for
├── BrokerUnavailable    the broker can't be reached, refused us, or went away
├── EventRefused         the broker is there, and does not take one message
├── SessionNotKept       a pooler gives our session of the database to others
└── NotOwned             a delivery of a connection that is gone: the broker has it again
"""


class MessagingError(Exception):
    """Base of all errors raised by this app."""


class OutsideTransaction(MessagingError):
    """`publish()` was called outside a transaction: row and event could not commit together."""


class InvalidEvent(MessagingError):
    """The event or message is not what its type and the wire format say it must be."""


class UnknownEventType(MessagingError):
    """No handler of this service takes events of this type."""


class BrokerUnavailable(MessagingError):
    """The broker can't be reached, or refused or dropped the connection. Worth a retry."""


class EventRefused(MessagingError):
    """The broker does not take this message, and takes others: see `brokers.interface.Refusal`."""


class SessionNotKept(MessagingError):
    """A pooler before the database gives the relay's session to others between transactions."""


class NotOwned(MessagingError):
    """The delivery came by a connection that is gone; the broker will deliver it again."""
