"""Assumptions and remarks of a specification, gathered while it is made."""

from dataclasses import dataclass, field

from compass.planning.types import Assumption


@dataclass
class Notes:
    """Assumptions and remarks as they are found."""

    assumptions: list[Assumption] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def assume(self, name: str, value: str, why: str) -> None:
        """Add one assumption."""
        self.assumptions.append(Assumption(field=name, value=value, why=why))

    def choose(self, name: str, said: float | None, default: float, why: str) -> float:
        """What was said, else the default as an assumption."""
        if said is not None:
            return said
        self.assume(name, f"{default:g}", why)
        return default
