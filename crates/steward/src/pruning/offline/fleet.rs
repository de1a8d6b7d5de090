use std::collections::BTreeMap;

use super::image::FleetImage;
use crate::pruning::SourceRead;
use crate::{AmiId, Target, Words};

/// What was recorded of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fleet {
    /// Which.
    pub target: Target,
    /// Its images, by their ids.
    pub images: Vec<FleetImage>,
    /// Who uses an image, by the image.
    pub references: BTreeMap<AmiId, Vec<Words>>,
    /// How far that is known.
    pub evidence: Vec<SourceRead>,
}
