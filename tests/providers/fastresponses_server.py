"""A fastresponses server that echoes, run by an interpreter that has fastresponses: ``PORT``."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from fastresponses import (  # type: ignore[import-not-found]  # -- installed apart
    AgentAdapter,
    TextDelta,
    UsageDelta,
    create_app,
)


class Echo(AgentAdapter):  # type: ignore[misc]  # -- its types are not known here
    """Answers after a moment."""

    name = "echo"

    async def run(self, run: Any) -> AsyncIterator[Any]:
        """One turn."""
        await asyncio.sleep(1)
        yield TextDelta(f"Answer to {run.request.model}.")
        yield UsageDelta(input_tokens=10, output_tokens=5, total_tokens=15)


uvicorn.run(create_app(Echo()), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
