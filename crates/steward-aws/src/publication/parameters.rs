use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::types::{Parameter, ParameterType};
use steward::Words;
use steward::publication::{ParameterSeen, PublishedName};

use crate::AtTarget;

/// As Systems Manager calls what it checks to be an image.
pub(super) const IMAGE: &str = "aws:ec2:image";

impl AtTarget {
    /// What these parameters say. What cannot be read is said of each of them.
    pub async fn published(&self, names: &BTreeSet<PublishedName>) -> BTreeMap<PublishedName, ParameterSeen> {
        let asked = names.iter().map(|name| name.as_str().to_owned()).collect();
        let found = match self.values(asked).await {
            Ok(found) => found,
            Err(problem) => {
                let why = Words::from(problem.to_string());
                let unreadable = |name: &PublishedName| (name.clone(), ParameterSeen::Unreadable(why.clone()));
                return names.iter().map(unreadable).collect();
            }
        };
        let seen = |name: &PublishedName| {
            let found = found.iter().find(|found| found.name() == Some(name.as_str()));
            found.map_or(ParameterSeen::Missing, read)
        };
        names.iter().map(|name| (name.clone(), seen(name))).collect()
    }
}

fn read(parameter: &Parameter) -> ParameterSeen {
    let data_type = parameter.data_type().unwrap_or_default();
    match parameter.r#type() {
        Some(ParameterType::String) if data_type == IMAGE => match u64::try_from(parameter.version()) {
            Ok(version) => ParameterSeen::Image {
                ami: parameter.value().and_then(|value| value.parse().ok()),
                version,
            },
            Err(_) => ParameterSeen::Unreadable(Words::from("its version is no number that a parameter has")),
        },
        Some(ParameterType::String) => {
            ParameterSeen::OtherType(Words::from(format!("a String of the data type {data_type}")))
        }
        Some(other) => ParameterSeen::OtherType(Words::from(format!("a {other}"))),
        None => ParameterSeen::OtherType(Words::from("of no type")),
    }
}
