"""The provider's name in sentences for people."""


def provider_name(provider: str) -> str:
    """As it stands within a sentence."""
    return "the simulator" if provider == "simulator" else "OpenAI"


def capitalized(text: str) -> str:
    """The same at the beginning of one."""
    return text[:1].upper() + text[1:]
