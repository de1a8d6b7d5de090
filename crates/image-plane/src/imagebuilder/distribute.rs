//! Distribution: copies into Regions and accounts, tags and launch permissions there, and what fails on the way.

use std::time::Duration;

use super::arn::{Arn, Kind, Place};
use super::check::TagMap;
use super::distribution::{Ami, LaunchPermission, TIMEOUT_MINUTES, fill_in};
use super::failure::{Failure, FailureCause, RegionFailure, RegionFailureStatus};
use super::image::{Image, Output, Status};
use super::machine::{BUILD_TAG, CREATED_BY};
use crate::ec2::copy::{CopyOrder, KeyWish, copy_image};
use crate::ec2::image::{ImageState, LaunchPermissions};
use crate::ec2::sharing::{may_share, share};
use crate::ec2::tags::Tags;
use crate::ids::{AccountId, ImageId};
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

/// An account and Region a build's AMI goes to.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    target: Target,
    state: Progress,
}

/// How far it has come there.
#[derive(Clone, Debug)]
enum Progress {
    Waiting,
    Copying(ImageId),
    /// It is there, without what the configuration wants of it.
    Arrived(ImageId),
    Done(ImageId),
    Failed(RegionFailure),
}

/// What the configuration says of a Region.
fn settings(image: &Image, region: crate::region::Region) -> Option<&Ami> {
    let entries = image
        .distribution
        .iter()
        .flat_map(|distribution| &distribution.settings.distributions);
    entries
        .filter(|entry| entry.region == region.name())
        .find_map(|entry| entry.ami_distribution_configuration.as_ref())
}

/// The time of a build as names carry it, with microseconds like AWS's, which tell builds of one moment apart.
fn build_date(image: &Image, place: &Place) -> String {
    image
        .created
        .to_string()
        .replace(':', "-")
        .replace('Z', &format!("{:03}Z", place.2 % 1000))
}

/// Name and description of a build's AMI in a target.
pub(crate) fn ami_name(world: &World, home: Target, target: Target, place: &Place) -> (String, Option<String>) {
    let Some(image) = world.builder.shelf(home).images.get(place) else {
        return (String::new(), None);
    };
    let settings = settings(image, target.region);
    let date = build_date(image, place);
    let given = settings
        .and_then(|ami| ami.name.as_ref())
        .and_then(|name| fill_in(name, &date, &place.2.to_string()));
    (
        given.unwrap_or_else(|| format!("{} {date}", image.recipe.name)),
        settings.and_then(|ami| ami.description.clone()),
    )
}

/// Sets out for every destination; the AMI of the build itself is the first, and there already.
pub(crate) fn start(world: &mut World, home: Target, place: &Place) {
    let now = world.now;
    let Some(image) = world.builder.image_mut(home, place) else {
        return;
    };
    image.work.distributing_since = now;
    let mut destinations: Vec<Destination> = image
        .work
        .ami
        .map(|ami| Destination {
            target: home,
            state: Progress::Arrived(ami),
        })
        .into_iter()
        .collect();
    let entries = image
        .distribution
        .iter()
        .flat_map(|distribution| &distribution.settings.distributions);
    for entry in entries.filter(|_| image.work.ami.is_some()) {
        let Ok(region) = entry.region.parse() else { continue };
        // Without accounts the AMI goes to the own account; with them to those, each with a copy of its own.
        let listed = entry
            .ami_distribution_configuration
            .as_ref()
            .and_then(|ami| ami.target_account_ids.as_ref());
        let accounts: Vec<AccountId> = listed.map_or_else(
            || vec![home.account],
            |listed| listed.iter().filter_map(|account| account.parse().ok()).collect(),
        );
        let targets = accounts
            .into_iter()
            .map(|account| Target { account, region })
            .filter(|target| *target != home);
        destinations.extend(targets.map(|target| Destination {
            target,
            state: Progress::Waiting,
        }));
    }
    image.work.destinations = destinations;
    step_all(world, home, place);
}

