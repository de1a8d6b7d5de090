//! Publication: what brings a family's channels to those who read them in a target, by parameters and launch templates.
//!
//! A target is decided by itself, from one look at it: which image of it each channel means there, whether its readers see
//! that one, and what its parameters and templates say. What was just written counts once it was read back.

mod decide;
mod description;
mod due;
mod facts;
mod finding;
mod known;
mod left;
mod lock;
mod parameters;
mod plan;
mod published_name;
mod step;
mod targets;
mod templates;
mod trimming;
mod under;
mod wanted;

pub use decide::decide_publication;
pub use due::{PointedImage, Published, StoodImage, owned_image, pointed_images, publication_of, when_publication_due};
pub use facts::{
    ParameterSeen, Pointer, PointerImage, PublicationFacts, TemplateSeen, TemplateThere, TemplateVersionSeen,
};
pub use finding::{Doubt, Place, Pointed, PublicationFinding};
pub use known::{TemplateKnown, TemplateStood, templates_stand};
pub use left::LeftThere;
pub use lock::Lock;
pub use plan::PublicationPlan;
pub use published_name::PublishedName;
pub use step::PublicationStep;
pub use targets::{Readers, has_parameters, is_left, publication_targets};
pub use under::{PublishUnder, PublishUnderError, parameters_outside, writable_parameters};
pub use wanted::{following_templates, published_parameters};

#[cfg(test)]
mod tests;
