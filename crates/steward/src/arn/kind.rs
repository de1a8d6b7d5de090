use self::sealed::Kind;

/// A kind of Image Builder resource, as [`ImageBuilderArn`](crate::ImageBuilderArn) has it before the name.
pub trait ArnKind: Kind {}

impl<K: Kind> ArnKind for K {}

pub(super) mod sealed {
    pub trait Kind: Copy + 'static {
        /// Every value this kind has, for reading; all but workflows have one.
        const ALL: &'static [Self];

        /// As in "component ARN".
        const NOUN: &'static str;

        /// As in "must name …".
        const WANTED: &'static str;

        /// As in the ARN, before the name.
        fn segment(self) -> &'static str;
    }
}

/// Reads the kind off the last part of an ARN; what is left starts with the name.
pub(super) fn strip_kind<K: Kind>(resource: &str) -> Option<(K, &str)> {
    K::ALL.iter().find_map(|kind| {
        let rest = resource.strip_prefix(kind.segment())?;
        // A kind with nothing behind it is of that kind and lacks the name.
        if rest.is_empty() {
            Some((*kind, rest))
        } else {
            rest.strip_prefix('/').map(|rest| (*kind, rest))
        }
    })
}

macro_rules! kinds {
    ($($(#[$doc:meta])+ $kind:ident $segment:literal $noun:literal $wanted:literal)+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $kind;

        impl Kind for $kind {
            const ALL: &'static [Self] = &[Self];
            const NOUN: &'static str = $noun;
            const WANTED: &'static str = $wanted;

            fn segment(self) -> &'static str {
                $segment
            }
        }
    )+};
}

kinds! {
    /// What a build makes: an AMI or a container image.
    Image "image" "image" "an image"
    /// What a build runs, or a test of what it made.
    Component "component" "component" "a component"
    /// A parent, its components and its volumes.
    ImageRecipe "image-recipe" "image recipe" "an image recipe"
    /// The same for a container image.
    ContainerRecipe "container-recipe" "container recipe" "a container recipe"
    /// What an image is built on: instance types, profile, network.
    InfrastructureConfiguration
        "infrastructure-configuration" "infrastructure configuration" "an infrastructure configuration"
    /// Where Image Builder itself would send an image.
    DistributionConfiguration "distribution-configuration" "distribution configuration" "a distribution configuration"
    /// A recipe with an infrastructure configuration, ready to be run.
    ImagePipeline "image-pipeline" "image pipeline" "an image pipeline"
    /// Image Builder's own retirement rules.
    LifecyclePolicy "lifecycle-policy" "lifecycle policy" "a lifecycle policy"
}

/// A workflow's kind says which stage of a build it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkflowStage {
    /// Makes the image.
    Build,
    /// Tries it.
    Test,
    /// Sends it out.
    Distribution,
}

impl Kind for WorkflowStage {
    const ALL: &'static [Self] = &[Self::Build, Self::Test, Self::Distribution];
    const NOUN: &'static str = "workflow";
    const WANTED: &'static str = "a build, test or distribution workflow";

    fn segment(self) -> &'static str {
        match self {
            Self::Build => "workflow/build",
            Self::Test => "workflow/test",
            Self::Distribution => "workflow/distribution",
        }
    }
}
