import threading

from serving.repeater import Repeater


def test_a_failure_does_not_end_the_repetition(caplog):
    done, calls = threading.Event(), []

    def action():
        calls.append(1)
        if len(calls) == 1:
            raise OSError("away")
        done.set()

    repeater = Repeater("follow", action, interval_s=0.001)
    repeater.start()
    assert done.wait(5)
    repeater.stop()
    assert "follow failed and will be tried again" in caplog.text


def test_one_that_never_started_can_be_stopped():
    Repeater("follow", lambda: None, 1.0).stop()
