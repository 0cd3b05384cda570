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
    assert done.wait(300)
    repeater.stop()
    assert "follow failed, next try in 0.002 s: OSError: away" in caplog.text


def test_the_pause_doubles_with_every_failure_in_a_row_up_to_its_cap():
    repeater = Repeater("follow", lambda: None, interval_s=1.0, slowest_s=30.0)
    assert [repeater.pause_s(failures) for failures in (0, 1, 2, 4, 5, 99)] == [1.0, 2.0, 4.0, 16.0, 30.0, 30.0]
    assert Repeater("rare", lambda: None, interval_s=60.0, slowest_s=30.0).pause_s(3) == 60.0


def test_one_that_never_started_can_be_stopped():
    Repeater("follow", lambda: None, 1.0).stop()
