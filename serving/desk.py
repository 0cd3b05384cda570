"""Requests of one row that meet the same arm, answered together: one look at the model, one commit.

Each arm has a desk of its own, so that a slow version delays nobody who is not asking it.
"""

from mlops_assets.spec import UseCase
from serving.asked import Asked, Given, answer_all, score_beside
from serving.errors import NotReadyError
from serving.group import Group
from serving.router import Router
from serving.routing import Arm

# A model and a commit cost one row nearly what they cost eight, and eight connections come back within this time.
GATHER_S = 0.0005
PATIENCE_S = 30.0  # longer than the log's own waits, which say better what is wrong


class Desk:
    """Where the units of one arm are answered."""

    def __init__(self, router: Router, use_case: UseCase, arm: Arm) -> None:
        self._router = router
        self._use_case = use_case
        self._arm: Arm = arm
        self._group = Group(self._work, GATHER_S)

    def answer(self, asked: Asked) -> Given:
        """The answer to a row, which is in the log when it is returned.

        Raises
        ------
        InputError, ModelFailedError, NotReadyError
            If the row does not fit, the champion fails, or there is none, or the log cannot be written.
        """
        if not self._group.take_part(asked, PATIENCE_S):
            raise NotReadyError(f"{self._use_case.name}: arm {self._arm} is too slow at the moment; try again")
        if asked.given is None:
            raise asked.error or RuntimeError(f"the row {asked.id} got neither an answer nor an error")
        return asked.given

    def _work(self, group: list[Asked]) -> None:
        try:
            given = answer_all(self._router, self._use_case, group, [self._arm] * len(group))
            errors = self._router.log.append_each([[one.record] for one in given])
        except Exception as error:  # noqa: BLE001 - told to the request whose row it was
            self._part(group, error)
            return
        for asked, one, problem in zip(group, given, errors, strict=True):
            asked.given, asked.error = (one, None) if problem is None else (None, problem)
        score_beside(self._router, [asked.given for asked in group if asked.given is not None])

    def _part(self, group: list[Asked], error: Exception) -> None:
        """What failed for all is tried for each, so that a row that is refused spoils no other's answer."""
        if len(group) == 1:
            group[0].error = error
            return
        for one in group:
            self._work([one])
