"""What is unusual about the model of a task, as sentences; None where all is as intended."""

from shared.domain.task import Task
from shared.openai.model import profile_of


def model_note(task: Task) -> str | None:
    """Compares the models at acceptance, sending and answer, and the reasoning mode."""
    accepted, sent, answered = task.accepted_model, task.sent_model, task.answered_model
    notes = []
    if accepted and sent and accepted != sent:
        notes.append(f"It was accepted for {accepted} and sent to {sent}.")
    if sent and answered:
        profile = profile_of(sent)
        if profile and not profile.includes(answered):
            notes.append(f"It was sent to {sent}, and {answered} answered.")
        wanted = profile and profile.reasoning_mode
        if wanted and task.answered_mode != wanted:
            effective = f"says {task.answered_mode}" if task.answered_mode else "does not say so"
            notes.append(f"It was sent with the reasoning mode {wanted}; the response {effective}.")
    return " ".join(notes) or None
