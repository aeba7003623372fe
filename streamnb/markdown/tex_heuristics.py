r"""Heuristics that decide whether text between dollars is a formula, or money, code or prose.

A formula is recognised by what it has (a command, ``^`` and ``_``, ``=`` between short operands, a single
letter), the others by what TeX never has: words next to each other, quotes, the operators of programs.
The marks themselves tell something too: ``$5`` before a digit is money, ``a$`` is a shell's or R's.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["is_bracketed_tex", "is_display_tex", "is_dollar_tex", "is_prose"]

# "it costs $5 and $6$" is money: a number, then a word.
_MONEY = re.compile(r"\d[\d.,]*[kKmMbB]?(?:\s+[A-Za-z]{2,}|\s*[-+*=<>~–—×(\[:]\s*\Z)")
_NUMBER = re.compile(r"\s*\d[\d.,]*")
_QUANTITY = re.compile(
    r"\d[\d.,]*\s?(?:[kcmMGnpµμ]?(?:m|g|s|Hz|J|W|V|A|N|Pa|L|l|mol|K|C|F|eV|B)|min|h|°[CF])(?:\^?[23]|/[A-Za-z]{1,3}\^?2?)?"
)
# Corners of a figure (ABC), a chemical formula (H_2O): in capitals, and no variable of a shell.
_POINT_NAMES = re.compile(
    r"[A-H]{3,5}|O[A-H]{2,4}|[A-DM-Q]{4}|[L-O]{3,4}|[P-T]{3,4}|[U-Z]{3,4}|(?:[A-Z][a-z]?[A-Z]?_\d)+[A-Z]{0,2}"
    r"|(?:(?:[HCNOSPK]|[A-Z][a-z])+_\d+)+[HCNOSP]{1,4}"
)
# What holds words in a formula: \text{…}, \operatorname{…}, \begin{…}; and any other command.
_TEXT_ARGUMENT = re.compile(
    r"\\(?:text[a-z]*|mbox|operatorname\*?|math[a-z]+|begin|end|label|tag|mod|pmod|href|url|color|textcolor|unit|mathrm|rm|ce|pu|SI|qty)"
    r"\s*(?:\[[^\[\]{}]*\]\s*)?\{(?:[^{}]|\{[^{}]*\})*(?:\}|\Z)"
)
_COMMAND_OR_ESCAPE = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)
_TEX_COMMAND = re.compile(r"\\(?:[A-Za-z]{2,}|[,;:!|{}])")
_PROSE = re.compile(r"[^\W\d_]{2,}[,.:;!?]?\s+[^\W\d_]{2,}|[^\W\d_]{2}[.!?]\s+[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}(?![^\W\d_]|\()")
_FUNCTION_NAMES = frozenset(
    ("sin", "cos", "tan", "log", "ln", "exp", "min", "max", "lim", "mod", "gcd", "lcm", "det", "dim", "arg")
)
_COEFFICIENT = re.compile(r"\d[^\W\d_]{2,3}(?![^\W\d_])")  # 4ac, 2xy
_SUB_OR_SUPERSCRIPT = re.compile(r"[\^_]\s*(?:\{[^{}]*\}|[A-Za-z0-9+*\-'\\])")
_INFIX_OPERATOR = re.compile(r"[\w)}\]'!|]\s*(?:[<>]?=|<|>|≤|≥|≈|≠|∈|→|±|×|÷|·|\+|-|\*|/)\s*[\w({\[\\+-]")
_LONE_OPERAND = re.compile(r"\s*[^\W\d_]'*\s*\Z|\s*\d*[A-Za-z]\s*\Z|\s+[-+]?\d+(?:\.\d+)?\s+\Z")
# A point, an interval, a list of operands, a function of them: (x, y), [0, 1], a, b, f(x).
_OPERANDS = re.compile(
    r"\s+(?:[A-Za-z]'*(?=\())?[(\[{]?-?(?:\d+(?:\.\d+)?|\d*[A-Za-z])'*"
    r"(?:,\s*-?(?:\d+(?:\.\d+)?|\d*[A-Za-z])'*)*[)\]}]?\s+\Z"
)
# What only a formula has between two blanks: 5%, 10!, |v|, dp[i], H2O, Nf3, 1:2, 3.14…, e^(-x), log n.
_MATHS_BETWEEN_BLANKS = re.compile(
    r"-?\d[\d.,]*\s?\\?%|(?:\d{1,3}|[a-z])!|\d{1,3}:\d{1,3}|\d+\.\d+(?:\.\.\.|…)|\w{1,3}\^\([^()]{1,20}\)"
    r"|(?P<bar>\|{1,2})[A-Za-z]\w?(?P=bar)|[A-Za-z][a-z]?[A-Za-z]?(?:\[[\w+*, -]{1,9}\])+"
    r"|(?=[A-Za-z]*\d)(?:[A-Z][a-z]?\d{0,2}){1,6}|[A-Za-z][a-z]?\d{1,2}"
    r"|(?:\w{1,3} )?(?:log|ln|sin|cos|tan|exp|mod) ?\w{1,3}"
)
_EQUATION_OF_WORDS = re.compile(r"[^\W\d_]+ = [\w.%^]+(?: [-+*/×÷] [\w.%^]+)*")  # Profit = Revenue - Cost
_MATHS_SIGN = re.compile(r"[\u2200-\u22ff¬²³\u0391-\u03a9\u03b1-\u03c9ℂℕℚℝℤ]")
_CJK = re.compile(r"[\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\s]+")
# What programs and regular expressions have and formulas do not.
_CODE = re.compile(
    r"""["`]|(?<![\w)}\]'^])'|->\s*[A-Za-z_]\w|::|=~|&&|\+\+|(?<!\|)\|\|\s*[a-z]{2}|\$\{|[!=]==?(?!=)(?<=[=!]=)"""
    r"""|\\[dswDSWbB](?![A-Za-z])|\(\?[:=!<]|\[\^|\.\*|\.\+|\]\+|\\[./]|://|/\^|<\?|\?>|\#\{|@\w|;\s*(?:[a-z]{2,}\b|\w+=\Z)"""
)
_FULL_WIDTH = re.compile("[，。；：！？、“”]")
_BRACKET_GROUP = re.compile(r"[({\[][^()\[\]{}]*[)}\]]")
_SCRIPT_ALONE = re.compile(
    r"[\^_](?:\{[^{}]*\}|\d{1,3}[+-]?|\\[a-z]+|[A-Za-z*+-])"
)  # H$_2$O, cm$^2$, $^\circ$C
_SCRIPT_AT_END = re.compile(r"\w\^(?:\{[^{}]*\}|\\[a-z]+|\d)\Z")  # $45^\circ$N
_VALUE_BEFORE_UNIT = re.compile(r"[A-Za-z](?:_\w)? [=<>≈] -?\d[\d.,]*")  # $v = 3$m
_MULTILINE_CODE = re.compile(r";|=>|//|\#|->|\b(?:if|else|for|while|echo|print|return|my|function|use|sub)\b")
_BAD_START = re.compile(r"[@#?&;\"'),\].%/:!）」』】》，。、：；！？]|\{[A-Za-z_]\w+\}|_[A-Z]{2}|_\w*\[")
_SINGLE_BAR = re.compile(r"\|[^|]*(?<![⟩>])\Z")
_BAD_END = re.compile(r"(?<!\\)[/:;\"&@#（「『【《]\Z|(?<![\w)}\]'])'\Z|\\\Z")
_SHELL_VARIABLE = re.compile(
    r"(?:_[A-Z][A-Z0-9_]+|[A-Z][A-Z0-9]+_[A-Z0-9_]+|[A-Z]_[A-Z0-9_]{3,}|[A-Z][A-Z0-9]{3,}(?!\w* = )"
    r"|[a-z][a-z0-9]+_[a-z_]+|this|HOME|PATH|USER|PWD|ENV|IFS|UID|PS1|TMP|DIR)\b(?![\^_({])"
)
_TABLE_CELL = re.compile(r"\|[^|]*[^\W\d_]{2}[^|]*\||\|[\s\d.,]*\|")
_BETWEEN_PRICES = re.compile(r"[,:)]|\s*-(?=\s)(?!\s*\w+\s*\Z)|\s*(?:[/–—]|\|(?=\s))")
_REGEX = re.compile(r"\[[0a]-[9z]|\.\*|\\[dsw](?![A-Za-z])|\[\^")
_ESCAPED_BRACKET_TEXT = re.compile(r"\A\^?(?:a-z|A-Z|0-9)+|\A[^\W\d_]{2,}\Z|(?<!\\)\b[^\W\d_]{3,}")
_WORD_BETWEEN_MARKS = re.compile(r"\s*(?:and|or|to|와|과|및|또는|和|与|或|と|や)\s*")  # "\( and \)" are marks
_REGEX_ALTERNATIVES = re.compile(r"[a-z]{2}\\\|[a-z]{2}")
_SQL = re.compile(r"\b(?:SELECT|BEGIN|INSERT|UPDATE|DECLARE|RETURN)\b")
_MATHS_EVIDENCE = re.compile(r"[\^_=<>+*/|≤≥≈≠∈→±×÷·∑∫√∞]|\\[A-Za-z]{2,}")


