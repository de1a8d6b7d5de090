use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::text::{padded, string_form};
use crate::{
    AmiId, ArnProblem, Ec2IdError, ImageBuildArn, ParseError, Partition, PartitionError, Region, RegionError, ReleaseId,
};

/// The one name a release has wherever it is met, so that a stub written early and the node written later are the same.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CanonicalName {
    /// An Image Builder build, by its ARN.
    Build(ImageBuildArn),
    /// An image from elsewhere: `ami:<partition>:<region>:<id>`.
    Ami {
        /// Where it was first made, as far as we know.
        region: Region,
        /// Its id there.
        id: AmiId,
    },
}

string_form!(CanonicalName, "canonical name");

impl CanonicalName {
    /// What the record keys this release by.
    pub fn id(&self) -> ReleaseId {
        ReleaseId::from_digest(Sha256::digest(self.to_string()).into())
    }
}

impl From<ImageBuildArn> for CanonicalName {
    fn from(arn: ImageBuildArn) -> Self {
        Self::Build(arn)
    }
}

impl fmt::Display for CanonicalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(arn) => arn.fmt(f),
            Self::Ami { region, id } => padded(f, format_args!("ami:{}:{region}:{id}", region.partition())),
        }
    }
}

impl FromStr for CanonicalName {
    type Err = CanonicalNameError;

    fn from_str(text: &str) -> Result<Self, CanonicalNameError> {
        parse(text).map_err(|problem| ParseError::new(text, problem))
    }
}

fn parse(text: &str) -> Result<CanonicalName, CanonicalNameProblem> {
    if text.starts_with("arn:") {
        let arn: Result<ImageBuildArn, _> = text.parse();
        return arn
            .map(CanonicalName::Build)
            .map_err(|error| CanonicalNameProblem::Arn(error.problem().clone()));
    }
    let mut parts = text.split(':');
    let (Some("ami"), Some(partition), Some(region), Some(id), None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(CanonicalNameProblem::Form);
    };
    let partition: Partition = partition.parse().map_err(CanonicalNameProblem::Partition)?;
    let region: Region = region.parse().map_err(CanonicalNameProblem::Region)?;
    if region.partition() != partition {
        return Err(CanonicalNameProblem::OtherPartition {
            found: partition,
            region,
        });
    }
    Ok(CanonicalName::Ami {
        region,
        id: id.parse().map_err(CanonicalNameProblem::Ami)?,
    })
}

/// Why a text is not a canonical name.
pub type CanonicalNameError = ParseError<CanonicalNameProblem>;

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalNameProblem {
    /// Neither form.
    #[error("is no canonical name, must be an image build version's ARN or ami:PARTITION:REGION:ID")]
    Form,
    /// An ARN, but not a build's.
    #[error("{0}")]
    Arn(ArnProblem),
    /// The second part.
    #[error("has an invalid partition: {0}")]
    Partition(PartitionError),
    /// The third part.
    #[error("has an invalid Region: {0}")]
    Region(RegionError),
    /// The second part contradicts the third.
    #[error("has the partition {found}, but {region} is in {}", region.partition())]
    OtherPartition {
        /// The partition it names.
        found: Partition,
        /// The Region it names.
        region: Region,
    },
    /// The fourth part.
    #[error("has an invalid AMI id: {0}")]
    Ami(Ec2IdError),
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;
    use crate::testing::{amis, assert_prints_back, assert_refused, assert_serde, assert_survives, mutated, regions};

    const BUILD: &str = "arn:aws:imagebuilder:eu-west-1:111122223333:image/web-x86_64/1.4.2/7";
    const AMI: &str = "ami:aws:eu-west-1:ami-0123456789abcdef0";

    fn id(name: &str) -> String {
        name.parse::<CanonicalName>().unwrap().id().to_string()
    }

    // Keys in a table that outlives every release of this code: these two lines may never change.
    #[test]
    fn the_id_of_a_name_is_the_same_forever() {
        assert_eq!(id(BUILD), "e7d028db8c54f397df891fc76dd00e98");
        assert_eq!(id(AMI), "8b9bd4b7ea492c696765505ba6fb7d67");
    }

    #[test]
    fn a_build_is_named_by_its_arn() {
        let arn: ImageBuildArn = BUILD.parse().unwrap();
        assert_eq!(CanonicalName::from(arn).to_string(), BUILD);
    }

    #[test]
    fn a_bad_canonical_name_is_refused_with_what_would_be_right() {
        let form = "is no canonical name, must be an image build version's ARN or ami:PARTITION:REGION:ID";
        assert_refused::<CanonicalName>(&[
            ("web/1.4.2", &format!(r#""web/1.4.2" {form}"#)),
            ("ami-0123456789abcdef0", &format!(r#""ami-0123456789abcdef0" {form}"#)),
            ("ami:aws:eu-west-1", &format!(r#""ami:aws:eu-west-1" {form}"#)),
            (
                "ami:aws:eu-west-1:ami-01234567:x",
                &format!(r#""ami:aws:eu-west-1:ami-01234567:x" {form}"#),
            ),
            (
                "ami:aws:cn-north-1:ami-01234567",
                r#""ami:aws:cn-north-1:ami-01234567" has the partition aws, but cn-north-1 is in aws-cn"#,
            ),
            (
                "ami:aws:eu-west:ami-01234567",
                "\"ami:aws:eu-west:ami-01234567\" has an invalid Region: \"eu-west\" is not a Region, must be as in \
                 eu-west-1",
            ),
            (
                "ami:aws:eu-west-1:snap-01234567",
                "\"ami:aws:eu-west-1:snap-01234567\" has an invalid AMI id: \"snap-01234567\" is a snapshot id, must \
                 start with ami-",
            ),
            (
                "arn:aws:imagebuilder:eu-west-1:aws:image/web/1.x.x",
                "\"arn:aws:imagebuilder:eu-west-1:aws:image/web/1.x.x\" names no build, must end in a version and its \
                 build, as in /1.4.2/7",
            ),
        ]);
    }

    #[test]
    fn a_canonical_name_travels_as_its_string() {
        assert_serde::<CanonicalName>(AMI, "ami:aws", "canonical name");
        assert_serde::<CanonicalName>(BUILD, "arn:aws", "canonical name");
    }

    fn names() -> impl Strategy<Value = String> {
        (regions(), amis()).prop_map(|(region, id)| {
            let partition = region.parse::<Region>().unwrap().partition();
            format!("ami:{partition}:{region}:{id}")
        })
    }

    proptest! {
        #[test]
        fn every_canonical_name_prints_back(text in names()) {
            assert_prints_back::<CanonicalName>(&text);
        }

        #[test]
        fn a_mutated_canonical_name_is_refused_or_prints_back(text in mutated(names())) {
            assert_survives::<CanonicalName>(&text);
        }

        #[test]
        fn two_names_have_two_ids(names in proptest::collection::hash_set(names(), 20)) {
            let ids: HashMap<String, &String> = names.iter().map(|name| (id(name), name)).collect();
            prop_assert_eq!(ids.len(), names.len());
        }
    }
}
