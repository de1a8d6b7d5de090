use crate::text::plural;
use crate::{
    AccountIdError, BuildNumberError, Given, NameError, OrganizationsIdError, OwnerError, ParseError, Partition,
    PartitionError, Region, RegionError, VersionError,
};

/// Why a text is not the ARN it should be.
pub type ArnError = ParseError<ArnProblem>;

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArnProblem {
    /// A bare id or name, most likely.
    #[error("is not an ARN, must be as in {example}")]
    NotAnArn {
        /// A valid one of the kind.
        example: String,
    },
    /// Too few colons.
    #[error("has {found} part{} between colons, must have 6, as in {example}", plural(*found))]
    Parts {
        /// How many there are.
        found: usize,
        /// A valid one of the kind.
        example: String,
    },
    /// The second part.
    #[error("has an invalid partition: {0}")]
    Partition(PartitionError),
    /// The third part.
    #[error("belongs to the service {found}, must belong to {wanted}")]
    Service {
        /// The service it names.
        found: Given,
        /// The service it should name.
        wanted: &'static str,
    },
    /// The fourth part.
    #[error("has an invalid Region: {0}")]
    Region(RegionError),
    /// A Region where the service has none.
    #[error("has the Region {found}, must have none there")]
    UnexpectedRegion {
        /// What stands in its place.
        found: Given,
    },
    /// The second part contradicts the fourth.
    #[error("has the partition {found}, but {region} is in {}", region.partition())]
    OtherPartition {
        /// The partition it names.
        found: Partition,
        /// The Region it names.
        region: Region,
    },
    /// The fifth part.
    #[error("has an invalid owner: {0}")]
    Owner(OwnerError),
    /// The fifth part, where only an account can stand.
    #[error("has an invalid account id: {0}")]
    Account(AccountIdError),
    /// Of another kind.
    #[error("names {found}, must name {wanted}")]
    Kind {
        /// The kind it names.
        found: Given,
        /// The kind it should name, with its article.
        wanted: &'static str,
    },
    /// The name of the resource.
    #[error("has an invalid name: {0}")]
    Name(NameError),
    /// A version behind what has none.
    #[error("has {found} after the name, must end there")]
    UnexpectedVersion {
        /// What stands there.
        found: Given,
    },
    /// Nothing behind the name.
    #[error("has no version, must end in {wanted}")]
    NoVersion {
        /// What should stand there.
        wanted: &'static str,
    },
    /// The version, or the wildcard.
    #[error("has an invalid version: {0}")]
    Version(VersionError),
    /// A version or wildcard where one build is needed.
    #[error("names no build, must end in {wanted}")]
    NoBuild {
        /// What should stand there.
        wanted: &'static str,
    },
    /// A build where a version or wildcard is needed.
    #[error("has {found} after the version, must end there")]
    UnexpectedBuild {
        /// What stands there.
        found: Given,
    },
    /// The build number.
    #[error("has an invalid build number: {0}")]
    Build(BuildNumberError),
    /// The id of an organization or a unit.
    #[error("has an invalid id: {0}")]
    OrganizationsId(OrganizationsIdError),
    /// Not the parts that this kind of ARN has behind its last colon.
    #[error("ends in {found}, must be as in {example}")]
    Resource {
        /// What stands there.
        found: Given,
        /// A valid one of the kind.
        example: String,
    },
}
