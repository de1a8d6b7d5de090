"""Signatures are as old as the clock says: ministack compares them with the computer's own time."""

import datetime
import time

from ministack.core import sigv4

from . import pinned


def mend(clock):
    """Takes what is signed in the cloud's time, as functions do, and in the computer's, as the CLI beside it does."""
    original = pinned.function(sigv4, "request_time_failure", "signature", "now")

    def failure(signature, *, now=None):
        at = datetime.datetime.fromtimestamp(clock.now(), datetime.timezone.utc)
        here = datetime.datetime.fromtimestamp(time.time() - clock.ahead, datetime.timezone.utc)
        return original(signature, now=at) and original(signature, now=here)

    sigv4.request_time_failure = failure
