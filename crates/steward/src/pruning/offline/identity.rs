use super::claims::Claims;
use crate::distribution::RELEASE;
use crate::manifest::{Adopt, GroupKey, Manifest};
use crate::pruning::{Line, Ungrouped};
use crate::{Architecture, BuildVersion, CanonicalName, FamilyName, ImageBuildArn, ReleaseId, ReleaseName};

/// The tag by which Image Builder says which build an image is of.
const BUILD: &str = "Ec2ImageBuilderArn";
/// What people call an image: of our copies, the release that they are of.
const NAME: &str = "Name";

/// As what an image belongs to its family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// As a build's, or our copy of it.
    Of {
        /// Which release.
        release: ReleaseId,
        /// Its number.
        order: BuildVersion,
        /// What it runs on.
        architecture: Result<Architecture, Ungrouped>,
    },
    /// As adopted: a release by itself, in this line.
    Adopted(Result<Line, Ungrouped>),
}

pub(super) fn identify(claims: &Claims, family: &Manifest) -> Identity {
    let architecture = match claims.architecture.as_deref() {
        None => Err(Ungrouped::Architecture(None)),
        Some(text) => text.parse().map_err(|_| Ungrouped::Architecture(Some(text.into()))),
    };
    match built(claims).or_else(|| copied(claims, &family.family)) {
        Some((release, order)) => Identity::Of {
            release,
            order,
            architecture,
        },
        None => {
            Identity::Adopted(architecture.and_then(|architecture| line(claims, family.adopt.as_ref(), architecture)))
        }
    }
}

fn built(claims: &Claims) -> Option<(ReleaseId, BuildVersion)> {
    let arn: ImageBuildArn = claims.tag(BUILD)?.parse().ok()?;
    let order = arn.version();
    Some((CanonicalName::from(arn).id(), order))
}

fn copied(claims: &Claims, family: &FamilyName) -> Option<(ReleaseId, BuildVersion)> {
    let release = claims.tag(RELEASE)?.parse().ok()?;
    let name: ReleaseName = claims.tag(NAME)?.parse().ok()?;
    let build = name.build().filter(|_| name.family() == family)?;
    Some((release, BuildVersion::new(name.version(), build)))
}

fn line(claims: &Claims, adopt: Option<&Adopt>, architecture: Architecture) -> Result<Line, Ungrouped> {
    let keys = adopt.into_iter().flat_map(|adopt| adopt.group_by.iter());
    let value = |key: &GroupKey| {
        // Every line is of one architecture, whether that is named or not.
        let tag = key.tag()?;
        let value = claims.tag(tag).ok_or_else(|| Ungrouped::Lacks(key.clone()));
        Some(value.map(str::to_owned))
    };
    let group = keys.filter_map(value).collect::<Result<_, _>>()?;
    Ok(Line { architecture, group })
}
