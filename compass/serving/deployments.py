"""Finds deployments in the store, and keeps an option from being deployed twice in one place."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from compass.core import Conflict, NotFound, unknown
from compass.serving.types import Deployment, Target
from compass.store import Store

PREFIX = "dep"


async def find_deployment(store: Store, deployment_id: str) -> tuple[Deployment, tuple[str, ...]]:
    """The deployment with this id and no others; for an empty id the newest, and the ids of the others.

    Raises:
        NotFound: there is none, or none with this id; names the nearest.
    """
    ids = await store.ids(PREFIX)
    if not ids:
        raise NotFound("Nothing is deployed. Plan first, then deploy one of the plan's options.")
    if not deployment_id:
        return await store.get(ids[0], Deployment), tuple(ids[1:])
    if deployment_id not in ids:
        raise unknown("deployment", deployment_id, ids)
    return await store.get(deployment_id, Deployment), ()


def target_of(targets: Mapping[str, Target], name: str) -> Target:
    """The target with this name.

    Raises:
        NotFound: there is none; names the known ones.
    """
    if name not in targets:
        raise NotFound(f'No target called "{name}". Known: {", ".join(targets)}.')
    return targets[name]


@asynccontextmanager
async def only_deployment(
    store: Store, targets: Mapping[str, Target], wanted: Deployment
) -> AsyncIterator[str]:
    """Reserve an id for a deployment while the block makes it; forgotten again when the block fails.

    Two at the same time, also from two processes, wait for each other. Remains of one that is gone go first.

    Raises:
        Conflict: the option is deployed there already; names the deployment.
    """
    key = f"{wanted.target}/{wanted.namespace}/{wanted.receipt.option.option_id}"
    async with store.connection() as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
        await refuse_second(store, targets, wanted)
        await clear_remains(store, targets, wanted)
        deployment_id = await store.put(PREFIX, wanted)
        try:
            yield deployment_id
        except BaseException:
            await store.delete(deployment_id)
            raise


async def refuse_second(store: Store, targets: Mapping[str, Target], wanted: Deployment) -> None:
    """Refuse to deploy an option that runs in the same place already.

    Raises:
        Conflict: there is one; names it.
    """
    for other in await duplicates_of(store, wanted):
        if await target_of(targets, other.target).exists(other):
            name = other.deployment_id
            raise Conflict(
                f"{wanted.receipt.option.option_id} is deployed already as {name} at {other.endpoint}. "
                f"Use it, or remove it first: undeploy {name}."
            )


async def clear_remains(store: Store, targets: Mapping[str, Target], wanted: Deployment) -> None:
    """Remove what a dead deployment of the same option left.

    Only for the holder of its lock: the others cannot tell it from one that is being made.
    """
    for other in await duplicates_of(store, wanted):
        await target_of(targets, other.target).remove(other)
        await store.delete(other.deployment_id)


async def duplicates_of(store: Store, wanted: Deployment) -> list[Deployment]:
    """Return the recorded deployments of the same option in the same place."""
    recorded = [await store.get(identifier, Deployment) for identifier in await store.ids(PREFIX)]
    return [other for other in recorded if same_place(other, wanted)]


def same_place(one: Deployment, other: Deployment) -> bool:
    """Whether two deployments are of one option, on one target and in one namespace."""
    return (one.target, one.namespace, one.receipt.option.option_id) == (
        other.target,
        other.namespace,
        other.receipt.option.option_id,
    )
