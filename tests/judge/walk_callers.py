"""Who calls: a key, and the session of a role in another account."""

from __future__ import annotations

from diary import HUB, IRELAND, Diary, Place

READER = "arn:aws:iam::222233334444:role/reader"


def callers(diary: Diary) -> None:
    hub = diary.sts(HUB)
    hub("the key says who calls", "GetCallerIdentity")
    session = hub("a role in another account", "AssumeRole", RoleSessionName="judge", RoleArn=READER)
    key = session["Credentials"]
    reader = Place(key["AccessKeyId"], IRELAND, key["SecretAccessKey"], key["SessionToken"])
    diary.sts(reader)("the session says who calls", "GetCallerIdentity")
    diary.ec2(reader)("it may read", "DescribeImages", Owners=["self"])
    diary.ec2(reader).refused("and not delete", "DeregisterImage", ImageId="ami-0123456789abcdef0")
    hub.refused(
        "a role that is not there",
        "AssumeRole",
        RoleSessionName="judge",
        RoleArn="arn:aws:iam::222233334444:role/nobody",
    )
