"""The commands for webhook endpoints: add, list, test, deliveries, enable, rotate and remove."""

from typing import Annotated, Any, Literal

import typer

from backburner import output
from backburner.cli.app import Json, app, open_client, with_exit_codes
from backburner.cli.confirm import confirm
from backburner.exit_codes import Exit

webhooks = typer.Typer(
    help="Tell programs when a task ends: signed requests to an address of yours.",
    no_args_is_help=True,
)
app.add_typer(webhooks, name="webhooks")

EndpointId = Annotated[
    str, typer.Argument(metavar="ID", help="The endpoint's id.", show_default=False)
]
KEEP = "Keep the secret: it verifies the signatures, and is not shown again."


@webhooks.command()
@with_exit_codes
def add(
    url: Annotated[str, typer.Argument(metavar="URL", show_default=False)],
    *,
    event: Annotated[
        list[str] | None,
        typer.Option(help="task.completed, incomplete, failed, …; repeat it. Default: all."),
    ] = None,
    named: Annotated[
        bool, typer.Option("--named", help="Only tasks whose submission names the endpoint.")
    ] = False,
    form: Annotated[
        Literal["backburner", "openai"],
        typer.Option("--format", help="openai: events for OpenAI's SDKs."),
    ] = "backburner",
    description: Annotated[str, typer.Option(help="For your own list.")] = "",
    as_json: Json = False,
) -> None:
    """Create an endpoint. Prints its id and its secret."""
    with open_client() as client:
        endpoint = client.webhooks.create(
            url,
            events=event or None,
            tasks="named" if named else "all",
            format=form,
            description=description,
        )
    _print_secret(endpoint, as_json=as_json)


@webhooks.command("list")
@with_exit_codes
def list_endpoints(*, as_json: Json = False) -> None:
    """List the endpoints, oldest first: id, state, events that wait, address."""
    with open_client() as client:
        endpoints = client.webhooks.list()
    if as_json:
        output.write_json({"data": endpoints})
        return
    for each in endpoints:
        output.write("\t".join([each["id"], _state(each), str(each["waiting"]), each["url"]]))
        if each["disabled_reason"]:
            output.report(f"{each['id']}: {each['disabled_reason']}", "yellow")
    if not endpoints:
        output.report("No webhook endpoints.")


@webhooks.command("test")
@with_exit_codes
def send_test(endpoint_id: EndpointId, *, as_json: Json = False) -> None:
    """Send a test event and print what the receiver answered."""
    with open_client() as client:
        delivery = client.webhooks.test(endpoint_id)
    if as_json:
        output.write_json(delivery)
    elif delivery is None:
        output.report("Not sent yet: no poller took it. See: backburner webhooks deliveries", "red")
    else:
        output.write(_row(delivery))
    if delivery is None:
        raise typer.Exit(Exit.UNAVAILABLE)
    if delivery["outcome"] != "delivered":
        raise typer.Exit(Exit.NOT_COMPLETED)


@webhooks.command()
@with_exit_codes
def deliveries(endpoint_id: EndpointId, *, as_json: Json = False) -> None:
    """List the latest attempts, newest first: time, event, outcome, status or error."""
    with open_client() as client:
        found = client.webhooks.deliveries(endpoint_id)
    if as_json:
        output.write_json({"data": found})
        return
    for each in found:
        output.write(_row(each))
    if not found:
        output.report("No deliveries yet.")


@webhooks.command()
@with_exit_codes
def enable(endpoint_id: EndpointId, *, as_json: Json = False) -> None:
    """Enable an endpoint again, and send at once what waits for it."""
    with open_client() as client:
        endpoint = client.webhooks.update(endpoint_id, disabled=False)
    if as_json:
        output.write_json(endpoint)
    else:
        output.write(f"{endpoint['id']}\t{_state(endpoint)}")


@webhooks.command()
@with_exit_codes
def rotate(endpoint_id: EndpointId, *, as_json: Json = False) -> None:
    """Replace the secret and print the new one. The old one signs, too, for 24 hours."""
    with open_client() as client:
        endpoint = client.webhooks.rotate_secret(endpoint_id)
    _print_secret(endpoint, as_json=as_json)


@webhooks.command()
@with_exit_codes
def remove(
    endpoint_id: EndpointId,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Delete an endpoint with the events that wait for it."""
    if not confirm(f"Delete the endpoint {endpoint_id}?", yes=yes):
        raise typer.Exit(Exit.NOT_ALLOWED)
    with open_client() as client:
        client.webhooks.delete(endpoint_id)


def _print_secret(endpoint: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        output.write_json(endpoint)
    else:
        output.write(f"{endpoint['id']}\t{endpoint['secret']}")
        output.report(KEEP)


def _state(endpoint: dict[str, Any]) -> str:
    if endpoint["disabled"]:
        return "disabled"
    return "failing" if endpoint["failing_since"] else "enabled"


def _row(delivery: dict[str, Any]) -> str:
    answer = delivery["error"] or str(delivery["status"])
    return "\t".join([delivery["at"], delivery["type"], delivery["outcome"], answer])
