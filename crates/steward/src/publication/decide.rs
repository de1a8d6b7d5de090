use super::facts::{Pointer, PointerImage, PublicationFacts};
use super::finding::{Place, Pointed, PublicationFinding};
use super::parameters::decide_parameters;
use super::plan::PublicationPlan;
use super::templates::decide_templates;
use crate::AmiId;

/// Decides what is to be written to publish a family in a target.
///
/// Only an image that its readers see, and whose keys they find enabled, is ever written, and only where something else stands; until then that stays. What
/// people put there instead is set right again: the manifest says what it follows.
pub fn decide_publication(facts: PublicationFacts<'_>) -> PublicationPlan {
    let mut plan = PublicationPlan::default();
    if facts.parameters_here {
        decide_parameters(facts, &mut plan);
    }
    decide_templates(facts, &mut plan);
    plan
}

/// The image that may be written; none is said.
pub(super) fn image_to_write(
    facts: PublicationFacts<'_>,
    (of, pointer): (Pointed, &Pointer),
    place: Place,
    findings: &mut Vec<PublicationFinding>,
) -> Option<AmiId> {
    let region = facts.target.region();
    match &pointer.image {
        PointerImage::Seen(ami) => Some(*ami),
        PointerImage::NotSeen { ami, why } => {
            let (ami, why) = (*ami, why.clone());
            findings.push(PublicationFinding::NotSeen { place, of, ami, why });
            None
        }
        PointerImage::Locked { ami, key, lock } => {
            findings.push(PublicationFinding::Locked {
                place,
                of,
                ami: *ami,
                key: key.clone(),
                lock: lock.clone(),
                target: facts.target,
            });
            None
        }
        PointerImage::NoneHere => {
            findings.push(PublicationFinding::NoneHere { place, of, region });
            None
        }
    }
}
