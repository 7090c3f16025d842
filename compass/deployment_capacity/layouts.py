"""Every way to divide some GPUs among replicas: tensor parallel × pipeline parallel × replicas."""

from dataclasses import dataclass

from compass.catalog import Architecture
from compass.planning import divides

MOST_STAGES = 16


@dataclass(frozen=True)
class Layout:
    """GPUs that share a layer, stages of the pipeline, and replicas of both."""

    tensor_parallel: int
    pipeline_parallel: int
    replicas: int

    @property
    def gpus(self) -> int:
        """GPUs of one replica."""
        return self.tensor_parallel * self.pipeline_parallel


def layouts(
    architecture: Architecture, count: int, node: int, tensor_parallel: int | None = None
) -> tuple[Layout, ...]:
    """Every layout of `count` GPUs in machines of `node`; only the stated tensor parallel size where given.

    Heads must divide; a pipeline joins machines, and the GPUs of one machine only where no tensor parallel
    size takes all of them.
    """
    valid = [size for size in range(1, min(count, node) + 1) if divides(architecture, size)]
    sizes = [tensor_parallel] if tensor_parallel else valid
    found = []
    for size in sizes:
        for stages in range(1, min(count // size, MOST_STAGES, architecture.layers) + 1):
            total = size * stages
            inside = total <= node
            if stages > 1 and not tensor_parallel:
                if inside and (total in valid or total != count):
                    continue
                if not inside and (size != max(valid) or total % node):
                    continue
            found.append(Layout(size, stages, count // total))
    return tuple(found)
