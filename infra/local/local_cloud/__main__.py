"""Starts the local cloud: `python -m local_cloud --port 4566 --image-plane http://127.0.0.1:4567 --state DIR`."""

import argparse
import os
import pathlib
import sys

from . import pinned


def main():
    words = argparse.ArgumentParser(prog="local_cloud", description=__doc__)
    words.add_argument("--port", type=int, required=True, help="listen here, on 127.0.0.1")
    words.add_argument("--image-plane", required=True, metavar="URL", help="who answers for EC2 and Image Builder")
    words.add_argument("--state", type=pathlib.Path, required=True, metavar="DIR", help="a folder of its own")
    words.add_argument("--faketime", default="", metavar="FILE", help="libfaketime, so that functions follow the clock")
    asked = words.parse_args()
    asked.state.mkdir(parents=True, exist_ok=True)
    configure(asked.port, asked.state)
    try:
        pinned.check_version()
        # Not before: ministack reads its environment when it is imported.
        from .server import serve

        serve(asked.port, asked.image_plane, asked.state, asked.faketime)
    except pinned.NotAsPinned as error:
        sys.exit(f"local_cloud: {error}")


def configure(port, state):
    """Sets what ministack reads, and nothing that points to a real account."""
    os.environ |= {
        "AUTH": "true",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "INFO"),
        "MINISTACK_HOST": "127.0.0.1",
        "S3_DATA_DIR": str(state / "s3"),
        "SFTP_ENABLED": "0",
    }
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        os.environ.pop(name, None)


if __name__ == "__main__":
    main()
