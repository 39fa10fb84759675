"""An Azure agent server that echoes, run by an interpreter that has the package: ``PORT``."""

import asyncio
import sys
from typing import Any

from azure.ai.agentserver.responses import (  # type: ignore[import-not-found]  # -- installed apart
    ResponsesAgentServerHost,
    TextResponse,
)

app = ResponsesAgentServerHost(prefix="/v1")


@app.response_handler  # type: ignore[untyped-decorator]  # -- its types are not known here
async def echo(request: Any, context: Any, _cancelled: asyncio.Event) -> Any:
    """Answer after a moment."""
    await asyncio.sleep(1)
    return TextResponse(context, request, text="Answer of the agent server.")


app.run(host="127.0.0.1", port=int(sys.argv[1]))
