"""Plausible mistakes of a maintainer, each with the tests that must notice it.

Each TOML file here lists the faults of a part of the product. `make planted` plants them one at
a time in a copy of the tree and runs those tests; `make test` checks that each can be planted.
"""
