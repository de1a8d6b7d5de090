//! ARNs: of everything in Image Builder, and of the organizations and units that images are shared with.
//!
//! An ARN that names a build and one that may be a wildcard are different types, so that nothing that needs the first
//! can be handed the second.

mod image_builder;
mod kind;
mod organization_arn;
mod organizational_unit_arn;
mod organizations;
mod organizations_id;
mod owner;
mod problem;
mod recipe;
mod resource_name;
mod split;
mod versioning;

pub use image_builder::{
    ComponentArn, ComponentBuildArn, ComponentVersionArn, ContainerRecipeArn, DistributionConfigurationArn, ImageArn,
    ImageBuildArn, ImageBuilderArn, ImagePipelineArn, ImageRecipeArn, ImageVersionArn, InfrastructureConfigurationArn,
    LifecyclePolicyArn, WorkflowArn, WorkflowBuildArn, WorkflowVersionArn,
};
pub use kind::{
    ArnKind, Component, ContainerRecipe, DistributionConfiguration, Image, ImagePipeline, ImageRecipe,
    InfrastructureConfiguration, LifecyclePolicy, WorkflowStage,
};
pub use organization_arn::OrganizationArn;
pub use organizational_unit_arn::OrganizationalUnitArn;
pub use organizations_id::{
    OrganizationId, OrganizationRootId, OrganizationalUnitId, OrganizationsIdError, OrganizationsIdProblem,
};
pub use owner::{ImageBuilderOwner, OwnerError, OwnerProblem, VendorName};
pub use problem::{ArnError, ArnProblem};
pub use recipe::{RecipeArn, RecipePattern};
pub use resource_name::ResourceName;
pub(crate) use split::{ArnParts, region_in};
pub use versioning::{ArnVersion, Unversioned, VersionOrBuild};
