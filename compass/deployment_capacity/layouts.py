"""Every way to divide some GPUs among replicas: inside of machines and over several of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from compass.catalog import Architecture
from compass.planning import divides

MOST_STAGES = 16
MOST_RANKED = 64
"""GPUs of a replica whose experts they all share: as planned elsewhere."""


@dataclass(frozen=True)
class Layout:
    """GPUs that share a layer, stages of the pipeline, and replicas of both.

    `data_parallel`: ranks with attention and a KV cache of their own, experts being divided among all GPUs.
    """

    tensor_parallel: int
    pipeline_parallel: int
    replicas: int
    data_parallel: int = 1

    @property
    def gpus(self) -> int:
        """GPUs of one replica."""
        return self.tensor_parallel * self.pipeline_parallel * self.data_parallel


def layouts(
    architecture: Architecture, count: int, node: int, tensor_parallel: int | None = None
) -> tuple[Layout, ...]:
    """Every layout of `count` GPUs in machines of `node`; only the stated tensor parallel size where given.

    Heads must divide; a pipeline joins machines, and the GPUs of one machine only where no tensor parallel
    size takes all of them. Mixtures may join machines by ranks that share their experts, too.
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
    return (*found, *ranked(architecture, count, node, tensor_parallel or 1))


def ranked(architecture: Architecture, count: int, node: int, size: int) -> Iterator[Layout]:
    """Yield the layouts of a mixture over whole machines, with a rank of attention for each `size` GPUs."""
    if not architecture.experts or node == 1 or node % size or not divides(architecture, size):
        return
    for total in range(2 * node, min(count, MOST_RANKED) + 1, node):
        if architecture.experts % total == 0:
            yield Layout(size, 1, count // total, total // size)
