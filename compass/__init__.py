"""Compass as a library."""
