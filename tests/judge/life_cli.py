"""Walks one whole life with the AWS CLI beside this Python, and prints what it saw as one JSON document."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from botocore import xform_name

from diary import Answer, Diary, Place, Refused
from walk import walk

AWS = Path(sys.executable).with_name("aws")
REFUSAL = re.compile(
    r"An error occurred \((?P<code>[^)]*)\) when calling the \w+ operation"
    r"(?: \(reached max retries: 0\))?: (?P<message>.*)",
    re.DOTALL,
)


class Cli:
    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def call(self, place: Place, service: str, operation: str, parameters: Answer) -> Answer:
        return self.run(place, ["--no-paginate", service, xform_name(operation, "-"), *options(parameters)])

    def pages(self, place: Place, operation: str, parameters: Answer, paging: dict[str, Any]) -> Answer:
        return self.run(place, ["ec2", xform_name(operation, "-"), *options(parameters | paging)])

    def run(self, place: Place, arguments: list[str]) -> Answer:
        environment = {
            "AWS_ACCESS_KEY_ID": place.account,
            "AWS_SECRET_ACCESS_KEY": place.secret,
            **({"AWS_SESSION_TOKEN": place.token} if place.token else {}),
            "AWS_DEFAULT_REGION": place.region,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            # One request for each call: a retry would be another call, and the world another world.
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_PAGER": "",
            "LC_ALL": "C.UTF-8",
        }
        command = [str(AWS), "--endpoint-url", self.endpoint, "--output", "json", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return dated(json.loads(done.stdout or "{}"))
        refusal = REFUSAL.search(done.stderr)
        assert refusal, f"{command} ended with {done.returncode}: {done.stderr}"
        raise Refused({"code": refusal["code"], "message": refusal["message"].strip()})


def options(parameters: Answer) -> list[str]:
    """A call's parameters as options: what is no plain value is given as JSON, which the CLI takes for any of them."""
    if "MinCount" in parameters:
        # RunInstances has one option for both.
        least, most = parameters["MinCount"], parameters["MaxCount"]
        parameters = {name: value for name, value in parameters.items() if name not in ("MinCount", "MaxCount")}
        parameters["Count"] = f"{least}:{most}"
    words = []
    for name, value in parameters.items():
        option = xform_name(name, "-")
        if isinstance(value, bool):
            words.append(f"--{option}" if value else f"--no-{option}")
        else:
            words += [f"--{option}", json.dumps(value) if isinstance(value, (list, dict)) else str(value)]
    return words


def dated(value: Any, name: str = "") -> Any:
    """JSON protocols send times as numbers, which the CLI prints as they came."""
    if isinstance(value, dict):
        return {key: dated(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [dated(inner) for inner in value]
    if isinstance(value, (int, float)) and name.endswith("Time"):
        return datetime.fromtimestamp(value, timezone.utc).isoformat()
    return value


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--endpoint", required=True)
    endpoint = arguments.parse_args().endpoint
    # Each call is a process of its own, for most of a second: the side stories are left to boto3.
    diary = Diary(Cli(endpoint), endpoint, asides=False)
    walk(diary)
    print(json.dumps({"steps": diary.steps, "events": diary.world("deliveries"), "unknown": []}))


if __name__ == "__main__":
    main()
