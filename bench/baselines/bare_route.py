"""A FastAPI route with a typed body and one round trip to the store: the least a POST can be."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from redis.asyncio import Redis


class Body(BaseModel):
    """What is handed in."""

    input: str


def create_app() -> FastAPI:
    """The whole service."""
    redis = Redis.from_url(os.environ["REDIS_URL"])

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await redis.aclose()

    app = FastAPI(lifespan=lifespan)

    @app.post("/v1/tasks", status_code=202)
    async def create(body: Body) -> dict[str, str]:
        task_id = uuid4().hex
        await redis.hset(f"bare:{task_id}", mapping={"status": "queued", "input": body.input})
        return {"id": task_id, "status": "queued"}

    @app.get("/healthz")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


if __name__ == "__main__":
    port = int(os.environ["PORT"])
    uvicorn.run(create_app(), port=port, log_level="warning", access_log=False, loop="uvloop")