/// Looks how far the destinations have come: whether all are done, and which have failed once none is under way.
pub(crate) fn look(world: &mut World, home: Target, place: &Place) -> Result<bool, Failure> {
    step_all(world, home, place);
    let Some(image) = world.builder.shelf(home).images.get(place) else {
        return Ok(false);
    };
    let destinations = &image.work.destinations;
    if destinations
        .iter()
        .any(|destination| !matches!(destination.state, Progress::Done(_) | Progress::Failed(_)))
    {
        return Ok(false);
    }
    let failures: Vec<RegionFailure> = destinations
        .iter()
        .filter_map(|destination| match &destination.state {
            Progress::Failed(failure) => Some(failure.clone()),
            _ => None,
        })
        .chain(
            asked_for(image)
                .filter(|asked| !destinations.iter().any(|destination| hits(asked, destination.target)))
                .cloned(),
        )
        .collect();
    if failures.is_empty() {
        return Ok(true);
    }
    let arn = Arn::of_build(home, Kind::Image, place);
    Err(Failure::of_regions(
        &mut world.random,
        home,
        &arn,
        Status::Distributing,
        &failures,
    ))
}

/// Names the AMIs or container images of a finished build on its image.
pub(crate) fn publish(world: &mut World, home: Target, place: &Place) {
    let Some(image) = world.builder.shelf(home).images.get(place) else {
        return;
    };
    let made = image
        .work
        .destinations
        .iter()
        .filter_map(|destination| match destination.state {
            Progress::Done(ami) => Some((destination.target, ami)),
            _ => None,
        });
    // What only tests has the parent for its output, whoever owns that.
    let parent = image
        .work
        .parent
        .as_ref()
        .filter(|_| image.work.test_only)
        .map(|parent| {
            (
                Target {
                    account: parent.owner,
                    region: home.region,
                },
                parent.ami,
            )
        });
    let outputs = made
        .chain(parent)
        .map(|(target, ami)| {
            let known = world.ec2.get(target.region).and_then(|plane| plane.image(ami));
            let name = known.map_or_else(String::new, |known| known.name.to_string());
            let description = known
                .map(|known| known.description.to_string())
                .filter(|text| !text.is_empty());
            Output {
                target,
                ami,
                name,
                description,
            }
        })
        .collect();
    if let Some(image) = world.builder.image_mut(home, place) {
        image.outputs = outputs;
        image.containers = std::mem::take(&mut image.work.pushed);
    }
}

/// The failures of Regions that a test asked for.
pub(super) fn asked_for(image: &Image) -> impl Iterator<Item = &RegionFailure> {
    let asked = image
        .work
        .failure
        .as_ref()
        .filter(|failure| failure.stage.status() == Status::Distributing);
    asked.into_iter().flat_map(|failure| match &failure.cause {
        FailureCause::Regions(failures) => failures.as_slice(),
        _ => &[],
    })
}

pub(super) fn hits(asked: &RegionFailure, target: Target) -> bool {
    asked.region == target.region && asked.account.is_none_or(|account| account == target.account)
}

