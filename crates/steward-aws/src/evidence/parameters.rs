use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::types::{Parameter, ParameterMetadata, ParameterStringFilter, ParameterType};
use sha2::{Digest as _, Sha256};
use steward::AmiId;
use steward::evidence::{ParameterRef, ParametersSeen, image_ids};

use crate::pages::each_page;
use crate::problem::absent;
use crate::{AtTarget, Problem};

/// Values are read so many at a time.
const AT_A_TIME: usize = 10;
/// What Systems Manager answers for what cannot be the name of a parameter here, or what another account does not share.
const NO_NAME: [&str; 2] = ["AccessDeniedException", "ValidationException"];

/// What was read of a target's parameters, so that only what changed is read again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadParameters {
    /// Those that hold images, by their names.
    pub holding: BTreeMap<String, HoldingParameter>,
    /// Marks of those that hold none, one for each state that one of them was read in.
    pub without: BTreeSet<u64>,
}

/// A parameter that holds images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldingParameter {
    /// Which of its states was read. One that is deleted and made again begins with the same version.
    pub mark: u64,
    /// Which images.
    pub images: BTreeSet<AmiId>,
}

impl AtTarget {
    /// Lists the parameters, and reads the values of those that are not known as they are now, and of those that somebody
    /// names by version or label. Encrypted ones are not read.
    pub async fn parameters(
        &self,
        known: &ReadParameters,
        named: &BTreeSet<ParameterRef>,
    ) -> Result<(ParametersSeen, ReadParameters), Problem> {
        let mut read = ReadParameters::default();
        let mut unknown = BTreeMap::new();
        let listed = self.list_parameters().await?;
        for parameter in &listed {
            let name = parameter.name().unwrap_or_default();
            let mark = mark(parameter);
            match known.holding.get(name) {
                Some(held) if held.mark == mark => {
                    read.holding.insert(name.to_owned(), held.clone());
                }
                _ if known.without.contains(&mark) => {
                    read.without.insert(mark);
                }
                _ => {
                    unknown.insert(name.to_owned(), mark);
                }
            }
        }
        for parameter in self.values(unknown.keys().cloned().collect()).await? {
            let name = parameter.name().unwrap_or_default();
            let Some(mark) = unknown.get(name).copied() else {
                continue;
            };
            let images = image_ids(parameter.value().unwrap_or_default());
            if images.is_empty() {
                read.without.insert(mark);
            } else {
                read.holding.insert(name.to_owned(), HoldingParameter { mark, images });
            }
        }
        let holding = read.holding.iter();
        let seen = ParametersSeen {
            listed: listed.len(),
            named: self.named(&read.holding, named).await?,
            holding: holding
                .map(|(name, held)| (name.clone(), held.images.clone()))
                .collect(),
        };
        Ok((seen, read))
    }

    async fn list_parameters(&self) -> Result<Vec<ParameterMetadata>, Problem> {
        let doing = "list the parameters";
        let readable = ParameterStringFilter::builder().key("Type").option("Equals");
        let readable = readable
            .values(ParameterType::String.as_str())
            .values(ParameterType::StringList.as_str())
            .build()
            .map_err(|error| Problem::not_understood(doing, self.target, error))?;
        let list = self.parameters.describe_parameters();
        let list = list.parameter_filters(readable).max_results(50);
        let mut parameters = Vec::new();
        each_page!(self, parameter_lists, doing, list, |page| {
            parameters.extend(page.parameters().iter().cloned());
        });
        Ok(parameters)
    }

    /// What these hold. One that is gone by now holds nothing.
    pub(crate) async fn values(&self, names: Vec<String>) -> Result<Vec<Parameter>, Problem> {
        let doing = "read parameters";
        let mut parameters = Vec::new();
        for some in names.chunks(AT_A_TIME) {
            self.parameter_reads.wait().await;
            let request = self.parameters.get_parameters().set_names(Some(some.to_vec()));
            let answer = Box::pin(request.send()).await;
            let answer = answer.map_err(|error| Problem::of(doing, self.target, &error))?;
            let told = answer.parameters().len() + answer.invalid_parameters().len();
            if told != some.len() {
                let what = format!("of {} parameters it tells of {told}", some.len());
                return Err(Problem::not_understood(doing, self.target, what));
            }
            parameters.extend(answer.parameters.unwrap_or_default());
        }
        Ok(parameters)
    }

    /// The same of names that people wrote somewhere: one that is no parameter's name spoils no other's answer.
    async fn values_of(&self, names: Vec<String>) -> Result<Vec<Parameter>, Problem> {
        let mut parameters = Vec::new();
        for some in names.chunks(AT_A_TIME) {
            if let Some(found) = absent(self.values(some.to_vec()).await, &NO_NAME)? {
                parameters.extend(found);
                continue;
            }
            // Of one alone it is known by now that it is none.
            for name in some.iter().filter(|_| some.len() > 1) {
                let found = absent(self.values(vec![name.clone()]).await, &NO_NAME)?;
                parameters.extend(found.into_iter().flatten());
            }
        }
        Ok(parameters)
    }

    /// What those hold that somebody names.
    async fn named(
        &self,
        holding: &BTreeMap<String, HoldingParameter>,
        named: &BTreeSet<ParameterRef>,
    ) -> Result<BTreeMap<ParameterRef, BTreeSet<AmiId>>, Problem> {
        let mut held = BTreeMap::new();
        let (mut by_name, mut by_arn) = (Vec::new(), Vec::new());
        for parameter in named {
            let here = holding.get(&parameter.name).filter(|_| parameter.selector.is_none());
            match here {
                Some(known) => {
                    held.insert(parameter.clone(), known.images.clone());
                }
                None if parameter.is_arn() => by_arn.push(parameter),
                None => by_name.push(parameter),
            }
        }
        let asked = by_name.iter().map(ToString::to_string).collect();
        for answer in self.values_of(asked).await? {
            let said = format!(
                "{}{}",
                answer.name().unwrap_or_default(),
                answer.selector().unwrap_or_default()
            );
            let Some(parameter) = by_name.iter().find(|parameter| parameter.to_string() == said) else {
                let what = format!("it tells of {said}, which nobody asked for");
                return Err(Problem::not_understood("read parameters", self.target, what));
            };
            held.insert((*parameter).clone(), images_in(&answer));
        }
        // Each by itself: the answer names the parameter, not what was asked for.
        for parameter in by_arn {
            let answer = self.values_of(vec![parameter.to_string()]).await?;
            let images = answer.iter().flat_map(images_in).collect();
            held.insert(parameter.clone(), images);
        }
        Ok(held)
    }
}

fn images_in(parameter: &Parameter) -> BTreeSet<AmiId> {
    image_ids(parameter.value().unwrap_or_default())
}

/// What tells one state of one parameter from every other.
fn mark(parameter: &ParameterMetadata) -> u64 {
    let modified = parameter.last_modified_date();
    let modified = modified
        .and_then(|modified| modified.to_millis().ok())
        .unwrap_or_default();
    let mut hash = Sha256::new();
    hash.update(parameter.name().unwrap_or_default());
    hash.update(parameter.version().to_le_bytes());
    hash.update(modified.to_le_bytes());
    let hash = hash.finalize();
    hash.iter().take(8).fold(0, |mark, byte| (mark << 8) | u64::from(*byte))
}
