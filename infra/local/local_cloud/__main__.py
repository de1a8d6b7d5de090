"""Starts the local cloud: `python -m local_cloud --port 4566 --image-plane http://127.0.0.1:4600 --state DIR`."""

import argparse
import os
import pathlib
import sys

ORGANIZATION = "o-localcloud0"


def main():
    words = argparse.ArgumentParser(prog="local_cloud", description=__doc__)
    words.add_argument("--port", type=int, required=True, help="listen here, on 127.0.0.1")
    words.add_argument("--image-plane", required=True, metavar="URL", help="who answers for EC2 and Image Builder")
    words.add_argument("--state", type=pathlib.Path, required=True, metavar="DIR", help="a folder of its own")
    words.add_argument("--faketime", default="", metavar="FILE", help="libfaketime, so that functions follow the clock")
    asked = words.parse_args()
    asked.state.mkdir(parents=True, exist_ok=True)
    _configure(asked)
    try:
        serve(asked)
    except pinned_error() as error:
        sys.exit(f"local_cloud: {error}")


def _configure(asked):
    """Ministack reads its environment when it is imported."""
    here = f"http://127.0.0.1:{asked.port}"
    os.environ |= {
        "AUTH": "true",
        "AWS_ENDPOINT_URL": here,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(asked.port),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "INFO"),
        "MINISTACK_HOST": "127.0.0.1",
        "S3_DATA_DIR": str(asked.state / "s3"),
        "SFTP_ENABLED": "0",
    }
    # Whoever starts it may have credentials of a real account.
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        os.environ.pop(name, None)


def pinned_error():
    from .pinned import NotAsPinned

    return NotAsPinned


def serve(asked):
    import asyncio

    from . import pinned

    pinned.check_version()
    from .clock import Clock

    clock = Clock(asked.image_plane, asked.state / "faketime")
    clock.install()

    import hypercorn.asyncio
    import hypercorn.config
    import ministack.app

    from . import authorize, conditions, door, events, functions, parameters, pump, schedules, signatures

    functions.mend(clock, asked.image_plane, asked.faketime)
    functions.mend_asynchronous_wakes()
    events.mend_forwarding()
    events.mend_bus_policies()
    conditions.mend(ORGANIZATION)
    schedules.mend()
    authorize.mend()
    signatures.mend(clock)
    parameters.mend(asked.image_plane)
    pump.start(asked.image_plane)

    config = hypercorn.config.Config()
    config.bind = [f"127.0.0.1:{asked.port}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    asyncio.run(hypercorn.asyncio.serve(door.Door(ministack.app.app, clock, asked.state), config))


if __name__ == "__main__":
    main()
