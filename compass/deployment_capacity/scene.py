"""What an arrangement is worked out from: hardware, model, question, and where figures come from."""

from dataclasses import dataclass, replace

from compass.capacity import Estimator
from compass.catalog import Catalog, Gpu
from compass.deployment_capacity.hardware import Hardware
from compass.deployment_capacity.question import CapacityQuestion
from compass.deployment_capacity.subject import Subject
from compass.planning import Wishes


@dataclass(frozen=True)
class Scene:
    """One model on `count` GPUs under one question."""

    catalog: Catalog
    estimator: Estimator
    hardware: Hardware
    count: int
    subject: Subject
    question: CapacityQuestion
    wishes: Wishes
    asked: tuple[str, ...]

    def with_count(self, count: int) -> "Scene":
        """The same with more or fewer GPUs."""
        return replace(self, count=count)

    def with_subject(self, subject: Subject) -> "Scene":
        """The same for another model."""
        return replace(self, subject=subject)

    def with_gpu(self, gpu: Gpu) -> "Scene":
        """The same with as many GPUs of another kind of the catalog."""
        return replace(self, hardware=Hardware(gpu, self.count, in_catalog=True))

    def in_any_format(self) -> "Scene":
        """The same where no format is asked for."""
        return replace(self, wishes=self.wishes.changed(precision=None))
