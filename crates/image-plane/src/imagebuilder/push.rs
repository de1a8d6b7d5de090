//! Container images on their way into registries: to be scanned while the build is tested, and to every Region when it is
//! distributed. Before that no repository knows of them: tests run on the machine that built them.

use super::arn::{Arn, Kind, Place};
use super::distribute::{asked_for, hits};
use super::failure::{Failure, RegionFailure, RegionFailureStatus};
use super::image::{Image, Status};
use super::pipeline::Scanning;
use super::recipe::Makes;
use super::run::{Run, Stage, named};
use crate::ecr::name::uri;
use crate::ecr::push::{Manifest, PushError, push};
use crate::world::{Target, World};

/// Where images are pushed to be scanned, where nobody says where. Image Builder creates it.
const SCANNED_IN: &str = "image-builder-image-scanning-repository";

/// The container images of a finished build in one Region.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Pushed {
    pub(crate) target: Target,
    pub(crate) uris: Vec<String>,
}

/// A repository that a build's image goes to, and the tags it gets there.
struct Destination {
    target: Target,
    repository: String,
    tags: Vec<String>,
}

/// The tag of an image beside those it is given: version and build. AWS documents none.
fn own_tag(place: &Place) -> String {
    format!("{}-{}", place.1, place.2)
}

/// The image that a build makes: the same wherever it is pushed.
fn manifest(build: &Arn) -> Manifest {
    Manifest::draw(&mut named(&format!("{build} image")))
}

/// Where an image goes, Region by Region: what the distribution says, and at home what the recipe says where the
/// distribution says nothing.
fn destinations(home: Target, place: &Place, image: &Image) -> Vec<Destination> {
    let Makes::Container(recipe) = &image.recipe.makes else {
        return Vec::new();
    };
    let destination = |target, repository: &str, tags: &[String]| Destination {
        target,
        repository: repository.to_owned(),
        tags: [own_tag(place)].into_iter().chain(tags.iter().cloned()).collect(),
    };
    let entries = image.distribution.iter();
    let entries = entries.flat_map(|distribution| &distribution.settings.distributions);
    let mut destinations: Vec<Destination> = entries
        .filter_map(|entry| {
            let container = entry.container_distribution_configuration.as_ref()?;
            let target = Target {
                region: entry.region.parse().ok()?,
                ..home
            };
            let tags = container.tags.as_deref().unwrap_or_default();
            Some(destination(target, &container.target_repository.repository_name, tags))
        })
        .collect();
    if !destinations.iter().any(|destination| destination.target == home) {
        destinations.insert(0, destination(home, &recipe.repository().repository_name, &[]));
    }
    destinations
}

/// Pushes the image of a build to every Region. One that fails does not keep the others from theirs, and what was pushed
/// stays.
pub(crate) fn distribute(world: &mut World, home: Target, place: &Place) -> Result<(), Failure> {
    let Some(image) = world.builder.shelf(home).images.get(place).cloned() else {
        return Ok(());
    };
    let build = Arn::of_build(home, Kind::Image, place);
    let manifest = manifest(&build);
    let asked: Vec<RegionFailure> = asked_for(&image).cloned().collect();
    let (mut pushed, mut failures) = (Vec::new(), asked.clone());
    for destination in destinations(home, place, &image) {
        let target = destination.target;
        if asked.iter().any(|asked| hits(asked, target)) {
            continue;
        }
        match push_to(world, &destination, &manifest) {
            Ok(uris) => pushed.push(Pushed { target, uris }),
            Err(message) => failures.push(RegionFailure {
                region: target.region,
                account: Some(target.account),
                status: RegionFailureStatus::Failed,
                step: None,
                message,
            }),
        }
    }
    if let Some(image) = world.builder.image_mut(home, place) {
        image.work.pushed = pushed;
    }
    if failures.is_empty() {
        return Ok(());
    }
    let random = &mut world.random;
    Err(Failure::of_regions(
        random,
        home,
        &build,
        Status::Distributing,
        &failures,
    ))
}

fn push_to(world: &mut World, destination: &Destination, manifest: &Manifest) -> Result<Vec<String>, String> {
    let Destination {
        target,
        repository,
        tags,
    } = destination;
    let Target { account, region } = *target;
    if !world.accounts.enabled(account, region) {
        return Err(format!("The Region {region} is not enabled for the account {account}."));
    }
    let given: Vec<&str> = tags.iter().map(String::as_str).collect();
    push(world, *target, repository, manifest, &given).map_err(|error| ecr_error(&error))?;
    let uri = uri(*target, repository);
    Ok(tags.iter().map(|tag| format!("{uri}:{tag}")).collect())
}

/// Pushes the image of a build to where Inspector scans it. Its tag, where none is given, is not documented; here it is
/// the one it has elsewhere.
pub(crate) fn to_be_scanned(world: &mut World, home: Target, place: &Place) -> Result<(), Failure> {
    let Some(image) = world.builder.shelf(home).images.get(place) else {
        return Ok(());
    };
    let scanning = image.scanning.as_ref().filter(|scanning| scanning.enabled());
    let (Some(scanning), Makes::Container(_), false) = (scanning, &image.recipe.makes, image.work.test_only) else {
        return Ok(());
    };
    let (repository, tags) = scan_place(scanning);
    let repository = repository.map(str::to_owned);
    let tags = tags.map_or_else(|| vec![own_tag(place)], <[String]>::to_vec);
    let build = Arn::of_build(home, Kind::Image, place);
    let run = Run::of(home, &build, image, Stage::Test);
    let repository = repository.unwrap_or_else(|| {
        world.create_repository(home, SCANNED_IN);
        SCANNED_IN.to_owned()
    });
    let given: Vec<&str> = tags.iter().map(String::as_str).collect();
    push(world, home, &repository, &manifest(&build), &given).map_err(|error| {
        let nothing = serde_json::Value::Null;
        Failure::of_step(&run, "CollectImageScanFindings", &ecr_error(&error), &nothing)
    })
}

/// The repository that images are scanned in, and their tags there, where the pipeline says them.
fn scan_place(scanning: &Scanning) -> (Option<&str>, Option<&[String]>) {
    let said = scanning.ecr_configuration.as_ref();
    let repository = said.and_then(|said| said.repository_name.as_deref());
    let tags = said.and_then(|said| said.container_tags.as_deref());
    (repository, tags.filter(|tags| !tags.is_empty()))
}

/// As failures word what another service refused.
fn ecr_error(error: &PushError) -> String {
    format!("ECR Client Error: '{error}'")
}

#[cfg(test)]
mod tests;
