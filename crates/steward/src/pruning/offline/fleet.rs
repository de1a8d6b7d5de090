use std::collections::BTreeMap;

use super::image::FleetImage;
use crate::pruning::SourceRead;
use crate::{AmiId, Target, Words};

/// What was recorded of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fleet<'a> {
    /// Which.
    pub(super) target: Target,
    /// Its images, by their ids.
    pub(super) images: Vec<FleetImage<'a>>,
    /// Who uses an image, by the image.
    pub(super) references: BTreeMap<AmiId, Vec<Words>>,
    /// How far that is known.
    pub(super) evidence: Vec<SourceRead>,
}
