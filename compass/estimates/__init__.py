"""Latency estimates for the rows of a CSV file of configurations and loads."""
