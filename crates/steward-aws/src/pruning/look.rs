//! The second look, right before a step.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::Image;
use steward::distribution::Grantee;
use steward::evidence::ImageSeen;
use steward::pruning::{ImageNow, OutputNow};
use steward::{AmiFacts, AmiId, ImageBuildArn, Words};

use crate::evidence::image_seen;
use crate::images::GONE;
use crate::problem::absent;
use crate::{AtTarget, FAMILY, ImagesOf, Problem};

impl AtTarget {
    /// What EC2 says of an image at this moment; none: it does not know it any more.
    pub async fn image_now(&self, ami: AmiId) -> Result<Option<ImageNow>, Problem> {
        let of = ImagesOf::Ids(vec![ami]);
        let described = self.described(&of, |image| self.now(image)).await;
        let images = absent(described, &GONE)?.unwrap_or_default();
        Ok(images.into_iter().find_map(|(id, image)| (id == ami).then_some(image)))
    }

    fn now(&self, image: &Image) -> Result<(AmiId, ImageNow), String> {
        let AmiFacts {
            ami,
            owner,
            state,
            created,
            snapshots,
            ..
        } = self.facts(image)?;
        let ImageSeen {
            ami: _,
            launched,
            deprecated,
            tags,
            protected,
        } = image_seen(image)?;
        let now = ImageNow {
            owner,
            // As it is written: a tag that names no family makes an image nobody's of ours.
            family: tags.get(FAMILY).map(|family| Words::from(family.as_str())),
            state,
            created,
            deprecated,
            launched,
            tags,
            protected,
            snapshots,
        };
        Ok((ami, now))
    }

    /// Who may launch an image; none where EC2 does not know it any more.
    pub async fn who_may_launch(&self, ami: AmiId) -> Result<Option<BTreeSet<Grantee>>, Problem> {
        self.grants(ami).await
    }

    /// What Image Builder has of a release at this moment.
    pub async fn output_now(&self, build: &ImageBuildArn) -> Result<OutputNow, Problem> {
        let facts = self.build(build).await?;
        Ok(facts.map_or(OutputNow::Gone, |facts| OutputNow::There(facts.state)))
    }
}