@lru_cache(maxsize=256)  # an open paragraph is read with every frame
def is_dollar_tex(source: str, before: str, after: str) -> bool:
    """Tell whether ``$source$`` is a formula.

    Parameters
    ----------
    source
        what stands between the dollars
    before, after
        the letter before the first dollar, the three letters behind the last one

    Returns
    -------
    bool
        ``False`` for money, shell variables, templates and whatever else is no TeX.
    """
    if not source.strip() or _CODE.search(bare := _TEXT_ARGUMENT.sub("{}", source)) or _CJK.fullmatch(source):
        return False
    if _MONEY.match(source) and not _QUANTITY.fullmatch(source):
        return False
    if before == "\\" or (not _TEX_COMMAND.match(source) and _touches_word(source, before, after)):
        return False
    if after[:1] in ("{", "_") or _BAD_START.match(source) or (len(source) > 1 and _BAD_END.search(source)):
        return False
    if not _is_balanced(bare):
        return False
    if after[:1] == "(" and source.count("(") > source.count(")"):  # $(wildcard %.c,$(SRC)) of make
        return False
    has_command = bool(_TEX_COMMAND.search(source))
    prose = _COMMAND_OR_ESCAPE.sub(" ", bare)
    if not has_command and (
        _PROSE.search(prose)
        or _SINGLE_BAR.match(source)
        or (_SHELL_VARIABLE.match(source) and not _POINT_NAMES.fullmatch(source))
        or (_NUMBER.match(source) and _FULL_WIDTH.search(source))
    ):
        return False
    if (
        _NUMBER.match(source)
        and not (has_command or _QUANTITY.fullmatch(source.strip()))
        and _has_word(prose)
    ):
        return False
    if "\n" in source and (_MULTILINE_CODE.search(bare) or _PROSE.search(prose)):
        return False
    if source[0].isspace() or source[-1].isspace():
        return "\n" not in source and _is_surely_tex(source, bare, has_command)
    return True


