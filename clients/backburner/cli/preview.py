"""Prints what `submit --dry-run` would send: the prompt to stdout, its size and cost to stderr."""

import json

from backburner import output
from backburner.client import BackburnerError, Client
from backburner.formatting import about_tokens, format_error, format_size
from backburner.models import message_text
from backburner.submit_input import SubmitInput


def print_preview(client: Client, given: SubmitInput, *, as_json: bool) -> None:
    """Print the prompt with the size of each file and of all, and the usual cost."""
    text = _prompt(given)
    size = len(text.encode())
    for each in given.attachments:
        output.report(f"{each.path}: {format_size(each.size_bytes)}")
    try:
        estimate = client.estimate(input_bytes=size)
    except BackburnerError as error:
        estimate = None
        output.report(f"No estimate: {format_error(error)}", "yellow")
    if as_json:
        files = [{"path": each.path, "bytes": each.size_bytes} for each in given.attachments]
        sizes = {"bytes": size, "about_tokens": about_tokens(size), "files": files}
        output.write_json({"prompt": text, **sizes, "estimate": estimate and estimate.body})
    else:
        output.write(text)
    output.report(f"Dry run, nothing was sent: {format_size(size)}.")
    if estimate:
        output.report(estimate.message)


def _prompt(given: SubmitInput) -> str:
    """The text as the model would read it; several messages each under a line with the role."""
    if isinstance(given.body, str):
        return given.body
    if isinstance(given.body, dict):
        return json.dumps(given.body.get("input"), ensure_ascii=False, indent=2)
    if len(given.body) == 1:
        return message_text(given.body[0])
    return "\n".join(
        f"<!-- backburner: {each['role']} -->\n\n{message_text(each)}\n" for each in given.body
    )
