"""Highlights code by class names, for the languages listed here only."""

from html import escape

from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name

# A lexer runs regular expressions on hostile text, so each one is allowed by name.
LANGUAGES = frozenset(
    """
    bash c cpp csharp css diff dockerfile go graphql haskell html ini java javascript js json jsx
    kotlin latex lua makefile markdown md nginx php powershell py python r ruby rust scala sh shell
    sql swift toml ts tsx typescript xml yaml yml
    """.split()  # noqa: SIM905 - a list would take a line for each
)
MAX_CODE = 100_000  # characters; a longer listing is shown in one colour
_FORMATTER = HtmlFormatter(nowrap=True)


def code_block(code: str, language: str, _attributes: str = "") -> str:
    """Render a fenced block as ``<pre>`` with its language; an unknown one is not coloured."""
    language = language.lower()
    begin = f'<pre class="code" data-language="{escape(language)}"><code'
    if language not in LANGUAGES:
        return f"{begin}>{escape(code)}</code></pre>"
    coloured = escape(code) if len(code) > MAX_CODE else _colour(code, language)
    return f'{begin} class="language-{language}">{coloured}</code></pre>'


def _colour(code: str, language: str) -> str:
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    return highlight(code, lexer, _FORMATTER)