def _is_surely_tex(source: str, bare: str, has_command: bool) -> bool:
    """Tell whether a text with a blank beside a dollar has something that only formulas have."""
    prose = _COMMAND_OR_ESCAPE.sub(" ", _TEX_COMMAND.sub("+", re.sub(r"[\^_]\s*\{[^{}]*\}", "", bare)))
    if _PROSE.search(prose) or re.search(r"[#@]|=>", prose):
        return False
    is_mixed = not (source[0].isspace() and source[-1].isspace())
    if has_command:
        return not (is_mixed and re.search(r";|\s\|\s", prose))
    if re.match(r"\s*[+*/×] ", source):  # 5 $ + tax = 6 $
        return False
    if not is_mixed and _is_surely_tex_between_blanks(source.strip(), prose):
        return True
    if re.search(r";|\s\|\s", _BRACKET_GROUP.sub("", prose)) or _LONG_WORD.search(prose):
        return False
    return bool(
        _SUB_OR_SUPERSCRIPT.search(source)
        or _LONE_OPERAND.match(source)
        or _OPERANDS.match(source)
        or (not is_mixed and (_INFIX_OPERATOR.search(source) or re.search(r"\w\([^()]*\)", source)))
    )


def _is_surely_tex_between_blanks(source: str, prose: str) -> bool:
    """Tell whether a text with blanks beside both dollars can only be a formula."""
    if any(form.fullmatch(source) for form in (_EQUATION_OF_WORDS, _MATHS_BETWEEN_BLANKS, _POINT_NAMES)):
        return True
    if _QUANTITY.fullmatch(source) or (_INFIX_OPERATOR.search(source) and "[" in source):
        return ";" not in source and not _LONG_WORD.search(prose)
    return bool(_MATHS_SIGN.search(source)) and ";" not in prose and not _LONG_WORD.search(prose)


def is_prose(source: str) -> bool:
    """Tell whether two words are next to each other, outside of ``\\text{…}`` and the like."""
    return bool(_PROSE.search(_COMMAND_OR_ESCAPE.sub(" ", _TEXT_ARGUMENT.sub("{}", source))))


