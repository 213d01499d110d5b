"""What the benchmarks need: servers, processes, load, rounds and reports."""
