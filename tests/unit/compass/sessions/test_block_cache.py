"""The prefix cache of a replica: what it finds, what it evicts."""

from compass.sessions.block_cache import BlockCache


def test_a_prompt_finds_the_leading_blocks_that_are_there() -> None:
    cache = BlockCache(10)
    cache.take([1, 2, 3])
    cache.release([1, 2, 3])

    assert cache.found([1, 2, 9]) == (2, 0)
    assert cache.found([9, 2, 3]) == (0, 0)


def test_the_least_recently_used_goes_first_and_of_a_request_its_last_block() -> None:
    cache = BlockCache(4)
    for request in ([1, 2], [3, 4]):
        cache.take(request)
        cache.release(request)
    cache.take([5])

    assert cache.found([1, 2]) == (1, 0)
    assert cache.found([3, 4]) == (2, 0)


def test_blocks_in_use_stay() -> None:
    cache = BlockCache(3)
    cache.take([1, 2])
    cache.take([1, 2])
    cache.release([1, 2])
    cache.take([3])

    assert cache.free == 0
    assert cache.found([1, 2]) == (2, 0)


def test_evicted_blocks_go_to_host_memory() -> None:
    cache = BlockCache(2, host_blocks=1)
    cache.take([1, 2])
    cache.release([1, 2])
    cache.take([7])

    assert cache.found([1, 2]) == (1, 1)
    cache.take([8])
    assert cache.found([1]) == (0, 1), "of two evicted blocks the host holds the later one"