fn step_all(world: &mut World, home: Target, place: &Place) {
    let Some(image) = world.builder.image_mut(home, place) else {
        return;
    };
    let mut destinations = std::mem::take(&mut image.work.destinations);
    let image = image.clone();
    for Destination { target, state } in &mut destinations {
        let target = *target;
        // An AMI that has just arrived gets its settings at once.
        for _ in 0..2 {
            if let Some(asked) = asked_for(&image).find(|asked| hits(asked, target)) {
                *state = Progress::Failed(asked.clone());
            }
            let failed = |message: String| {
                Progress::Failed(RegionFailure {
                    region: target.region,
                    account: Some(target.account),
                    status: RegionFailureStatus::Failed,
                    step: None,
                    message,
                })
            };
            *state = match state.clone() {
                Progress::Waiting => copy(world, home, target, place, &image).unwrap_or_else(failed),
                Progress::Copying(ami) => arrival(world, target, ami).unwrap_or_else(failed),
                Progress::Arrived(ami) => {
                    settle_in(world, home, target, place, &image, ami).map_or_else(failed, |()| Progress::Done(ami))
                }
                done => done,
            };
            let limit = Duration::from_mins(TIMEOUT_MINUTES);
            if matches!(state, Progress::Waiting | Progress::Copying(_))
                && world.now.since(image.work.distributing_since) > limit
            {
                let message = format!("The distribution took longer than {TIMEOUT_MINUTES} minutes.");
                let status = RegionFailureStatus::TimedOut;
                *state = Progress::Failed(RegionFailure {
                    region: target.region,
                    account: Some(target.account),
                    status,
                    step: None,
                    message,
                });
            }
        }
    }
    if let Some(image) = world.builder.image_mut(home, place) {
        image.work.destinations = destinations;
    }
}

/// Starts a copy. Too many at once are a reason to wait, everything else is a failure.
fn copy(world: &mut World, home: Target, target: Target, place: &Place, image: &Image) -> Result<Progress, String> {
    let Some(source) = image.work.ami else {
        return Err(String::from("There is no AMI to copy."));
    };
    if !world.accounts.enabled(target.account, target.region) {
        return Err(format!(
            "The Region {} is not enabled for the account {}.",
            target.region, target.account
        ));
    }
    let foreign = target.account != home.account;
    if foreign && !world.builder.distribution_roles.contains(&target.account) {
        let role = format!(
            "arn:{}:iam::{}:role/EC2ImageBuilderDistributionCrossAccountRole",
            target.region.partition(),
            target.account
        );
        return Err(format!(
            "STS Client Error: 'Not authorized to perform sts:AssumeRole on resource: {role}'"
        ));
    }
    let (name, description) = ami_name(world, home, target, place);
    let settings = settings(image, target.region);
    let order = CopyOrder {
        destination: target,
        source,
        source_region: home.region,
        name,
        description: description.unwrap_or_default(),
        key: KeyWish::read(false, settings.and_then(|ami| ami.kms_key_id.clone())),
        image_tags: tags(home, place, image, settings),
        snapshot_tags: Tags::default(),
        within: None,
        by: Caller::of_account(target),
    };
    let copied = if foreign {
        on_loan(world, home, source, target.account, |world| copy_image(world, order))?
    } else {
        copy_image(world, order)
    };
    match copied {
        Ok(ami) => Ok(Progress::Copying(ami)),
        Err(ApiError { code, .. }) if code == "ResourceLimitExceeded" => Ok(Progress::Waiting),
        Err(error) => Err(ec2_error(&error.message)),
    }
}

/// Whether a copy has become available.
fn arrival(world: &World, target: Target, ami: ImageId) -> Result<Progress, String> {
    match world
        .ec2
        .get(target.region)
        .and_then(|plane| plane.image(ami))
        .map(|image| &image.state)
    {
        Some(ImageState::Available) => Ok(Progress::Arrived(ami)),
        Some(ImageState::Pending) => Ok(Progress::Copying(ami)),
        Some(ImageState::Failed(reason)) => Err(format!("AMI Copy Reported Failed For '{ami}': {reason}")),
        Some(ImageState::Disabled) | None => Err(format!("AMI Copy Reported Failed For '{ami}': the AMI is gone.")),
    }
}

/// The tags of an AMI in one Region: Image Builder's own, and those of that Region's configuration. The recipe's stay
/// with the AMI that was built.
fn tags(home: Target, place: &Place, image: &Image, settings: Option<&Ami>) -> Tags {
    let mut tags = given_tags(settings.and_then(|ami| ami.tags.as_ref()), image, place);
    tags.set(CREATED_BY.0, CREATED_BY.1);
    tags.set(BUILD_TAG, &Arn::of_build(home, Kind::Image, place).to_string());
    tags
}

