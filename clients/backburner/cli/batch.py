"""The command that sends a file of questions."""

import math
from pathlib import Path
from typing import Annotated

import typer

from backburner import output
from backburner.batch.display import BatchDisplay
from backburner.batch.lines import BatchLine, InvalidLines, read_lines
from backburner.batch.results import OutputInUse, ResultFile
from backburner.batch.runner import Batch
from backburner.cli.app import app, open_client, with_exit_codes
from backburner.cli.confirm import confirm
from backburner.client import Client, Estimate
from backburner.exit_codes import Exit
from backburner.formatting import format_error, format_size
from backburner.settings import NOT_PRINTABLE, is_printable
from backburner.text_files import UnreadableText, read_text
from backburner.wait_display import shell_command

MAX_LABEL_CHARS = 100


@app.command()
@with_exit_codes
def batch(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="Lines in the shape of OpenAI's Batch API (.jsonl), or - for standard input.",
            show_default=False,
        ),
    ],
    *,
    file: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Append the results here.", show_default=False
        ),
    ],
    label: Annotated[
        str | None,
        typer.Option(
            help="With a custom_id it names a question once and for all. Default: FILE's name.",
            show_default=False,
        ),
    ] = None,
    max_open: Annotated[
        int, typer.Option(min=1, help="Maximum number of its tasks that are unfinished at a time.")
    ] = 100,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check all lines and print the price; no task.")
    ] = False,
) -> None:
    """Send many questions, and write each result when it comes. Run it again to continue."""
    label = _label(label, source)
    with open_client() as client:
        estimate = client.estimate()
        try:
            lines = read_lines(read_text(source), estimate.model)
        except (InvalidLines, UnreadableText) as error:
            raise typer.BadParameter(str(error), param_hint="FILE") from None
        if dry_run and not file.exists():
            _print_price(client, len(lines), lines)
            return
        with _open_results(file, lines) as results:
            missing = [line for line in lines if line.custom_id not in results.done]
            _print_price(client, len(lines), missing)
            if dry_run or not missing:
                return
            if not confirm(f"Send {len(missing)} questions?", yes=yes):
                raise typer.Exit(Exit.NOT_ALLOWED)
            with open_client(retry_for=math.inf) as patient:
                display = BatchDisplay(len(lines))
                work = Batch(patient, lines, results, label, max_open, display.update)
                try:
                    with display:
                        work.run()
                except KeyboardInterrupt:
                    _print_way_back(source, file, label, max_open)
                    raise typer.Exit(Exit.INTERRUPTED) from None
    _finish(work)


def _label(given: str | None, source: str) -> str:
    label = given or Path(source).stem
    if given is None and source == "-":
        raise typer.BadParameter("Standard input has no name: give one.", param_hint="--label")
    if not is_printable(label) or len(label) > MAX_LABEL_CHARS:
        message = f"{NOT_PRINTABLE} The limit is {MAX_LABEL_CHARS} characters."
        raise typer.BadParameter(message, param_hint="--label")
    return label


def _open_results(file: Path, lines: list[BatchLine]) -> ResultFile:
    try:
        return ResultFile(file, lines)
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}.", param_hint="--output") from None
    except (InvalidLines, OutputInUse) as error:
        raise typer.BadParameter(str(error), param_hint="--output") from None


def _print_price(client: Client, total: int, missing: list[BatchLine]) -> None:
    output.report(f"{total} questions, {total - len(missing)} have their results already.")
    if missing:
        size = sum(line.size_bytes for line in missing)
        estimate = client.estimate(input_bytes=size // len(missing))
        output.report(f"{len(missing)} to send, unless they were sent before: {format_size(size)}.")
        output.report(_price(estimate, len(missing)))


def _price(estimate: Estimate, count: int) -> str:
    if estimate.cost_usd is not None:
        usual, most = estimate.cost_usd.p50 * count, estimate.cost_usd.p90 * count
        return f"Together usually ${usual:,.2f}, rarely over ${most:,.2f}. {estimate.message}"
    if estimate.reserved_usd is None:
        return estimate.message
    reserved = f"${estimate.reserved_usd * count:,.2f}"
    return f"{estimate.message} The budgets keep {reserved} free for them."


def _print_way_back(source: str, file: Path, label: str, max_open: int) -> None:
    options = ("-o", str(file), "--label", label, "--max-open", str(max_open), "--yes")
    command = shell_command("batch", source, *options)
    output.report(f"The tasks continue. Come back with:\n  {command}")


def _finish(work: Batch) -> None:
    """Print what became of the lines, and exit with the matching code."""
    for line, error in work.refused:
        output.report(f"Line {line.number} ({line.custom_id}): {format_error(error)}", "red")
    for task_id, line in work.undecided.items():
        message = f"{task_id} is unconfirmed. Decide with adopt, retry or abandon, then come back."
        output.report(f"Line {line.number} ({line.custom_id}): {message}", "yellow")
    counts = ", ".join(f"{count} {status}" for status, count in sorted(work.ended.items()))
    output.report(f"{counts or 'No new results'}. Cost: ${work.cost_usd:,.2f}.")
    if work.refused:
        raise typer.Exit(Exit.USAGE)
    if work.undecided:
        raise typer.Exit(Exit.NOT_ALLOWED)
    if work.ended.keys() - {"completed"}:
        raise typer.Exit(Exit.NOT_COMPLETED)
