"""How long a replica takes to start."""

# Weights arrive at a third of a GiB a second from a hub; compiling and capturing graphs takes minutes.
SECONDS_A_GIB, SECONDS_TO_COMPILE = 3.0, 300.0


def start_seconds(weight_gib: float) -> float:
    """Return the expected time from the start of a replica until it serves."""
    return weight_gib * SECONDS_A_GIB + SECONDS_TO_COMPILE
