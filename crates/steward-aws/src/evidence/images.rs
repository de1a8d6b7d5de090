use aws_sdk_ec2::types::{Image, Tag};
use steward::evidence::ImageSeen;
use steward::{AccountId, Words};

use crate::{AtTarget, ImagesOf, Problem};

/// What EC2 says where nothing keeps an image from being deregistered.
const UNPROTECTED: [&str; 2] = ["", "disabled"];

impl AtTarget {
    /// Lists an owner's images as this target's account sees them: when they were launched, and its own tags on them.
    pub async fn images_seen(&self, owner: AccountId) -> Result<Vec<ImageSeen>, Problem> {
        let of = ImagesOf::Owner(owner);
        let images = self.described(&of).await?;
        let images = images.iter().map(seen).collect::<Result<_, _>>();
        images.map_err(|what| Problem::not_understood(of.doing(), self.target, what))
    }
}

fn seen(image: &Image) -> Result<ImageSeen, String> {
    let id = image.image_id().ok_or("an image without an id")?;
    let launched = image.last_launched_time().map(str::parse);
    let tag = |tag: &Tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()));
    let protected = image.deregistration_protection();
    Ok(ImageSeen {
        ami: id.parse().map_err(|error| format!("a bad id: {error}"))?,
        launched: launched
            .transpose()
            .map_err(|error| format!("{id} was launched at a bad time: {error}"))?,
        tags: image.tags().iter().filter_map(tag).collect(),
        protected: protected.filter(|words| !UNPROTECTED.contains(words)).map(Words::from),
    })
}
