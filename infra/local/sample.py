"""Lets the family `base` be built, and `web` on it, lets the days that this takes pass at once, and says what the record knows.

Run by `cargo xtask up`, with the environment of the hub's account."""

import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request

import boto3

BASE, CHILD = "base", "web"
REGION = os.environ["AWS_REGION"]
ACCOUNT = os.environ["AWS_ACCESS_KEY_ID"]
CLOUD = os.environ["AWS_ENDPOINT_URL"]
BUILDER_ARN = f"arn:aws:imagebuilder:{REGION}:{ACCOUNT}"
FAMILIES = pathlib.Path(__file__).parents[2] / "families"
WITHIN_SECONDS = 120
# Schedules do not run by themselves here. The others are told by events.
SWEEPS = ("record-lineage", "plan-distribution", "trigger-builds")


def main():
    table = output("Table")
    # More may come for a quarter of an hour, so nothing is built at the first sweep.
    base = built(table, BASE, hours=1)
    # The base's channel `stable` follows its `candidate` after a day, and what is built on it is made once it names an image.
    wait_for(f"a base for {CHILD}", lambda: applied(table), every_seconds=3)
    child = built(table, CHILD, hours=1)
    tell(table, base, child)


def built(table, family, hours):
    """A build of the family that trigger-builds started, in the record; so much time passes from one sweep to the next."""

    def swept():
        build = first_build(family)
        if not build:
            pass_time(hours)
            for function in SWEEPS:
                sweep(function)
        return build

    build = wait_for(f"the first build of {family}", swept, every_seconds=3)
    if not recorded(table, family):
        pass_time(hours=2)
    wait_for(f"{family} in the record", lambda: recorded(table, family))
    return build


def applied(table):
    """Whether all manifests hold, once more applied after some hours."""
    pass_time(hours=8)
    for function in SWEEPS:
        sweep(function)
    words = [sys.argv[1], "apply", "--yes", "--wait", "--message", "the base is there", "--table", table, FAMILIES]
    return "waits" not in subprocess.run(words, check=True, capture_output=True, text=True).stdout


def first_build(family):
    pipeline = f"{BUILDER_ARN}:image-pipeline/{family}-x86-64"
    images = boto3.client("imagebuilder").list_image_pipeline_images(imagePipelineArn=pipeline)["imageSummaryList"]
    return images[0]["arn"] if images else None


def sweep(function):
    schedules = boto3.client("scheduler").list_schedules()["Schedules"]
    schedule = next(found for found in schedules if found["GroupName"].endswith(function))
    door("fire", {"account": ACCOUNT, "region": REGION, "group": schedule["GroupName"], "name": schedule["Name"]})


def pass_time(hours):
    door("clock", {"advance_seconds": hours * 3600})


def door(command, body):
    request = urllib.request.Request(f"{CLOUD}/_local/{command}", data=json.dumps(body).encode(), method="POST")
    urllib.request.urlopen(request, timeout=60)


def output(name):
    stack = boto3.client("cloudformation").describe_stacks(StackName="image-steward")["Stacks"][0]
    return next(found["OutputValue"] for found in stack["Outputs"] if found["OutputKey"] == name)


def recorded(table, family):
    """A release of the family, once the record says that all its images are placed and where it came from."""
    query = {"TableName": table, "ConsistentRead": True}
    dynamodb = boto3.client("dynamodb")
    releases = dynamodb.query(
        **query,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :release)",
        ExpressionAttributeValues={":pk": {"S": f"F#{family}"}, ":release": {"S": "V#"}},
    )["Items"]
    if not releases:
        return None
    release = releases[-1]["release"]["S"]
    items = dynamodb.query(
        **query, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": f"R#{release}"}}
    )["Items"]
    meta = next((item for item in items if item["sk"]["S"] == "META"), None)
    linked = meta and meta.get("linked", {}).get("BOOL")
    return release if linked and meta["placed"]["BOOL"] else None


def wait_for(what, fact, every_seconds=0.2):
    end = time.monotonic() + WITHIN_SECONDS
    while time.monotonic() < end:
        found = fact()
        if found:
            return found
        time.sleep(every_seconds)
    sys.exit(f"sample: {what} did not come within {WITHIN_SECONDS} s; see the logs beside the local cloud's.")


def tell(table, base, child):
    steward = sys.argv[1]
    print(f"\nThe hub runs in account {ACCOUNT}, {REGION}. Its manifests in families/ are applied, and trigger-builds started")
    print(f"  {base}")
    print(f"  {child}")
    for title, question in (
        ("What record-lineage was told, at Image Builder's own time", ["history", base]),
        ("What it then read from AWS and wrote down", ["where", base]),
        ("Why they were built, and what is known besides", ["explain", child]),
        ("Where it came from", ["lineage", child]),
    ):
        print(f"\n{title} (steward {question[0]}):")
        said = subprocess.run([steward, *question, "--table", table], check=True, capture_output=True, text=True)
        print("\n".join(f"  {line}" for line in said.stdout.splitlines()))
    plane = os.environ["AWS_ENDPOINT_URL_IMAGEBUILDER"]
    aws = pathlib.Path(sys.executable).with_name("aws")
    print("\nLook further; any 12-digit key is an account here:")
    print(f"  export AWS_ACCESS_KEY_ID={ACCOUNT} AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION={REGION} AWS_REGION={REGION}")
    print(f"  export AWS_ENDPOINT_URL={CLOUD} AWS_ENDPOINT_URL_IMAGEBUILDER={plane} AWS_ENDPOINT_URL_EC2={plane}")
    print(f"  export AWS_ENDPOINT_URL_KMS={plane}")
    print(f"  export STEWARD_TABLE={table}")
    print(f"  {steward} families")
    print(f"  {steward} plan build")
    print(f"  {steward} lineage {BASE}")
    print(f"  {steward} plan apply families")
    print(f"  {steward} build {CHILD} --because 'to see it'")
    print(f"  {aws} dynamodb scan --table-name {table}")
    print("  cargo xtask up      # again, after a change: it updates")
    print("  cargo xtask down    # removes it all")


main()
