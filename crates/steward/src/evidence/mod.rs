//! Evidence: who uses an image, as far as AWS can be asked; and how far what it said can be believed.
//!
//! Each source of a target is listed whole. What names an image only by way of something else (a group by its template, a
//! template by a parameter) is joined here, so that no list is read twice and every way to an image is told to its end. Of
//! accounts that let nobody look, EC2 tells the owner of an image by its usage reports; and of an image that is being retired
//! and that no list shows in use, EC2 is asked whether it knows of somebody.

mod image_name;
mod join;
mod kept;
mod plausible;
mod reach;
mod reference;
mod references;
mod report;
mod reports;
mod run;
mod seen;
mod source;
mod targets;
mod versions;

pub use image_name::{ImageName, ParameterRef, Selector, image_ids};
pub use join::{Readings, Unread, Uses, join, parameters_named, templates_missing};
pub use kept::KeptUse;
pub use plausible::{BASELINE, Plausibility, Sample, judge};
pub use reach::{FamilyReach, LookedUp, Reaching, decide_reach, knows_everybody, names_units};
pub use reference::{Hop, InstanceState, Reference, VersionStanding};
pub use references::{ReferenceSeen, Referrer, images_to_ask_about};
pub use report::{
    REPORT_LAG, ReportSeen, ReportStanding, ReportState, ReportedUse, ReportedUser, ReportsSeen, standings,
    worth_reading,
};
pub use reports::{AskCause, Asked, Asking, Reportable, decide_reports, reaches_beyond, unread_accounts};
pub use run::{Expected, Said, SourceRun};
pub use seen::{
    ConfigurationSeen, ImageSeen, InstanceSeen, Launch, Launched, Launcher, ParametersSeen, PipelineSeen, TemplateBy,
    TemplateSeen, VersionBy,
};
pub use source::{Source, SourceError};
pub use targets::{Reached, evidence_targets};
pub use versions::{NamesFound, VersionNamed, VersionsNamed, named_by_both, versions_named};
