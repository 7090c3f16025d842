"""Fits the capacity model to measured runs and reports its errors; not part of the installed package."""
