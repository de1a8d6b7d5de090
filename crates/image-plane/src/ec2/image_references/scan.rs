//! Looking through everything that can name an image.

use std::collections::BTreeMap;

use super::super::operator::Managed;
use super::super::referrer::Referrer;
use super::Wanted;
use crate::ids::ImageId;
use crate::time::Time;
use crate::world::{Target, World};

/// A resource that names an image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Reference {
    pub(super) image: ImageId,
    pub(super) referrer: Referrer,
    pub(super) arn: String,
}

/// Everything that was looked at, in the order of the answer. A page is cut before it is filtered, so what names none of
/// the images has its place too.
pub(super) type LookedAt = BTreeMap<String, Option<Reference>>;

/// Looks through what is wanted: EC2's own for a reader whose view is so old, the rest as it is.
pub(super) fn scan(world: &World, target: Target, wanted: &Wanted, managed: Managed, as_of: Time) -> LookedAt {
    let scan = Scan { world, target, as_of };
    let mut looked_at = LookedAt::new();
    for referrer in &wanted.types {
        let found = match referrer {
            Referrer::Instance => scan.instances(wanted, managed),
            Referrer::LaunchTemplate => scan.launch_templates(wanted, managed),
            // Those that are there to name an image. AWS does not say whether a plain text counts: here it does not.
            Referrer::Parameter => by_id(
                world
                    .parameters
                    .of_images(target)
                    .map(|(arn, value)| (arn, Some(value))),
            ),
            Referrer::ImageRecipe => by_id(world.builder.image_recipes(target)),
            Referrer::ContainerRecipe => by_id(world.builder.container_recipes(target)),
        };
        for (arn, named) in found {
            let mut asked_for = named
                .into_iter()
                .filter(|image| wanted.images.contains(image))
                .peekable();
            if asked_for.peek().is_none() {
                looked_at.insert(format!("{referrer} {arn}"), None);
            }
            for image in asked_for {
                let reference = Reference {
                    image,
                    referrer: *referrer,
                    arn: arn.clone(),
                };
                looked_at.insert(format!("{referrer} {arn} {image}"), Some(reference));
            }
        }
    }
    looked_at
}

/// Resources by their ARNs, each with the images it names.
type Found = Vec<(String, Vec<ImageId>)>;

#[derive(Clone, Copy)]
struct Scan<'a> {
    world: &'a World,
    target: Target,
    as_of: Time,
}

impl Scan<'_> {
    fn arn(self, resource: impl std::fmt::Display) -> String {
        let Target { account, region } = self.target;
        format!("arn:{}:ec2:{region}:{account}:{resource}", region.partition())
    }

    fn instances(self, wanted: &Wanted, managed: Managed) -> Found {
        let plane = self.world.ec2.get(self.target.region).into_iter();
        let instances = plane.flat_map(|plane| &plane.instances);
        instances
            .filter_map(|(id, known)| Some((id, known.seen(self.as_of)?)))
            .filter(|(_, instance)| {
                instance.owner == self.target.account
                    && managed.shows(instance.operator.as_ref())
                    && wanted.states.contains(&instance.state)
            })
            .map(|(id, instance)| (self.arn(format_args!("instance/{id}")), vec![instance.image]))
            .collect()
    }

    fn launch_templates(self, wanted: &Wanted, managed: Managed) -> Found {
        let plane = self.world.ec2.get(self.target.region).into_iter();
        let templates = plane.flat_map(|plane| &plane.launch_templates);
        templates
            .filter_map(|(id, known)| Some((id, known.seen(self.as_of)?)))
            .filter(|(_, template)| template.owner == self.target.account && managed.shows(template.operator.as_ref()))
            .map(|(id, template)| {
                let images = template.images(wanted.depth, self.world.now);
                let images = images.filter_map(|image| image.parse().ok()).collect();
                (self.arn(format_args!("launch-template/{id}")), images)
            })
            .collect()
    }
}

/// What says where an image may stand, and the image where it names one by its id.
fn by_id<'a>(said: impl Iterator<Item = (String, Option<&'a str>)>) -> Found {
    said.map(|(arn, text)| (arn, text.and_then(|text| text.parse().ok()).into_iter().collect()))
        .collect()
}