def is_display_tex(source: str, after: str = "") -> bool:
    """Tell whether ``$$source$$`` within a line is a formula: nearly everything is.

    Parameters
    ----------
    source
        what stands between the dollars
    after
        the letter behind the last one

    Returns
    -------
    bool
        ``False`` for what can only be prose or code.
    """
    if not source.strip() or "`" in source or source[0] in ";&)\"'":
        return False
    if _TEX_COMMAND.search(source):
        return True
    if (
        (_is_non_cjk_alnum(after[:1]) or after[:1] == "(")
        and source[-1].isspace()
        and not source[0].isspace()
    ):  # $$a = $$b of PHP, $$HOME $$(pwd) of make
        return False
    if not re.search(r"\w", source) or _SQL.search(source) or _is_between_prices(source, after):
        return False
    if is_prose(source):
        return bool(_MATHS_EVIDENCE.search(source)) and not re.search(r"(?<!\\)\$", source)
    return not _is_lone_word(source)


def _is_between_prices(source: str, after: str) -> bool:
    """Tell whether a text without commands is between two price classes: ``$$ | good | $$$``."""
    if "\n" in source:
        return False
    has_blank = source[0].isspace() or source[-1].isspace()
    if after[:1] == "$" and has_blank and not re.search(r"[\^_=<>+*]", source):
        return True
    if source[0] == "|" and (_SINGLE_BAR.match(source) or _TABLE_CELL.fullmatch(source)):
        return True
    return bool(_BETWEEN_PRICES.match(source))


def is_bracketed_tex(source: str, mark: str, after: str) -> bool:
    r"""Tell whether ``\(source\)`` or ``\[source\]`` is a formula, and not the brackets of an escaped text.

    Parameters
    ----------
    source
        what stands between the marks
    mark
        the mark that opens
    after
        the letter behind the mark that closes

    Returns
    -------
    bool
        ``False`` where the backslashes only escape brackets.
    """
    if (
        "`" in source
        or _WORD_BETWEEN_MARKS.fullmatch(source)
        or not re.search(
            r"\w|\A\s*[\u2190-\u22ff]\s*\Z", _COMMAND_OR_ESCAPE.sub(lambda command: command[0][1:2], source)
        )
        or re.match(r"!\w|\?[:=!]", source)
    ):
        return False
    if _REGEX_ALTERNATIVES.search(source) or (not _TEX_COMMAND.search(source) and _REGEX.search(source)):
        return False
    if mark[:2] == r"\\":
        return bool(
            _TEX_COMMAND.search(source) or re.search(r"[\^_=<>]", source) or _LONE_OPERAND.fullmatch(source)
        )
    if _MATHS_EVIDENCE.search(source):
        return True
    if _PROSE.search(source):
        return False
    # \[text\](address) and \[1\] are a link and a note whose brackets were escaped.
    return mark == r"\(" or not (
        after in ("(", "[", ":") or _ESCAPED_BRACKET_TEXT.search(source) or re.fullmatch(r"[\d,\s]+", source)
    )


def _touches_word(source: str, before: str, after: str) -> bool:
    """Tell whether a letter or digit is next to a dollar outside, as with money and variables."""
    if _is_non_cjk_alnum(before):
        return not _SCRIPT_ALONE.fullmatch(source) or (source[1].isalpha() and _is_non_cjk_alnum(after[:1]))
    return _is_non_cjk_alnum(after[:1]) and not (
        (source[0] == "^" and _SCRIPT_ALONE.fullmatch(source))
        or _is_ordinal(source, after)
        or _VALUE_BEFORE_UNIT.fullmatch(source)
        or _SCRIPT_AT_END.search(source)
    )


def _is_lone_word(source: str) -> bool:
    """Tell whether a text is one word and nothing else: ``$$ and $$$`` are classes of prices."""
    return bool(re.fullmatch(r"\s+[a-z]{2,}\s+", source))


def _is_non_cjk_alnum(letter: str) -> bool:
    """Tell whether a letter or digit belongs to a script with blanks between words."""
    return letter.isalnum() and letter < "\u1100"


def _is_ordinal(source: str, after: str) -> bool:
    return len(source) <= 3 and bool(re.match(r"(?:th|st|nd|rd|s)(?![A-Za-z])", after + " "))


def _has_word(prose: str) -> bool:
    """Tell whether a text has a word that is no mathematical function and no product (``4ac``)."""
    return any(word not in _FUNCTION_NAMES for word in _WORD.findall(_COEFFICIENT.sub("", prose)))


def _is_balanced(source: str) -> bool:
    depth = 0
    for letter in _COMMAND_OR_ESCAPE.sub("", source):
        depth += (letter == "{") - (letter == "}")
        if depth < 0:
            return False
    return not depth or not any(letter.isalpha() for letter in source)
