"""How long a replica takes to start, and for how long machines are rented for some work."""

import numpy as np

from compass.capacity import FloatArray

# Weights arrive at a third of a GiB a second from a hub; compiling and capturing graphs takes minutes.
SECONDS_A_GIB, SECONDS_TO_COMPILE = 3.0, 300.0
SMALLEST_RENTAL_HOURS = 1.0
"""Taken for every provider: many bill by the hour, and machines are not had by the minute."""


def start_seconds(weight_gib: float) -> float:
    """Return the expected time from the start of a replica until it serves."""
    return weight_gib * SECONDS_A_GIB + SECONDS_TO_COMPILE


def rented_hours(work_hours: FloatArray | float, start_hours: FloatArray | float) -> FloatArray:
    """Return the hours for which machines are rented: start and work, at least the smallest rental."""
    return np.maximum(SMALLEST_RENTAL_HOURS, np.asarray(work_hours) + start_hours)
