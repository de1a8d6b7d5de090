use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::types::{Parameter, ParameterMetadata, ParameterStringFilter, ParameterType};
use steward::evidence::{ParameterRef, ParametersSeen, image_ids};
use steward::{AmiId, Duration, Timestamp};

use crate::pages::each_page;
use crate::problem::absent;
use crate::{AtTarget, Problem};

/// Values are read so many at a time.
const AT_A_TIME: usize = 10;
/// What Systems Manager answers for what cannot be the name of a parameter here.
const NO_NAME: [&str; 1] = ["ValidationException"];
/// A parameter that was changed shortly before it was read may have been read as it was.
const MARGIN: Duration = Duration::hours(1);

/// A parameter that holds images, as it was when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownParameter {
    /// Which of its versions that was.
    pub version: u64,
    /// Which images.
    pub images: BTreeSet<AmiId>,
}

impl AtTarget {
    /// Lists the parameters, and reads the values of those that changed since the last list that was read to its end, and of
    /// those that somebody names by version or label. Encrypted ones are not read.
    pub async fn parameters(
        &self,
        known: &BTreeMap<String, KnownParameter>,
        read_last: Option<Timestamp>,
        named: &BTreeSet<ParameterRef>,
    ) -> Result<(ParametersSeen, BTreeMap<String, KnownParameter>), Problem> {
        let unchanged_since = read_last.and_then(|at| at.checked_sub(MARGIN));
        let mut holding = BTreeMap::new();
        let mut changed = Vec::new();
        let listed = self.list_parameters().await?;
        for parameter in &listed {
            let name = parameter.name().unwrap_or_default();
            let version = u64::try_from(parameter.version()).unwrap_or_default();
            match known.get(name) {
                Some(known) if known.version == version => {
                    holding.insert(name.to_owned(), known.clone());
                }
                // It held no image when it was read, and has not changed since.
                None if unchanged_since.is_some_and(|since| is_older(parameter, since)) => {}
                Some(_) | None => changed.push(name.to_owned()),
            }
        }
        for parameter in self.values(changed).await? {
            let images = image_ids(parameter.value().unwrap_or_default());
            if !images.is_empty() {
                let version = u64::try_from(parameter.version()).unwrap_or_default();
                let name = parameter.name().unwrap_or_default().to_owned();
                holding.insert(name, KnownParameter { version, images });
            }
        }
        let seen = ParametersSeen {
            listed: listed.len(),
            named: self.named(&holding, named).await?,
            holding: holding
                .iter()
                .map(|(name, parameter)| (name.clone(), parameter.images.clone()))
                .collect(),
        };
        Ok((seen, holding))
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
    async fn values(&self, names: Vec<String>) -> Result<Vec<Parameter>, Problem> {
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
            for name in some {
                let found = absent(self.values(vec![name.clone()]).await, &NO_NAME)?;
                parameters.extend(found.into_iter().flatten());
            }
        }
        Ok(parameters)
    }

    /// What those hold that somebody names.
    async fn named(
        &self,
        holding: &BTreeMap<String, KnownParameter>,
        named: &BTreeSet<ParameterRef>,
    ) -> Result<BTreeMap<ParameterRef, BTreeSet<AmiId>>, Problem> {
        let mut held = BTreeMap::new();
        let mut asked = BTreeMap::new();
        for parameter in named {
            let here = holding.get(&parameter.name).filter(|_| parameter.selector.is_none());
            match here {
                Some(known) => {
                    held.insert(parameter.clone(), known.images.clone());
                }
                // Another account's, by its ARN, or a version that is not the newest: asked for as it is named.
                None => {
                    asked.insert(parameter.to_string(), parameter);
                }
            }
        }
        for answer in self.values_of(asked.keys().cloned().collect()).await? {
            let name = answer.name().unwrap_or_default();
            let selector = answer.selector().unwrap_or_default();
            let by_arn = answer.arn().map(|arn| format!("{arn}{selector}"));
            let asked_for = asked.get(&format!("{name}{selector}"));
            let Some(parameter) = asked_for.or_else(|| asked.get(by_arn.as_deref().unwrap_or_default())) else {
                let what = format!("it tells of {name}{selector}, which nobody asked for");
                return Err(Problem::not_understood("read parameters", self.target, what));
            };
            held.insert((*parameter).clone(), image_ids(answer.value().unwrap_or_default()));
        }
        Ok(held)
    }
}

fn is_older(parameter: &ParameterMetadata, than: Timestamp) -> bool {
    let modified = parameter.last_modified_date();
    modified.is_some_and(|modified| modified.to_millis().is_ok_and(|at| at < than.as_millisecond()))
}
