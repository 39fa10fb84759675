"""The command that serves agents over MCP."""

from pathlib import Path

import typer

from backburner.cli.app import app, open_client, with_exit_codes


@app.command()
@with_exit_codes
def mcp() -> None:
    """Serve agents over MCP on stdin and stdout. Needs the package mcp (backburner-client[mcp])."""
    try:
        from backburner.mcp_tools import build_server  # noqa: PLC0415 -- an extra, slow to load
    except ModuleNotFoundError:
        message = "It needs the package mcp: pip install 'mcp>=2.3'."
        raise typer.BadParameter(message, param_hint="mcp") from None
    with open_client() as client:
        build_server(lambda _: client, files_from=Path.cwd()).run("stdio")
