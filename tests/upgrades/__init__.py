"""The last release beside this one: on the same databases and queues, with the same events."""
