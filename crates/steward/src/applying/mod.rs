//! Making Image Builder match a manifest: what is wanted, what is held, and the plan between them.
//!
//! Components and recipes never change: one whose content differs from the newest version becomes the next version, and the
//! pipeline moves to it. Configurations and pipelines are updated in place.

mod content;
mod decide;
mod difference;
mod fleet;
mod import;
mod old_versions;
mod plan;
mod show;
mod wanted;

pub use content::{
    ComponentContent, ComponentUse, ContainerRecipeContent, DistributionContent, InfrastructureContent, LogBucket,
    MetadataContent, Parameter, PipelineContent, PlacementContent, RecipeContent, RegionContent, ScanningContent,
    VolumeContent, WorkflowUse,
};
pub use decide::{Held, HeldLine, Kept, Versioned, decide_apply};
pub use difference::Change;
pub use fleet::{FamilyPlan, FleetPlan, digest_of};
pub use import::{Existing, ExistingRecipe, ExistingRegion, ExistingSchedule, Imported, NotImported, import};
pub use old_versions::{ComponentVersion, OldVersion, RecipeVersion, Versions, decide_old_versions};
pub use plan::{ApplyPlan, ApplyStep, Before, Content};
pub use wanted::{PipelineSettings, Unappliable, Wanted, WantedComponent, WantedLine, WantedRecipe, wanted};
