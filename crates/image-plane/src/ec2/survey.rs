//! What there is in EC2 at this moment, past every API: for whoever judges what others made of it.

use std::collections::{BTreeMap, BTreeSet};

use super::image::{Image, LaunchPermissions, Protection};
use super::instance::InstanceState;
use super::state::Plane;
use crate::ids::{AccountId, ImageId, SnapshotId};
use crate::region::Region;
use crate::time::Time;
use crate::world::{Target, World};

/// An image as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SurveyedImage {
    /// Its owner and Region.
    pub target: Target,
    /// Its name.
    pub name: String,
    /// The state that EC2 shows: `available`.
    pub state: String,
    /// From when on it is deprecated.
    pub deprecate_at: Option<Time>,
    /// Whether it is protected from deregistration, or cools down from that.
    pub protected: bool,
    /// The owner's tags.
    pub tags: BTreeMap<String, String>,
    /// What it was copied from.
    pub source: Option<(ImageId, Region)>,
    /// Who may launch it beside its owner: account ids, ARNs of units and organizations, `all`.
    pub launched_by: BTreeSet<String>,
    /// The snapshots behind it.
    pub snapshots: BTreeMap<SnapshotId, SurveyedSnapshot>,
}

/// A snapshot as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SurveyedSnapshot {
    /// The owner's tags.
    pub tags: BTreeMap<String, String>,
    /// Who may copy it beside its owner: account ids, `all`.
    pub copied_by: BTreeSet<String>,
    /// Whether a key encrypts it.
    pub encrypted: bool,
}

/// Something that names an image, and may launch it: where it is, and what.
pub type SurveyedUser = (Target, String);

const EVERYBODY: &str = "all";

impl World {
    /// Every image that an account owns.
    pub fn survey_images(&self, owner: AccountId) -> BTreeMap<ImageId, SurveyedImage> {
        let planes = self.ec2.planes().flat_map(|(region, plane)| {
            let of_owner = plane.images().filter(|(_, image)| image.owner == owner);
            of_owner.map(move |(id, image)| (id, surveyed(region, plane, image)))
        });
        planes.collect()
    }

    /// Who uses images: instances until they end, launch templates by their default version and their latest, launch configurations.
    pub fn survey_users(&self) -> BTreeMap<SurveyedUser, BTreeSet<ImageId>> {
        let mut users: BTreeMap<SurveyedUser, BTreeSet<ImageId>> = BTreeMap::new();
        for (region, plane) in self.ec2.planes() {
            let in_account = |account| Target { account, region };
            let instances = plane.instances.iter();
            for (id, instance) in instances.filter_map(|(id, known)| Some((id, known.now()?))) {
                if !matches!(instance.state, InstanceState::ShuttingDown | InstanceState::Terminated) {
                    let user = (in_account(instance.owner), format!("instance {id}"));
                    users.entry(user).or_default().insert(instance.image);
                }
            }
            let templates = plane.launch_templates.iter();
            for (id, template) in templates.filter_map(|(id, known)| Some((id, known.now()?))) {
                let user = (in_account(template.owner), format!("launch template {id}"));
                let named = template.offered().filter_map(|image| image.parse::<ImageId>().ok());
                users.entry(user).or_default().extend(named);
            }
        }
        for (target, name, image) in self.scaling.configured() {
            let user = (target, format!("launch configuration {name}"));
            users.entry(user).or_default().insert(image);
        }
        users
    }
}

fn surveyed(region: Region, plane: &Plane, image: &Image) -> SurveyedImage {
    let launched_by = image.launch.as_deref().map(launchers).unwrap_or_default();
    let snapshots = image.snapshots().filter_map(|id| {
        let snapshot = plane.snapshot(id)?;
        let permissions = snapshot.permissions.as_deref();
        let mut copied_by: BTreeSet<String> = permissions
            .into_iter()
            .flat_map(|permissions| permissions.accounts.iter().map(ToString::to_string))
            .collect();
        copied_by.extend(permissions.filter(|held| held.public).map(|_| EVERYBODY.to_owned()));
        let seen = SurveyedSnapshot {
            tags: owned(snapshot.tags.iter()),
            copied_by,
            encrypted: snapshot.key.is_some(),
        };
        Some((id, seen))
    });
    SurveyedImage {
        target: Target {
            account: image.owner,
            region,
        },
        name: image.name.to_string(),
        state: image.state.to_string(),
        deprecate_at: image.deprecate_at,
        protected: image.protection != Protection::Off,
        tags: owned(image.tags.iter()),
        source: image.source,
        launched_by,
        snapshots: snapshots.collect(),
    }
}

fn launchers(permissions: &LaunchPermissions) -> BTreeSet<String> {
    let LaunchPermissions {
        public,
        accounts,
        organizations,
        units,
    } = permissions;
    let accounts = accounts.iter().map(ToString::to_string);
    let wider = organizations.iter().chain(units).cloned();
    let everybody = public.then(|| EVERYBODY.to_owned());
    accounts.chain(wider).chain(everybody).collect()
}

fn owned<'a>(tags: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    tags.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use crate::ec2::place::NewImage;
    use crate::ids::AccountId;
    use crate::time::Time;
    use crate::world::settings::Settings;
    use crate::world::{Target, World};

    #[test]
    fn a_survey_shows_the_images_of_one_owner_as_they_are() {
        let mut world = World::new(1, Time::default(), Settings::default());
        let (owner, other) = (AccountId::new(111_122_223_333), AccountId::new(222_233_334_444));
        let target = |account| Target {
            account,
            region: "us-east-1".parse().unwrap(),
        };
        let image = NewImage::named("web").tag("team", "web").shared_with([other]).public();
        let id = world.place_image(target(owner), image);
        world.place_image(target(other), NewImage::named("other"));
        let seen = world.survey_images(owner);
        assert_eq!(seen.keys().copied().collect::<Vec<_>>(), [id]);
        let seen = &seen[&id];
        assert_eq!((seen.target, seen.state.as_str()), (target(owner), "available"));
        assert_eq!(seen.tags["team"], "web");
        assert_eq!(
            seen.launched_by.iter().map(String::as_str).collect::<Vec<_>>(),
            ["222233334444", "all"]
        );
        let snapshot = seen.snapshots.values().next().unwrap();
        assert!(snapshot.copied_by.is_empty() && !snapshot.encrypted);
    }
}
