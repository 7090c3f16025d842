"""`compass estimate --batch IN --out OUT`: latencies for a file of configurations."""

from pathlib import Path

import click

from compass.catalog import load_catalog
from compass.estimates import estimate_file


@click.command()
@click.option(
    "--batch", "source", required=True, type=click.Path(path_type=Path), help="CSV: configurations and loads."
)
@click.option("--out", "target", required=True, type=click.Path(path_type=Path), help="CSV: a line for each.")
def estimate(source: Path, target: Path) -> None:
    """Estimate TTFT, ITL and E2E, with intervals, for every line of a CSV file.

    The file has the columns of the shipped runs or of published runs; its latencies are ignored.
    """
    report = estimate_file(source, target, load_catalog())
    click.echo(f"{report.answered} estimated, {report.refused} refused with a reason → {target}", err=True)
