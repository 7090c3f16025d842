"""Fits the capacity model on measured runs and judges it; no part of the installed package."""
