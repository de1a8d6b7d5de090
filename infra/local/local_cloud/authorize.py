"""Who a key is, and what it may do: asked by the image plane, answered by ministack's own evaluator."""

from ministack.core import iam_evaluator
from ministack.core.responses import _account_from_sts_session, request_scope

from . import pinned


def mend():
    """Nothing is changed; what is used is checked."""
    pinned.function(iam_evaluator, "resolve_credential", "access_key_id", "account_id", "session_token")
    pinned.function(iam_evaluator, "resolve_principal", "access_key_id", "account_id", "credential")
    pinned.function(iam_evaluator, "evaluate", "ctx", "policies", "limits")


def _account(access_key):
    return _account_from_sts_session(access_key) or iam_evaluator.find_iam_access_key_account(access_key)


def identify(question):
    """The account and ARN behind a key and its session token, or why there is none."""
    key, token = question["access_key"], question.get("session_token")
    account = _account(key)
    if account is None:
        return {"refused": "UnrecognizedClientException"}
    credential = iam_evaluator.resolve_credential(key, account, token or "")
    if isinstance(credential, iam_evaluator.CredentialResolutionError):
        return {"refused": credential.code}
    return {"account": credential.account_id, "arn": credential.principal_arn}


def authorize(question):
    """Whether a key may do an action on a resource, with the condition keys of the request."""
    key, region = question["access_key"], question["region"]
    account = _account(key)
    with request_scope(account or "000000000000", region):
        principal = iam_evaluator.resolve_principal(key, account)
        if isinstance(principal, iam_evaluator.AuthError):
            return {"decision": "ImplicitDeny"}
        if principal.policies is None:
            return {"decision": "Allow"}
        context = {name.lower(): value for name, value in question.get("context", {}).items()}
        context.setdefault("aws:tagkeys", None)
        asked = iam_evaluator.EvalContext(
            principal_arn=principal.arn,
            principal_type=principal.type,
            principal_account=principal.account,
            action=question["action"],
            resource_arn=question.get("resource") or "*",
            region=region,
            service_context=context,
            principal_keys=principal.keys,
        )
        return {"decision": iam_evaluator.evaluate(asked, principal.policies, *principal.limits).decision}
