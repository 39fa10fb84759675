"""The command that says what tasks cost."""

import re
import sys
from datetime import date
from typing import Annotated, Literal

import typer
from rich.table import Table

from backburner import output
from backburner.cli.app import Json, app, open_client, with_exit_codes
from backburner.formatting import single_line
from backburner.spending import Group, group_spending, spending_notes

_SINCE = "Write a number of days such as 7d, or a date such as 2026-11-01 (UTC)."


@app.command()
@with_exit_codes
def spending(
    *,
    since: Annotated[
        str, typer.Option(metavar="7d|DATE", help="The last 7 days with today, or from DATE on.")
    ] = "30d",
    by: Annotated[
        Literal["day", "owner", "outcome"], typer.Option(help="One line for each of these.")
    ] = "day",
    as_json: Json = False,
) -> None:
    """Show what tasks cost, in days of UTC. An admin's token sees every owner."""
    period = _parse_since(since)
    with open_client() as client:
        if isinstance(period, int):
            found = client.spending(days=period)
        else:
            found = client.spending(since=period)
    groups = group_spending(found.rows, by)
    if as_json:
        period_covered = {"since": found.since, "until": found.until, "timezone": "UTC"}
        written = {"by": by, "groups": [group.as_json(by) for group in groups]}
        rest = {name: found.body[name] for name in ("total", "today")}
        output.write_json({"provider": found.provider, **period_covered, **written, **rest})
        return
    if output.is_terminal(sys.stdout):
        output.stdout().print(_table(by, groups))
    else:
        for group in groups:
            cells = ("" if each is None else str(each) for each in group.as_json(by).values())
            output.write("\t".join(map(single_line, cells)))
    for note in spending_notes(found):
        output.report(note)


def _parse_since(text: str) -> int | date:
    if days := re.fullmatch(r"([1-9]\d{0,2})d", text, re.ASCII):
        return int(days[1])
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(_SINCE, param_hint="--since") from None


def _table(by: str, groups: list[Group]) -> Table:
    table = Table(by, box=None, pad_edge=False)
    for title in ("tasks", "cost", "wasted", "no price", "estimated"):
        table.add_column(title, justify="right")
    for group in groups:
        costs = (f"${group.cost_usd:,.2f}", f"${group.wasted_usd:,.2f}")
        estimated = f"${group.estimated_usd:,.2f}"
        table.add_row(group.label, str(group.tasks), *costs, str(group.unpriced), estimated)
    return table
