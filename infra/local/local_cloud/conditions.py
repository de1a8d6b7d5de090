"""Condition keys that ministack's evaluator lacks, or fills otherwise than AWS does."""

from ministack.core import iam_evaluator
from ministack.services import iam

from . import pinned


def mend(organization):
    """All accounts are of one organization, as ours are; and a session's principal is its role, with the role's path."""
    pinned.function(iam_evaluator, "_principal_org_id", "account_id")
    original = pinned.function(iam_evaluator, "_resolve_condition_key", "key", "ctx")

    def resolve(key, ctx):
        name = key.lower()
        if name == "aws:resourceorgid":
            return organization
        if name == "aws:principalarn":
            return _role_of(ctx.principal_arn) or original(key, ctx)
        return original(key, ctx)

    iam_evaluator._principal_org_id = lambda account_id: organization
    iam_evaluator._resolve_condition_key = resolve


def _role_of(arn):
    """`arn:aws:iam::111122223333:role/path/NAME` for `arn:aws:sts::111122223333:assumed-role/NAME/SESSION`."""
    if ":assumed-role/" not in arn:
        return None
    role = iam._roles.get_scoped(arn.split(":")[4], None, arn.split("/")[1])
    return role and role.get("Arn")
