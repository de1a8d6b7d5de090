"""The server: ministack, mended, behind the door."""

import asyncio

import hypercorn.asyncio
import hypercorn.config
import ministack.app

from . import authorize, conditions, door, events, functions, parameters, pump, schedules, signatures
from .clock import Clock

# Of all accounts there are.
ORGANIZATION = "o-localcloud0"


def serve(port, image_plane, state, faketime):
    """Mends, and answers until the process ends."""
    clock = Clock(image_plane, state / "faketime")
    clock.install()
    functions.mend(clock, image_plane, faketime)
    functions.mend_asynchronous_wakes()
    functions.mend_updates()
    events.mend_forwarding()
    events.mend_bus_policies()
    conditions.mend(ORGANIZATION)
    conditions.mend_actions()
    schedules.mend()
    authorize.mend()
    signatures.mend(clock)
    parameters.mend(image_plane)
    pump.start(image_plane)

    config = hypercorn.config.Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    asyncio.run(hypercorn.asyncio.serve(door.Door(ministack.app.app, clock, state), config))
