"""Builds the family `base` once, lets its two hours pass at once, and says what the record knows of it.

Run by `cargo xtask up`, with the environment of the hub's account."""

import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request

import boto3

FAMILY = "base"
REGION = os.environ["AWS_REGION"]
ACCOUNT = os.environ["AWS_ACCESS_KEY_ID"]
CLOUD = os.environ["AWS_ENDPOINT_URL"]
BUILDER_ARN = f"arn:aws:imagebuilder:{REGION}:{ACCOUNT}"
WITHIN_SECONDS = 60


def main():
    pipeline, build = sample()
    table = output("Table")
    wait_for("the release in the record", lambda: recorded(table))
    tell(table, pipeline, build)


def sample():
    """The pipeline that `steward apply` made of the family, and its first build, made now or before."""
    builder = boto3.client("imagebuilder")
    pipeline = f"{BUILDER_ARN}:image-pipeline/{FAMILY}-x86-64"
    images = builder.list_image_pipeline_images(imagePipelineArn=pipeline)["imageSummaryList"]
    if images:
        return pipeline, images[0]["arn"]
    build = builder.start_image_pipeline_execution(imagePipelineArn=pipeline)["imageBuildVersionArn"]
    pass_time(hours=2)
    return pipeline, build


def pass_time(hours):
    body = json.dumps({"advance_seconds": hours * 3600}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{CLOUD}/_local/clock", data=body, method="POST"), timeout=60)


def output(name):
    stack = boto3.client("cloudformation").describe_stacks(StackName="image-steward")["Stacks"][0]
    return next(found["OutputValue"] for found in stack["Outputs"] if found["OutputKey"] == name)


def recorded(table):
    """The release, once the record says that all its images are placed and where it came from."""
    query = {"TableName": table, "ConsistentRead": True}
    dynamodb = boto3.client("dynamodb")
    family = dynamodb.query(
        **query,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :release)",
        ExpressionAttributeValues={":pk": {"S": f"F#{FAMILY}"}, ":release": {"S": "V#"}},
    )["Items"]
    if not family:
        return None
    release = family[-1]["release"]["S"]
    items = dynamodb.query(
        **query, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": f"R#{release}"}}
    )["Items"]
    meta = next((item for item in items if item["sk"]["S"] == "META"), None)
    linked = meta and meta.get("linked", {}).get("BOOL")
    return release if linked and meta["placed"]["BOOL"] else None


def wait_for(what, fact):
    end = time.monotonic() + WITHIN_SECONDS
    while time.monotonic() < end:
        found = fact()
        if found:
            return found
        time.sleep(0.2)
    sys.exit(f"sample: {what} did not come within {WITHIN_SECONDS} s; see the logs beside the local cloud's.")


def tell(table, pipeline, build):
    steward = sys.argv[1]
    print(f"\nThe hub runs in account {ACCOUNT}, {REGION}. Its manifests in families/ are applied, and")
    print(f"the pipeline of {FAMILY} was started once:")
    print(f"  {build}")
    for title, question in (
        ("What record-lineage was told, at Image Builder's own time", ["history", build]),
        ("What it then read from AWS and wrote down", ["where", build]),
        ("Where it came from", ["lineage", build]),
    ):
        print(f"\n{title} (steward {question[0]}):")
        said = subprocess.run([steward, *question, "--table", table], check=True, capture_output=True, text=True)
        print("\n".join(f"  {line}" for line in said.stdout.splitlines()))
    plane = os.environ["AWS_ENDPOINT_URL_IMAGEBUILDER"]
    aws = pathlib.Path(sys.executable).with_name("aws")
    print("\nLook further; any 12-digit key is an account here:")
    print(f"  export AWS_ACCESS_KEY_ID={ACCOUNT} AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION={REGION} AWS_REGION={REGION}")
    print(f"  export AWS_ENDPOINT_URL={CLOUD} AWS_ENDPOINT_URL_IMAGEBUILDER={plane} AWS_ENDPOINT_URL_EC2={plane}")
    print(f"  export STEWARD_TABLE={table}")
    print(f"  {steward} families")
    print(f"  {steward} lineage {FAMILY}")
    print(f"  {steward} plan apply families")
    print(f"  {aws} imagebuilder start-image-pipeline-execution --image-pipeline-arn {pipeline}")
    print(f"  {aws} dynamodb scan --table-name {table}")
    print("  cargo xtask up      # again, after a change: it updates")
    print("  cargo xtask down    # removes it all")


main()
