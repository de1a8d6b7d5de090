use aws_sdk_ec2::types::{Image, Tag};
use steward::evidence::ImageSeen;
use steward::{AccountId, Words};

use crate::{AtTarget, ImagesOf, Problem};

/// What EC2 says where nothing keeps an image from being deregistered.
const UNPROTECTED: [&str; 2] = ["", "disabled"];

impl AtTarget {
    /// Lists an owner's images as this target's account sees them: when they were launched, from when they are deprecated, and
    /// its own tags on them.
    pub async fn images_seen(&self, owner: AccountId) -> Result<Vec<ImageSeen>, Problem> {
        self.described(&ImagesOf::Owner(owner), seen).await
    }
}

pub(crate) fn seen(image: &Image) -> Result<ImageSeen, String> {
    let id = image.image_id().ok_or("an image without an id")?;
    let launched = image.last_launched_time().map(str::parse);
    let deprecated = image.deprecation_time().map(str::parse);
    let tag = |tag: &Tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()));
    let protected = image.deregistration_protection();
    Ok(ImageSeen {
        ami: id.parse().map_err(|error| format!("a bad id: {error}"))?,
        launched: launched
            .transpose()
            .map_err(|error| format!("{id} was launched at a bad time: {error}"))?,
        deprecated: deprecated
            .transpose()
            .map_err(|error| format!("{id} is deprecated from a bad time on: {error}"))?,
        tags: image.tags().iter().filter_map(tag).collect(),
        protected: protected.filter(|words| !UNPROTECTED.contains(words)).map(Words::from),
    })
}
