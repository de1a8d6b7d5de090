//! Putting launch templates into a world past every API.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Data, LaunchTemplate, Version};
use crate::ec2::tags::Tags;
use crate::ids::LaunchTemplateId;
use crate::time::Time;
use crate::world::versioned::Versioned;
use crate::world::{Target, World};

/// A launch template that has long been there.
#[derive(Clone, Debug)]
pub(crate) struct NewTemplate {
    pub(crate) id: LaunchTemplateId,
    pub(crate) name: String,
    pub(crate) created: Time,
    /// The number and the image of each version there still is; none of them where all was deleted.
    pub(crate) versions: Vec<(u64, String)>,
    pub(crate) default: u64,
}

impl World {
    /// Puts a launch template into a target.
    pub(crate) fn place_launch_template(&mut self, target: Target, new: NewTemplate) {
        let NewTemplate {
            id,
            name,
            created,
            versions,
            default,
        } = new;
        let creator: Arc<str> = format!("arn:{}:iam::{}:root", target.region.partition(), target.account).into();
        let version = |image: String| Version {
            description: None,
            created,
            creator: Arc::clone(&creator),
            data: Data::of_image(image),
        };
        let versions: BTreeMap<u64, Arc<Version>> = versions
            .into_iter()
            .map(|(number, image)| (number, Arc::new(version(image))))
            .collect();
        let template = LaunchTemplate {
            owner: target.account,
            name: name.into(),
            created,
            creator,
            default,
            given: versions.keys().next_back().copied().unwrap_or(default),
            versions,
            tags: Tags::default(),
            operator: None,
        };
        let templates = &mut self.ec2.plane(target.region).launch_templates;
        templates.insert(id, Versioned::settled(template));
    }
}
