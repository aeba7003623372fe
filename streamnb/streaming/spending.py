"""What a session has spent: requests, tokens and list prices by model, and a budget.

Only what a provider was asked for counts; a replay and the demo model cost nothing.  What was
not reported is not guessed: it is counted as unknown, and said.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from ..core.errors import UsageError
from ..core.events import Usage
from ..render.number_format import format_money

__all__ = ["ModelSpending", "Spending"]


@dataclass
class ModelSpending:
    """The sums of one model.

    Attributes
    ----------
    answers
        How many there were, those that broke off included.
    input_tokens, output_tokens
        As the provider reported them.
    uncounted
        Answers that reported no tokens.
    dollars
        US dollars by list price.
    unpriced
        Answers of unknown cost, which are in no sum of dollars.
    """

    answers: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    uncounted: int = 0
    dollars: float = 0.0
    unpriced: int = 0

    def __str__(self) -> str:
        tokens = f"{self.input_tokens:,} + {self.output_tokens:,} tokens"
        if self.uncounted:
            tokens += f" (and {self.uncounted} answer{'s' * (self.uncounted != 1)} that reported none)"
        return f"{self.answers} answer{'s' * (self.answers != 1)} · {tokens} · {self._cost_text()}"

    def _cost_text(self) -> str:
        if self.unpriced == self.answers:
            return "cost unknown"
        unknown = f" and {self.unpriced} of unknown cost" if self.unpriced else ""
        return f"≈ {_format_total(self.dollars)}{unknown}"


class Spending:
    """The accounts of a session, by model as it was typed.

    ``budget`` is in US dollars, ``None`` for no bound.
    """

    def __init__(self) -> None:
        self.budget: float | None = None
        self._accounts: dict[str, ModelSpending] = {}
        self._lock = threading.Lock()  # streams end in several threads

    @property
    def accounts(self) -> dict[str, ModelSpending]:
        """The accounts so far; a copy of the dict."""
        with self._lock:
            return dict(self._accounts)

    @property
    def dollars(self) -> float:
        """The sum of all that has a price."""
        return sum(account.dollars for account in self.accounts.values())

    def add_answer(self, model: str, usage: Usage, dollars: float | None) -> None:
        """Enter an answer.

        Parameters
        ----------
        model
            The model as it was typed.
        usage
            The tokens of one stream.
        dollars
            Its list price, ``None`` if unknown.
        """
        with self._lock:
            account = self._accounts.setdefault(model, ModelSpending())
            account.answers += 1
            account.uncounted += usage.input_tokens is None and usage.output_tokens is None
            account.input_tokens += usage.input_tokens or 0
            account.output_tokens += usage.output_tokens or 0
            account.dollars += dollars or 0.0
            account.unpriced += dollars is None

    def summary(self) -> str:
        """Return the sum of the session and its budget in one line."""
        accounts = self.accounts.values()
        unpriced = sum(account.unpriced for account in accounts)
        if not accounts:
            spent = "session: no model was asked so far"
        elif unpriced == sum(account.answers for account in accounts):
            spent = "session: cost unknown"
        else:
            unknown = f", and {unpriced} answer{'s' * (unpriced != 1)} of unknown cost" if unpriced else ""
            spent = f"session: ≈ {_format_total(self.dollars)} by list prices{unknown}"
        return spent + (f"; the budget is {_format_total(self.budget)}" if self.budget is not None else "")

    def check_budget(self) -> None:
        """Refuse a request where the budget is reached.

        Raises
        ------
        UsageError
            The sum, the budget, and how it is raised.
        """
        if self.budget is not None and self.dollars >= self.budget:
            dollars, budget = _format_total(self.dollars), _format_total(self.budget)
            raise UsageError(
                f"the budget of this session is reached: ≈ {dollars} of {budget}; "
                "%config StreamMagics.budget = … raises it, %stream status has the sums"
            )


def _format_total(dollars: float) -> str:
    return format_money(dollars) if dollars > 0 else "$0"
