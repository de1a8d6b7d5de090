//! DescribeImageReferences: what in the caller's own account and Region names an image, whoever the image belongs to and
//! whether it is there or not.
//!
//! It does not look at Auto Scaling groups, launch configurations, fleets and Spot requests: what those override is not
//! told. Nor does it follow a name: a launch template that names a parameter, and a recipe that names a parameter or an
//! image of Image Builder, are no references here. AWS does not say, and a hole that is not there does no harm.

mod scan;

use std::collections::BTreeSet;
use std::ops::Bound;

use super::instance::InstanceState;
use super::operator::Managed;
use super::page::{Page, collect};
use super::referrer::{self, AskedType, Referrer};
use super::{Ctx, errors, lookup};
use crate::ids::ImageId;
use crate::region::Region;
use crate::sts::Access;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::World;
use scan::{Reference, scan};

const MOST_IMAGES: usize = 10;
/// Versions of a launch template that are looked at, where nobody says how many.
const DEPTH: usize = 10;
/// Who calls the other services, and EC2 itself, in the caller's name.
const VIA: &str = "ec2-images.amazonaws.com";

/// What a caller must be allowed beside the call itself. AWS asks for all of it together, and does not say that less would
/// do for fewer types of resources, nor that anything but `*` would do as the resource.
pub(super) fn implied() -> impl Iterator<Item = (String, Access)> {
    let actions = [
        "ec2:DescribeInstances",
        "ec2:DescribeLaunchTemplates",
        "ec2:DescribeLaunchTemplateVersions",
        "ssm:DescribeParameters",
        "ssm:GetParameters",
        "imagebuilder:ListImageRecipes",
        "imagebuilder:ListContainerRecipes",
        "imagebuilder:GetContainerRecipe",
    ];
    actions.into_iter().map(|action| {
        let access = Access {
            called_via: Some(VIA),
            ..Access::unknown()
        };
        (action.to_owned(), access)
    })
}

/// What a request asks for.
#[derive(Debug)]
struct Wanted {
    images: BTreeSet<ImageId>,
    types: BTreeSet<Referrer>,
    states: Vec<InstanceState>,
    depth: usize,
}

impl Wanted {
    fn read(params: &mut Params) -> Result<Self, ApiError> {
        let images = params.texts("ImageId")?;
        let everything = params.flag("IncludeAllResourceTypes")?;
        let asked = referrer::read(params)?;
        if images.is_empty() {
            return Err(missing("ImageId"));
        }
        if images.len() > MOST_IMAGES {
            return Err(errors::invalid("imageId", &images.join(", ")));
        }
        if !everything && asked.is_empty() {
            return Err(missing("IncludeAllResourceTypes or ResourceType"));
        }
        let mut wanted = Self {
            // An image need not be there: what still names it is the question.
            images: images.iter().map(|id| lookup::image_id(id)).collect::<Result<_, _>>()?,
            types: Referrer::ALL.into_iter().filter(|_| everything).collect(),
            states: InstanceState::ALL.to_vec(),
            depth: DEPTH,
        };
        for AskedType { referrer, options } in asked {
            wanted.types.insert(referrer);
            for (option, values) in options {
                match (referrer, option.as_str()) {
                    (Referrer::Instance, "state-name") => wanted.states = states(&values)?,
                    (Referrer::LaunchTemplate, "version-depth") => wanted.depth = referrer::depth(&values)?,
                    _ => return Err(referrer::no_option(referrer, &option)),
                }
            }
        }
        Ok(wanted)
    }
}

fn missing(name: &str) -> ApiError {
    ApiError::client(
        "MissingParameter",
        format!("The request must contain the parameter {name}"),
    )
}

fn states(names: &[String]) -> Result<Vec<InstanceState>, ApiError> {
    let state = |name: &String| {
        let known = InstanceState::ALL.into_iter();
        let mut known = known.filter(|state| state.to_string() == *name);
        known.next().ok_or_else(|| errors::invalid("state-name", name))
    };
    if names.is_empty() {
        return Err(errors::invalid("state-name", ""));
    }
    names.iter().map(state).collect()
}

pub(super) fn describe(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let wanted = Wanted::read(&mut params)?;
    let scope = format!("DescribeImageReferences {wanted:?}");
    // AWS states the lower bound alone.
    let page = Page::read(world, target, &mut params, (5, 1000), &scope)?;
    params.finish()?;
    let unknown = &world.ec2.plane(target.region).unknown_to_references;
    if let Some(image) = wanted.images.intersection(unknown).next() {
        return Err(errors::no_image(&image.to_string()));
    }
    ctx.commit()?;
    let as_of = world.read_as_of();
    // Nobody can ask for what services manage here: where the account hides it, it stays hidden.
    let managed = Managed::unasked(world, target);
    let looked_at = scan(world, target, &wanted, managed, as_of);
    let (found, last) = collect(
        &page,
        world.settings.sparse_pages,
        page.after.as_deref(),
        |after, most| {
            let from = after.map_or(Bound::Unbounded, Bound::Excluded);
            let keys = looked_at.range::<str, _>((from, Bound::Unbounded));
            keys.map(|(key, _)| key.as_str()).take(most).collect()
        },
        |key| looked_at.get(key)?.as_ref(),
    );
    xml.items("imageReferenceSet", found, |xml, reference| {
        let Reference { image, referrer, arn } = reference;
        xml.text("imageId", image);
        xml.text("resourceType", referrer);
        xml.text("arn", arn);
    });
    xml.optional("nextToken", last.map(|key| page.next(key)));
    Ok(())
}

impl World {
    /// Makes EC2 refuse to say what names this image, as if there were none, from now on. What it answers of an image that is
    /// gone AWS does not say.
    pub fn hide_from_references(&mut self, region: Region, image: ImageId) {
        self.ec2.plane(region).unknown_to_references.insert(image);
    }
}

#[cfg(test)]
mod tests;
