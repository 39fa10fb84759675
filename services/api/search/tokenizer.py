"""Gives texts and queries one spelling, so that the same words are the same to the index."""

import re
import unicodedata

# Thai, Lao, Burmese, Khmer, Chinese, Japanese and Korean run words together or hang endings on
# them. Each of their letters is a word to the index, and a word of a query a phrase of them.
_UNSPACED = re.compile(
    "["
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
    "]+"
)
_WORD = re.compile(r"[^\W_]+")


def spelled(text: str) -> str:
    """The text without what is only presentation: case, width, ligatures; NULs end no text."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\0", " ")
    return _UNSPACED.sub(lambda letters: f" {' '.join(letters[0])} ", folded)


def words(text: str) -> list[str]:
    """The words of a text that is already ``spelled``, about as the index tells them apart."""
    return _WORD.findall(text)


def stands_alone(word: str) -> bool:
    """Whether the word is one letter of a script that is indexed by the letter."""
    return len(word) == 1 and _UNSPACED.match(word) is not None
