"""Checks the figures in answers against what tools returned."""
