"""Requests of one row that meet the same arm, answered together: one look at the model, one commit.

Each arm has a desk of its own, so that a slow version delays nobody who is not asking it.
"""

from mlops_assets.spec import UseCase
from serving.asked import Asked, Given, answer_all, score_beside
from serving.errors import NotReadyError
from serving.group import Group, Member
from serving.router import Router
from serving.routing import Arm

# A model and a commit cost one row nearly what they cost eight, and eight connections come back within this time.
GATHER_S = 0.0005
PATIENCE_S = 30.0  # longer than the log's own waits, which say better what is wrong


class Visit(Member):
    """A row at a desk: `given`, or the `error` that it meets, once it is done."""

    __slots__ = ("asked", "error", "given")

    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self.asked = asked
        self.given: Given | None = None
        self.error: Exception | None = None


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
        visit = Visit(asked)
        if not self._group.take_part(visit, PATIENCE_S):
            raise NotReadyError(f"{self._use_case.name}: arm {self._arm} is too slow at the moment; try again")
        if visit.given is None:
            raise visit.error or RuntimeError(f"the row {asked.id} got neither an answer nor an error")
        return visit.given

    def _work(self, visits: list[Visit]) -> None:
        try:
            asked = [one.asked for one in visits]
            given = answer_all(self._router, self._use_case, asked, [self._arm] * len(asked))
            errors = self._router.log.append_each([[one.record] for one in given])
        except Exception as error:  # noqa: BLE001 - told to the request whose row it was
            self._part(visits, error)
            return
        for visit, one, problem in zip(visits, given, errors, strict=True):
            visit.given, visit.error = (one, None) if problem is None else (None, problem)
        score_beside(self._router, [visit.given for visit in visits if visit.given is not None])

    def _part(self, visits: list[Visit], error: Exception) -> None:
        """What failed for all is tried for each, so that a row that is refused spoils no other's answer."""
        if len(visits) == 1 or isinstance(error, NotReadyError):
            for one in visits:
                one.error = error
            return
        for one in visits:
            self._work([one])
