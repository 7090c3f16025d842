"""Estimates of published or planned runs: a row of a file to latencies."""
