"""Asks before something that cannot be undone or that costs."""

import sys

import typer

from backburner import output


def confirm(question: str, *, yes: bool) -> bool:
    """Ask on the terminal unless ``yes`` was given. Ctrl-C and Ctrl-D mean no."""
    if yes:
        return True
    if not output.is_terminal(sys.stdin):
        raise typer.BadParameter(
            "Standard input is not a terminal, so add --yes to confirm.", param_hint="--yes"
        )
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        output.report("")
        return False
