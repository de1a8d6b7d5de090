//! What ECR tells EventBridge: that an image was pushed or deleted.
//!
//! AWS shows events with one tag each. Of an image with several here each tag has an event of its own, and one without
//! any has an event without.

use serde_json::json;

use super::store::Id;
use crate::world::{Target, World};

pub(super) fn pushed(world: &mut World, target: Target, repository: &str, id: &Id) {
    tell(world, target, repository, "PUSH", id);
}

pub(super) fn deleted(world: &mut World, target: Target, repository: &str, id: &Id) {
    tell(world, target, repository, "DELETE", id);
}

fn tell(world: &mut World, target: Target, repository: &str, action: &str, id: &Id) {
    let Id {
        image_digest,
        image_tag,
    } = id;
    let mut detail = json!({
        "result": "SUCCESS",
        "repository-name": repository,
        "image-digest": image_digest,
        "action-type": action,
    });
    if let Some(tag) = image_tag {
        detail["image-tag"] = json!(tag);
    }
    world.emit(target, "aws.ecr", "ECR Image Action", &[], &detail);
}
