//! Where an image came from, back to its root: remembered when it is made, and kept when it is gone.

use super::image::{Image, OwnerAlias};
use super::{Ctx, errors, lookup, visibility};
use crate::ids::ImageId;
use crate::region::Region;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::World;

/// Entries of an answer; what lies above is not told.
const MOST: usize = 50;

/// What is remembered of an image.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Birth {
    created: Time,
    alias: Option<OwnerAlias>,
    source: Option<(ImageId, Region)>,
}

impl Birth {
    /// That of an image of nobody EC2 vouches for.
    pub(crate) const fn at(created: Time, source: Option<(ImageId, Region)>) -> Self {
        Self {
            created,
            alias: None,
            source,
        }
    }

    pub(crate) const fn of(image: &Image) -> Self {
        Self {
            created: image.created,
            alias: image.alias,
            source: image.source,
        }
    }
}

/// `GetImageAncestry`: the image first, its root last. Whether the sources are there, or anybody's to see, does not matter.
pub(crate) fn get(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let text = params.required("ImageId")?;
    let id = lookup::image_id(&text)?;
    params.finish()?;
    let target = ctx.target();
    let as_of = world.read_as_of();
    let image = world
        .ec2
        .get(target.region)
        .and_then(|plane| plane.image_seen(id, as_of));
    // Which images one may ask for is not documented; here those that one sees.
    if !image.is_some_and(|image| visibility::may_launch(world, image, target.account)) {
        return Err(errors::no_image(&text));
    }
    ctx.commit()?;
    let mut entries = Vec::new();
    let mut next = Some((id, target.region));
    while let Some((id, region)) = next {
        let birth = world.ec2.get(region).and_then(|plane| plane.birth(id));
        let Some(birth) = birth.filter(|_| entries.len() < MOST) else {
            break;
        };
        entries.push((id, birth));
        // A verified provider's image is a root, and so is what came from another partition.
        let above = birth.source.filter(|_| birth.alias.is_none());
        next = above.filter(|(_, source)| source.partition() == region.partition());
    }
    xml.items("imageAncestryEntrySet", entries, |xml, (id, birth)| {
        xml.text("creationDate", birth.created);
        xml.text("imageId", id);
        xml.optional("imageOwnerAlias", birth.alias);
        xml.optional("sourceImageId", birth.source.map(|(id, _)| id));
        xml.optional("sourceImageRegion", birth.source.map(|(_, region)| region));
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::place::NewImage;
    use super::super::testing::Bench;
    use crate::sts::tests::field;

    /// A copy of the hub's own, in its own Region.
    fn copied(bench: &mut Bench, source: &str, name: &str) -> String {
        let answer = bench.ok(
            "CopyImage",
            &[("SourceImageId", source), ("SourceRegion", "eu-west-1"), ("Name", name)],
        );
        let now = bench.world.now() + std::time::Duration::from_hours(4);
        bench.world.settle(now);
        field(&answer, "imageId")
    }

    fn ids(answer: &str) -> Vec<String> {
        let parts = answer.split("<imageId>").skip(1);
        parts.map(|part| part.split('<').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn ancestry_outlives_what_it_names() {
        let mut bench = Bench::new();
        let root = bench.image(NewImage::named("root"));
        let first = copied(&mut bench, &root, "first");
        let second = copied(&mut bench, &first, "second");
        for gone in [&root, &first] {
            bench.ok("DeregisterImage", &[("ImageId", gone)]);
        }
        let answer = bench.ok("GetImageAncestry", &[("ImageId", &second)]);
        assert_eq!(ids(&answer), [second.clone(), first.clone(), root]);
        assert_eq!(field(&answer, "sourceImageId"), first);
        assert_eq!(field(&answer, "sourceImageRegion"), "eu-west-1");
    }

    #[test]
    fn ancestry_ends_after_fifty_entries_and_the_last_still_names_its_source() {
        let mut bench = Bench::new();
        let mut image = bench.image(NewImage::named("root"));
        for n in 0..52 {
            image = copied(&mut bench, &image, &format!("copy {n}"));
        }
        let answer = bench.ok("GetImageAncestry", &[("ImageId", &image)]);
        assert_eq!(ids(&answer).len(), 50);
        assert_eq!(answer.matches("<sourceImageId>").count(), 50);
    }

    #[test]
    fn an_image_that_nobody_shared_has_no_ancestry_to_tell() {
        let mut bench = Bench::new();
        let image = bench.image(NewImage::named("root"));
        let refused = bench.call_as(bench.member, "GetImageAncestry", &[("ImageId", &image)]);
        assert_eq!(refused.unwrap_err().0, "InvalidAMIID.NotFound");
        assert_eq!(
            bench.refused("GetImageAncestry", &[("ImageId", "web")]).0,
            "InvalidAMIID.Malformed"
        );
    }
}
