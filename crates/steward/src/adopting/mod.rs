//! Adoption: images that Image Builder did not build become releases of a family, each by itself, because a person says so.
//!
//! What matches the manifest's `adopt` is looked at image by image. In doubt an image is left alone, and that is said.

mod claims;
mod decide;
mod left;
mod rule;
mod shown;

pub use claims::Claims;
pub use decide::{Adopted, Adoption, AdoptionFacts, FoundImage, Taken, candidates, decide_adoption};
pub use left::{LeftAlone, WhyAlone};
pub use rule::AdoptionRule;
pub use shown::{AdoptionShown, adoption_text};

/// The tag by which Image Builder says which build an image is of.
pub(crate) const BUILD: &str = "Ec2ImageBuilderArn";

#[cfg(test)]
mod tests;
