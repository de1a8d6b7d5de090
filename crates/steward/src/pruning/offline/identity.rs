use crate::adopting::{BUILD, Claims};
use crate::distribution::RELEASE;
use crate::manifest::Manifest;
use crate::pruning::{Line, Ungrouped};
use crate::{Architecture, BuildVersion, CanonicalName, FamilyName, ImageBuildArn, ReleaseId, ReleaseName};

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
            architecture: claims.architecture(),
        };
    }
    match claims.tag(RELEASE).map(str::parse) {
        Some(Ok(release)) => Identity::Copied {
            release,
            order: named(claims, &family.family),
            architecture: claims.architecture(),
        },
        Some(Err(_)) | None => adopted(claims, family),
    }
}

/// As what it belongs to a family that adopts it: by its group, whoever built it.
pub(super) fn adopted(claims: &Claims, family: &Manifest) -> Identity {
    Identity::Adopted(claims.line(family.adopt.as_ref()))
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
