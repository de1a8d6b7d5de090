use super::image::FleetImage;
use crate::distribution::RELEASE;
use crate::manifest::{Adopt, GroupKey, Manifest};
use crate::pruning::{Line, Place, Ungrouped};
use crate::{
    Architecture, BuildVersion, CanonicalName, FamilyName, ImageBuildArn, ReleaseId, ReleaseName, Target, Words,
};

/// The tag by which Image Builder says which build an image is of.
pub(super) const BUILD: &str = "Ec2ImageBuilderArn";
/// What people call an image: of our copies, the release that they are of.
pub(super) const NAME: &str = "Name";

/// Which release an image is of, and where that ranks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) release: ReleaseId,
    pub(super) name: Words,
    pub(super) place: Place,
}

/// By its tags it is a build's, or our copy of one; else it is adopted, and a release by itself.
pub(super) fn identify(image: &FleetImage, family: &Manifest, target: Target) -> Identity {
    let architecture = match image.architecture.as_deref() {
        None => Err(Ungrouped::Architecture(None)),
        Some(text) => text.parse().map_err(|_| Ungrouped::Architecture(Some(text.into()))),
    };
    if let Some((release, order)) = built(image).or_else(|| copied(image, &family.family)) {
        return Identity {
            release,
            name: ReleaseName::new(family.family.clone(), order).to_string().into(),
            place: architecture.map_or_else(Place::Ungrouped, |architecture| Place::Built { architecture, order }),
        };
    }
    let (ami, region) = (image.ami, target.region());
    let line = architecture.and_then(|architecture| line(image, family.adopt.as_ref(), architecture));
    Identity {
        release: CanonicalName::Ami { region, id: ami }.id(),
        name: ami.to_string().into(),
        place: line.map_or_else(Place::Ungrouped, |line| Place::Adopted { line, ami, region }),
    }
}

fn built(image: &FleetImage) -> Option<(ReleaseId, BuildVersion)> {
    let arn: ImageBuildArn = image.tag(BUILD)?.parse().ok()?;
    let order = arn.version();
    Some((CanonicalName::from(arn).id(), order))
}

fn copied(image: &FleetImage, family: &FamilyName) -> Option<(ReleaseId, BuildVersion)> {
    let release = image.tag(RELEASE)?.parse().ok()?;
    let name: ReleaseName = image.tag(NAME)?.parse().ok()?;
    let build = name.build().filter(|_| name.family() == family)?;
    Some((release, BuildVersion::new(name.version(), build)))
}

fn line(image: &FleetImage, adopt: Option<&Adopt>, architecture: Architecture) -> Result<Line, Ungrouped> {
    let keys = adopt.into_iter().flat_map(|adopt| adopt.group_by.iter());
    let value = |key: &GroupKey| {
        // Every line is of one architecture, whether that is named or not.
        let tag = key.tag()?;
        let value = image.tag(tag).ok_or_else(|| Ungrouped::Lacks(key.clone()));
        Some(value.map(str::to_owned))
    };
    let group = keys.filter_map(value).collect::<Result<_, _>>()?;
    Ok(Line { architecture, group })
}
