"""A million rows from CSV into the store: rows a second and the peak of this process's memory."""

import asyncio
import resource
import tempfile
import time
from pathlib import Path

from compass.benchmarks import load_file
from compass.store import open_store

ROWS = 1_000_000
HEAD = "run,model,gpu,precision,gpus,tensor_parallel,prompt_tokens,output_tokens,concurrency,ttft_ms,itl_ms\n"


def write(path: Path) -> None:
    """Rows that differ in their prompt and concurrency."""
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for at in range(ROWS):
            file.write(f"r{at},Qwen/Qwen3-8B,H100,fp8,1,1,{100 + at % 1000},256,{1 + at // 1000},40.5,6.25\n")


def peak_mib() -> float:
    """Most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def main() -> None:
    """Load into a store of its own, twice, and take it out again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "million.csv"
        write(path)
        async with open_store() as store:
            before = peak_mib()
            began = time.perf_counter()
            first = await load_file(store, "csv", path)
            took = time.perf_counter() - began
            began = time.perf_counter()
            second = await load_file(store, "csv", path)
            again = time.perf_counter() - began
            after = peak_mib()
            async with store.connection() as connection:
                await connection.execute("DELETE FROM sources WHERE name = %s", [first.source])
    print(f"{first.loaded:,} rows: {took:.0f} s, {first.loaded / took:,.0f} rows/s")
    print(f"memory {before:.0f} → {after:.0f} MiB; again {again:.1f} s, unchanged: {second.unchanged}")


if __name__ == "__main__":
    asyncio.run(main())
