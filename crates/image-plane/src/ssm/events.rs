//! What the Parameter Store tells EventBridge: that a parameter changed, never its value nor which version it is.

use serde_json::{Value, json};

use super::name::arn;
use super::store::{Home, Version};
use super::values::DataType;
use crate::world::{Target, World};

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Change {
    Create,
    Update,
    Delete,
    LabelParameterVersion,
}

impl Change {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Update => "Update",
            Self::Delete => "Delete",
            Self::LabelParameterVersion => "LabelParameterVersion",
        }
    }
}

/// Tells of a change that happened.
pub(super) fn tell(world: &mut World, target: Target, change: Change, name: &str, version: &Version) {
    let mut detail = detail(change, name, version);
    if let Some(description) = &version.description {
        detail["description"] = json!(description);
    }
    send(world, target, name, &detail);
}

/// Tells of a write that was answered and came to nothing.
pub(super) fn tell_failure(
    world: &mut World,
    target: Target,
    change: Change,
    name: &str,
    version: &Version,
    exception: &str,
) {
    let mut detail = detail(change, name, version);
    detail["exception"] = json!(exception);
    detail["dataType"] = json!(DataType::Image.as_str());
    send(world, target, name, &detail);
}

fn detail(change: Change, name: &str, version: &Version) -> Value {
    json!({ "operation": change.as_str(), "name": name, "type": version.kind.as_str() })
}

fn send(world: &mut World, target: Target, name: &str, detail: &Value) {
    let resource = arn(Home::of(target), name);
    world.emit(target, "aws.ssm", "Parameter Store Change", &[resource], detail);
}
