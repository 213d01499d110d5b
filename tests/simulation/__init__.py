"""The product's messaging in one process, where time, faults and turns come from a seed.

The relay, consumer, inbox, outbox and handlers are the real ones of both services, on SQLite in
memory. The broker, the clock and the turns of the processes are simulated: one seed, one trace.
"""
