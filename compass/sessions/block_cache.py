"""The prefix cache of one replica: blocks by hash, counted references, least recently used evicted first."""

from collections import OrderedDict
from collections.abc import Sequence


class BlockCache:
    """Blocks of KV cache of a replica, as vLLM keeps them.

    A block in use is pinned; one that nobody uses stays until its place is needed, the least recently used
    first and of one request the last blocks first. A block's hash stands for all tokens up to its end, so
    that a prompt finds the leading blocks that are there.
    """

    def __init__(self, blocks: int, host_blocks: int = 0) -> None:
        self.blocks = blocks
        self.pins: dict[int, int] = {}
        """Users of each block that is in use."""
        self.idle: OrderedDict[int, None] = OrderedDict()
        """Blocks that nobody uses, the next to be evicted first."""
        self.private = 0
        """Blocks in use whose contents nobody can share: answers that are being written."""
        self.host_blocks = host_blocks
        self.host: OrderedDict[int, None] = OrderedDict()
        """Evicted blocks in host memory."""

    @property
    def free(self) -> int:
        """Blocks that a request could take: empty ones, and those that may be evicted."""
        return self.blocks - len(self.pins) - self.private

    def found(self, hashes: Sequence[int]) -> tuple[int, int]:
        """Return how many leading blocks are on the GPU, and how many after those in host memory."""
        here = 0
        for block in hashes:
            if block not in self.pins and block not in self.idle:
                break
            here += 1
        beyond = 0
        for block in hashes[here:]:
            if block not in self.host:
                break
            beyond += 1
        return here, beyond

    def needed(self, hashes: Sequence[int], here: int) -> int:
        """Return the free blocks that a prompt takes which finds `here` leading blocks."""
        return len(hashes) - here + sum(block not in self.pins for block in hashes[:here])

    def take(self, hashes: Sequence[int]) -> None:
        """Pin the blocks of a prompt, evicting others where there is no place."""
        for block in hashes:
            if block in self.pins:
                self.pins[block] += 1
                continue
            self.idle.pop(block, None)
            self.host.pop(block, None)
            self.pins[block] = 1
        self._evict()

    def release(self, hashes: Sequence[int]) -> None:
        """Unpin blocks; those that nobody uses any more may be evicted, the last first."""
        for block in reversed(hashes):
            self.pins[block] -= 1
            if not self.pins[block]:
                del self.pins[block]
                self.idle[block] = None

    def grow(self, blocks: int) -> None:
        """Take (or give back) blocks for tokens that are being written."""
        self.private += blocks
        self._evict()

    def _evict(self) -> None:
        while self.idle and len(self.pins) + self.private + len(self.idle) > self.blocks:
            block, _ = self.idle.popitem(last=False)
            if self.host_blocks:
                self.host[block] = None
                if len(self.host) > self.host_blocks:
                    self.host.popitem(last=False)
