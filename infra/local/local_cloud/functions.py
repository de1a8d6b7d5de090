"""What every function's process is given besides its own environment: where its services are, and what time it is."""

import json

from ministack.services import eventbridge, lambda_svc, sns

from . import pinned

# Services the image plane answers for; all others are ministack's.
IMAGE_PLANE_SERVICES = ("EC2", "IMAGEBUILDER", "AUTO_SCALING", "KMS", "RAM", "RBIN")


def mend(clock, image_plane, faketime):
    """Adds endpoints and the clock to the environment that ministack makes for a bootstrap."""
    original = pinned.function(lambda_svc, "_provided_worker_env", "config", "code_dir", "port")
    here = {f"AWS_ENDPOINT_URL_{service}": image_plane for service in IMAGE_PLANE_SERVICES}
    if faketime:
        here |= {
            "LD_PRELOAD": faketime,
            "FAKETIME_TIMESTAMP_FILE": str(clock.file),
            # A process that runs follows a jump, and its timers do not.
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def environment(config, code_dir, port):
        # As Lambda sets it where the template asks for JSON.
        logging = config.get("LoggingConfig") or {}
        json_logs = {"AWS_LAMBDA_LOG_FORMAT": "JSON"} if logging.get("LogFormat") == "JSON" else {}
        return {**original(config, code_dir, port), **json_logs, **here}

    lambda_svc._provided_worker_env = environment


def mend_updates():
    """A function that is changed is started anew in its own account; ministack ends its namesakes' processes in all
    others, in the middle of what they do."""
    original = pinned.function(lambda_svc, "invalidate_worker", "func_name", "qualifier", "account", "region")

    def invalidate(func_name, qualifier=None, account=None, region=None):
        original(func_name, qualifier, account or lambda_svc.get_account_id(), region or lambda_svc.get_region())

    lambda_svc.invalidate_worker = invalidate


def mend_asynchronous_wakes():
    """EventBridge and SNS hand events to Lambda's queue, which retries and knows failure destinations; ministack's
    invoke once and forget."""
    pinned.function(eventbridge, "_dispatch_to_lambda", "arn", "payload")
    pinned.function(sns, "_deliver_to_lambda", "endpoint", "envelope", "topic_arn", "sub_arn")
    invoke = pinned.function(lambda_svc, "invoke_async_with_retry", "func", "event")
    # AWS waits a minute and then two; who waits for a failure here should not have to.
    lambda_svc._LAMBDA_ASYNC_RETRY_BASE_SECONDS = 1
    lambda_svc._LAMBDA_ASYNC_RETRY_MAX_SECONDS = 2

    def find(arn):
        function, config, _ = lambda_svc._get_func_record_for_ref(arn)
        if not function or not config:
            raise LookupError(f"there is no function {arn}")
        return lambda_svc._execution_record_for_config(function, config) | {
            name: function[name] for name in ("event_invoke_config", "event_invoke_configs") if name in function
        }

    def from_event_bridge(arn, payload):
        invoke(find(arn), json.loads(payload))

    def from_sns(endpoint, envelope, topic_arn, sub_arn, msg_id, raw_message, message_attributes):
        record = {
            "EventVersion": "1.0",
            "EventSubscriptionArn": sub_arn,
            "EventSource": "aws:sns",
            "Sns": json.loads(envelope),
        }
        invoke(find(endpoint), {"Records": [record]})

    eventbridge._dispatch_to_lambda = from_event_bridge
    sns._deliver_to_lambda = from_sns

