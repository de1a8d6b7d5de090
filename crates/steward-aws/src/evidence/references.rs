use std::collections::BTreeSet;

use aws_sdk_ec2::types::{ImageReference, ResourceTypeOption, ResourceTypeRequest};
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use steward::AmiId;
use steward::evidence::{ReferenceSeen, Referrer};

use super::instances::STATES;
use crate::images::GONE;
use crate::pages::each_page;
use crate::problem::absent;
use crate::{AtTarget, Problem};

/// EC2 takes so many images in one call.
const AT_A_TIME: usize = 10;
/// So many calls are under way at once: each looks through all that an account has.
const SIDE_BY_SIDE: usize = 8;
/// How many versions of a launch template are looked at, the newest first: as many as there may be.
const DEEPEST: &str = "10000";

impl AtTarget {
    /// Asks EC2 what in this target names each of these images, in all the ways that it knows.
    pub async fn references(&self, images: &BTreeSet<AmiId>) -> Result<Vec<ReferenceSeen>, Problem> {
        let images: Vec<AmiId> = images.iter().copied().collect();
        let calls = iter(images.chunks(AT_A_TIME).map(|some| Box::pin(self.references_to(some))));
        let told: Vec<Vec<ReferenceSeen>> = calls.buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
        Ok(told.into_iter().flatten().collect())
    }

    /// The same of a few. One that is gone by now spoils no other's answer.
    async fn references_to(&self, some: &[AmiId]) -> Result<Vec<ReferenceSeen>, Problem> {
        if let Some(told) = absent(self.told_of(some).await, &GONE)? {
            return Ok(told);
        }
        let mut told = Vec::new();
        for ami in some {
            match absent(self.told_of(&[*ami]).await, &GONE)? {
                Some(of_one) => told.extend(of_one),
                None if self.see_image(*ami).await?.is_none() => {}
                // Nobody can say who uses it.
                None => {
                    let what = format!("it does not know {ami}, which is there");
                    return Err(Problem::not_understood(DOING, self.target, what));
                }
            }
        }
        Ok(told)
    }

    async fn told_of(&self, some: &[AmiId]) -> Result<Vec<ReferenceSeen>, Problem> {
        let option = |name: &str, values: &[&str]| {
            let values = values.iter().copied().map(String::from).collect();
            let option = ResourceTypeOption::builder().option_name(name.into());
            option.set_option_values(Some(values)).build()
        };
        let only = |kind: &str, option| {
            let only = ResourceTypeRequest::builder().resource_type(kind.into());
            only.resource_type_options(option).build()
        };
        // Of all kinds; of these two as EC2 would not by itself.
        let list = self
            .ec2
            .describe_image_references()
            .set_image_ids(Some(some.iter().map(ToString::to_string).collect()))
            .include_all_resource_types(true)
            .resource_types(only("ec2:Instance", option("state-name", &STATES)))
            .resource_types(only("ec2:LaunchTemplate", option("version-depth", &[DEEPEST])))
            .max_results(1000);
        let mut told = Vec::new();
        each_page!(self, reads, DOING, list, |page| {
            for reference in page.image_references() {
                let seen = seen(reference, some);
                told.push(seen.map_err(|what| Problem::not_understood(DOING, self.target, what))?);
            }
        });
        Ok(told)
    }
}

const DOING: &str = "ask what names images";

fn seen(reference: &ImageReference, asked: &[AmiId]) -> Result<ReferenceSeen, String> {
    let image = reference.image_id().unwrap_or_default();
    let ami: AmiId = image.parse().map_err(|error| format!("a bad image: {error}"))?;
    if !asked.contains(&ami) {
        return Err(format!("it tells of {ami}, which nobody asked for"));
    }
    let kind = reference.resource_type().ok_or("a reference of no kind")?;
    let arn = reference.arn().ok_or("a reference without an ARN")?;
    Ok(ReferenceSeen {
        ami,
        by: Referrer::read(kind.as_str(), arn)?,
    })
}
