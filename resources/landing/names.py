"""Which names are passed over, and which are refused because they could deceive a path, a terminal or a reader."""

import re
import unicodedata

NAME_BYTES_MAX = 200
TEMPORARY = (".tmp", ".part", ".crdownload", ".swp", "~")
HIDDEN = (".", "_")

# Control characters, line separators, and marks that turn the direction of writing: 'fdp.exe' can look like 'exe.pdf'.
DECEPTIVE = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"}
ESCAPED = re.compile(r"%(00|2e|2f|5c|0a|0d)|\\|(^|/)\.\.(/|$)", re.IGNORECASE)


def is_ignored(name: str) -> bool:
    """True for a name that its writer has not finished or does not mean to be read."""
    last = name.rpartition("/")[2]
    return last.startswith(HIDDEN) or last.endswith(TEMPORARY)


def refusal(name: str) -> str | None:
    """Why a name relative to its source is refused, None when it is harmless."""
    if ESCAPED.search(name) or name.startswith("/"):
        return "its name holds path parts or escapes; rename it"
    if any(unicodedata.category(character) in DECEPTIVE for character in name):
        return "its name holds control, invisible or undecodable characters; rename it"
    if len(name.encode("utf-8")) > NAME_BYTES_MAX:
        return f"its name is longer than {NAME_BYTES_MAX} bytes; shorten it"
    return None


def shown(name: str) -> str:
    """The name with every character that could deceive written as an escape."""
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in DECEPTIVE
        else character
        for character in name
    )
