"""Tells the store of a revoked token, so that pollers stop sending even while no API runs."""

from redis.asyncio import Redis

from shared.domain import changes
from shared.domain.states import Status
from shared.runtime.settings import SharedSettings
from shared.store import Store
from shared.store.connection import connection_pool

PAGE_SIZE = 100


async def stop_spending(settings: SharedSettings, owner: str, *, cancel: bool) -> int:
    """Have nothing more of the owner sent; the number of queued tasks that ``cancel`` cancelled.

    Raises redis-py's errors.
    """
    pool = connection_pool(settings.redis_url.get_secret_value(), retries=1, timeout=3)
    redis = Redis(connection_pool=pool)
    try:
        store = Store(redis, settings.provider, confirm=False)
        await store.ledger.remove_owner(owner)
        return await cancel_queued(store, owner) if cancel else 0
    finally:
        await redis.aclose()
        await pool.aclose()


async def cancel_queued(store: Store, owner: str) -> int:
    """Cancel the owner's tasks that were not sent; how many there were."""
    cancelled, cursor = 0, None
    while True:
        page = await store.page(status=Status.QUEUED, cursor=cursor, limit=PAGE_SIZE, owner=owner)
        for task in page.tasks:
            cancelled += await store.apply(changes.cancel(task, 0)) is not None
        if page.cursor is None:
            return cancelled
        cursor = page.cursor
