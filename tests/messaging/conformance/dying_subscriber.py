"""Acks ACK messages of a queue, receives HOLD more, and dies as by `kill -9`.

dying_subscriber.py URL QUEUE ACK HOLD, with AMQP_FAST in its environment
"""

import os
import signal
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[3])

from messaging.brokers import broker_for  # noqa: E402 - found only by the line above
from web.configuration import flag  # noqa: E402

url, queue, ack, hold = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
subscriber = broker_for(url, "dying", fast=flag("AMQP_FAST", True)).subscriber(queue, 100)
while ack:
    batch = subscriber.receive(ack, 0.5)
    subscriber.ack(batch)
    ack -= len(batch)
while hold:
    hold -= len(subscriber.receive(hold, 0.5))
os.kill(os.getpid(), signal.SIGKILL)