/// Tags as a recipe or a Region's configuration gives them, their variables filled in.
pub(crate) fn given_tags(given: Option<&TagMap>, image: &Image, place: &Place) -> Tags {
    let (date, build) = (build_date(image, place), place.2.to_string());
    let filled = given.into_iter().flatten().map(|(key, value)| {
        let value = fill_in(value, &date, &build).unwrap_or_else(|| value.clone());
        (key.as_str(), value)
    });
    filled.collect()
}

/// Gives an AMI the tags and launch permissions its Region's configuration wants.
fn settle_in(
    world: &mut World,
    home: Target,
    target: Target,
    place: &Place,
    image: &Image,
    ami: ImageId,
) -> Result<(), String> {
    let settings = settings(image, target.region);
    let tags = tags(home, place, image, settings);
    let (now, lag) = (world.now, world.settings.read_lag);
    let missing = || format!("The AMI '{ami}' is gone.");
    let known = world
        .ec2
        .plane(target.region)
        .edit_image(ami, now, lag)
        .ok_or_else(missing)?;
    tags.iter().for_each(|(key, value)| known.tags.set(key, value));
    let Some(permission) = settings.and_then(|ami| ami.launch_permission.as_ref()) else {
        return Ok(());
    };
    let wanted = launch_permissions(permission);
    if wanted.is_empty() {
        return Ok(());
    }
    let known = known.clone();
    may_share(world, target, &known, &wanted).map_err(|error| ec2_error(&error.message))?;
    if let Some(known) = world.ec2.plane(target.region).edit_image(ami, now, lag) {
        share(known, wanted);
    }
    Ok(())
}

fn launch_permissions(permission: &LaunchPermission) -> LaunchPermissions {
    let LaunchPermission {
        user_ids,
        user_groups,
        organization_arns,
        organizational_unit_arns,
    } = permission;
    LaunchPermissions {
        public: user_groups.iter().flatten().any(|group| group == "all"),
        accounts: user_ids
            .iter()
            .flatten()
            .filter_map(|account| account.parse().ok())
            .collect(),
        organizations: organization_arns.iter().flatten().cloned().collect(),
        units: organizational_unit_arns.iter().flatten().cloned().collect(),
    }
}

/// Shares the AMI and its snapshots with a target account while its role starts the copy, and leaves them as they were.
fn on_loan<T>(
    world: &mut World,
    home: Target,
    ami: ImageId,
    to: AccountId,
    act: impl FnOnce(&mut World) -> T,
) -> Result<T, String> {
    let image = world.ec2.get(home.region).and_then(|plane| plane.image(ami)).cloned();
    let image = image.ok_or_else(|| format!("The AMI '{ami}' is gone."))?;
    let wanted = LaunchPermissions {
        accounts: [to].into(),
        ..LaunchPermissions::default()
    };
    may_share(world, home, &image, &wanted).map_err(|error| ec2_error(&error.message))?;

    let (now, lag) = (world.now, world.settings.read_lag);
    let plane = world.ec2.plane(home.region);
    let mut before = Vec::new();
    for id in image.snapshots() {
        if let Some(snapshot) = plane.edit_snapshot(id, now, lag) {
            before.push((id, snapshot.permissions.clone()));
            snapshot.permissions.get_or_insert_default().accounts.insert(to);
        }
    }
    if let Some(image) = plane.edit_image(ami, now, lag) {
        image.launch.get_or_insert_default().accounts.insert(to);
    }
    let outcome = act(world);
    let plane = world.ec2.plane(home.region);
    for (id, permissions) in before {
        if let Some(snapshot) = plane.edit_snapshot(id, now, lag) {
            snapshot.permissions = permissions;
        }
    }
    if let Some(known) = plane.edit_image(ami, now, lag) {
        known.launch = image.launch;
    }
    Ok(outcome)
}

fn ec2_error(message: &str) -> String {
    format!("EC2 Client Error: '{message}'")
}

#[cfg(test)]
mod tests;
