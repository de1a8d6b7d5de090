"""Carries the image plane's events to the buses and topics they belong to."""

import json
import logging
import threading
import urllib.error
import urllib.request

from ministack.core.responses import request_scope
from ministack.services import sns

from . import events

_EVERY_SECONDS = 0.2
log = logging.getLogger("local_cloud")


def start(image_plane):
    """Polls in a thread of its own until the process ends."""
    threading.Thread(target=_run, args=(image_plane,), daemon=True, name="image-plane-events").start()


def _run(image_plane):
    idle = threading.Event()
    while not idle.wait(_EVERY_SECONDS):
        try:
            with urllib.request.urlopen(f"{image_plane}/_image-plane/deliveries", timeout=30) as answer:
                deliveries = json.load(answer)
        except (OSError, urllib.error.URLError, ValueError) as error:
            log.warning("the image plane at %s does not answer: %s", image_plane, error)
            continue
        for delivery in deliveries:
            try:
                _deliver(delivery)
            except Exception:
                log.exception("an event of the image plane was not delivered")


def _deliver(delivery):
    topic = delivery["channel"].get("sns", {}).get("topic")
    if topic:
        with request_scope(delivery["account"], delivery["region"]):
            sns.publish_internal(topic, delivery["body"], None)
    else:
        events.deliver(delivery["body"])
