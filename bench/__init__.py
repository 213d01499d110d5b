"""How fast the product is, beside what a user would pick instead; see docs/performance.md.

What can be run lies here. `kit` has what it needs, `peers` what the product is measured beside.
"""
