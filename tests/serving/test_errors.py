import pytest

from serving.errors import BusyError, NotReadyError, ProblemError


def tree(base):
    return [base, *(found for child in base.__subclasses__() for found in tree(child))]


@pytest.mark.parametrize("kind", tree(ProblemError))
def test_every_error_owns_a_status_and_a_sentence(kind):
    error = kind("what happened")
    assert 400 <= error.status < 600
    assert error.detail == str(error) == "what happened"
    assert kind.__doc__


def test_only_what_is_absent_or_busy_says_when_to_come_back():
    assert [kind for kind in tree(ProblemError) if kind.retry_after_s is not None] == [NotReadyError, BusyError]
