"""How long the rules take: `python -m tests.histories [OPERATIONS]`, 100,000 by default."""

import sys
import time

from tests.histories.judge import RULES, judge
from tests.histories.made_up import made_up

operations = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
history = made_up(1, operations, clients=12, users=24, quotes=operations // 50)
for rule in RULES:
    started = time.process_time()
    found = len(list(rule(history)))
    print(f"{rule.__name__}: {found} found, {time.process_time() - started:.1f} s of CPU")
print(judge(history))
