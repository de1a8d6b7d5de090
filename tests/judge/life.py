"""Walks one whole life with boto3, and prints what it saw as one JSON document."""

from __future__ import annotations

import argparse
import json
import os
from datetime import datetime
from typing import Any

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.model import OperationModel

from diary import Answer, Diary, Place, Refused
from unread import unread
from walk import walk

# One request for each call: a retry would be another call, and the world another world.
ONCE = Config(retries={"total_max_attempts": 1}, parameter_validation=True)


class Boto3:
    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.session = boto3.Session()
        self.clients: dict[tuple[Place, str], BaseClient] = {}
        self.looked = 0
        self.unread: list[str] = []

    def client(self, place: Place, service: str) -> BaseClient:
        if (place, service) not in self.clients:
            client = self.session.client(
                service,
                region_name=place.region,
                endpoint_url=self.endpoint,
                aws_access_key_id=place.account,
                aws_secret_access_key=place.secret,
                aws_session_token=place.token,
                config=ONCE,
            )
            client.meta.events.register("before-parse", self.look)
            self.clients[place, service] = client
        return self.clients[place, service]

    def look(self, operation_model: OperationModel, response_dict: dict[str, Any], **_: Any) -> None:
        """Compares what came with what botocore's model knows, before botocore reads over the rest."""
        self.looked += 1
        if response_dict["status_code"] < 300:
            self.unread += unread(operation_model, response_dict["body"])

    def call(self, place: Place, service: str, operation: str, parameters: Answer) -> Answer:
        client = self.client(place, service)
        names = {api: method for method, api in client.meta.method_to_api_mapping.items()}
        try:
            return without_metadata(getattr(client, names[operation])(**parameters))
        except ClientError as error:
            said = error.response
            raise Refused(
                {
                    "code": said["Error"]["Code"],
                    "message": said["Error"]["Message"],
                    "httpStatus": said["ResponseMetadata"]["HTTPStatusCode"],
                }
            ) from error

    def pages(self, place: Place, operation: str, parameters: Answer, paging: dict[str, Any]) -> Answer:
        client = self.client(place, "ec2")
        names = {api: method for method, api in client.meta.method_to_api_mapping.items()}
        pages = client.get_paginator(names[operation]).paginate(**parameters, PaginationConfig=paging)
        return pages.build_full_result()


def without_metadata(answer: Answer) -> Answer:
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def printed(value: Any) -> str:
    assert isinstance(value, datetime), value
    return value.isoformat()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--endpoint", required=True)
    endpoint = arguments.parse_args().endpoint
    os.environ |= {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    client = Boto3(endpoint)
    diary = Diary(client, endpoint)
    walk(diary)
    assert client.looked >= len(diary.steps), "botocore no longer shows what it is about to parse"
    document = {"steps": diary.steps, "events": diary.world("deliveries"), "unknown": client.unread}
    print(json.dumps(document, default=printed))


if __name__ == "__main__":
    main()
