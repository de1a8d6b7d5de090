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
    /// As a build's, as Image Builder says.
    Built {
        /// Which release.
        release: ReleaseId,
        /// Its number.
        order: BuildVersion,
        /// What it runs on.
        architecture: Result<Architecture, Ungrouped>,
    },
    /// As our copy of one.
    Copied {
        /// Of which release.
        release: ReleaseId,
        /// Its number, as far as its name still says it. What the build says counts more.
        order: Option<BuildVersion>,
        /// What it runs on.
        architecture: Result<Architecture, Ungrouped>,
    },
    /// As adopted: a release by itself, in this line.
    Adopted(Result<Line, Ungrouped>),
}

impl Identity {
    /// When it is its turn: what says most of its release comes first.
    pub(super) const fn turn(&self) -> u8 {
        match self {
            Self::Built { .. } | Self::Adopted(_) => 0,
            Self::Copied { order: Some(_), .. } => 1,
            Self::Copied { order: None, .. } => 2,
        }
    }
}

/// As what an image belongs to the family whose tag it carries.
pub(super) fn identify(claims: &Claims, family: &Manifest) -> Identity {
    if let Some((release, order)) = built(claims) {
        return Identity::Built {
            release,
            order,
            architecture: architecture(claims),
        };
    }
    match claims.tag(RELEASE).map(str::parse) {
        Some(Ok(release)) => Identity::Copied {
            release,
            order: named(claims, &family.family),
            architecture: architecture(claims),
        },
        Some(Err(_)) | None => adopted(claims, family),
    }
}

/// As what it belongs to a family that adopts it: by its group, whoever built it.
pub(super) fn adopted(claims: &Claims, family: &Manifest) -> Identity {
    let line = |architecture| line(claims, family.adopt.as_ref(), architecture);
    Identity::Adopted(architecture(claims).and_then(line))
}

fn architecture(claims: &Claims) -> Result<Architecture, Ungrouped> {
    match claims.architecture.as_deref() {
        None => Err(Ungrouped::Architecture(None)),
        Some(text) => text.parse().map_err(|_| Ungrouped::Architecture(Some(text.into()))),
    }
}

fn built(claims: &Claims) -> Option<(ReleaseId, BuildVersion)> {
    let arn: ImageBuildArn = claims.tag(BUILD)?.parse().ok()?;
    let order = arn.version();
    Some((CanonicalName::from(arn).id(), order))
}

/// The number of the release that its name says.
fn named(claims: &Claims, family: &FamilyName) -> Option<BuildVersion> {
    let name: ReleaseName = claims.tag(NAME)?.parse().ok()?;
    let build = name.build().filter(|_| name.family() == family)?;
    Some(BuildVersion::new(name.version(), build))
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
