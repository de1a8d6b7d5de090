//! What else Image Builder does with images by itself: lifecycle policies and distribution configurations.

use std::collections::BTreeSet;

use aws_sdk_imagebuilder::types as sdk;
use steward::Words;
use steward::distribution::FAMILY;
use steward::others::{DistributionSeen, LifecyclePolicySeen};

use crate::pages::each_page;
use crate::{AtTarget, Problem};

impl AtTarget {
    /// The lifecycle policies here that are switched on and select images of machines.
    pub async fn lifecycle_policies(&self) -> Result<Vec<LifecyclePolicySeen>, Problem> {
        let doing = "list the lifecycle policies";
        let list = self.builder.list_lifecycle_policies().max_results(25);
        let mut arns = Vec::new();
        each_page!(self, builder_reads, doing, list, |page| {
            let on = page.lifecycle_policy_summary_list().iter().filter(|policy| {
                policy.status() != Some(&sdk::LifecyclePolicyStatus::Disabled)
                    && policy.resource_type() != Some(&sdk::LifecyclePolicyResourceType::ContainerImage)
            });
            arns.extend(on.filter_map(sdk::LifecyclePolicySummary::arn).map(str::to_owned));
        });
        let mut policies = Vec::new();
        for arn in arns {
            let doing = format!("read the lifecycle policy {arn}");
            policies.push(selects(&self.lifecycle_policy(&doing, &arn).await?));
        }
        Ok(policies)
    }

    /// The distribution configurations here that put our tag on what they distribute.
    pub async fn distributions_of_ours(&self) -> Result<Vec<DistributionSeen>, Problem> {
        let doing = "list the distribution configurations";
        let list = self.builder.list_distribution_configurations().max_results(25);
        let mut arns = Vec::new();
        each_page!(self, builder_reads, doing, list, |page| {
            let all = page.distribution_configuration_summary_list().iter();
            arns.extend(
                all.filter_map(sdk::DistributionConfigurationSummary::arn)
                    .map(str::to_owned),
            );
        });
        let mut seen = Vec::new();
        for arn in arns {
            let doing = format!("read the distribution configuration {arn}");
            let configuration = self.distribution(&doing, &arn).await?;
            seen.push(self.distributes(&configuration));
        }
        seen.retain(|distribution| !distribution.families.is_empty());
        Ok(seen)
    }

    fn distributes(&self, configuration: &sdk::DistributionConfiguration) -> DistributionSeen {
        let here = self.target.region().to_string();
        let mut seen = DistributionSeen {
            name: Words::from(configuration.name().unwrap_or_default()),
            families: BTreeSet::new(),
            regions: BTreeSet::new(),
            gives_to: BTreeSet::new(),
            lets: BTreeSet::new(),
        };
        for distribution in configuration.distributions() {
            let Some(ami) = distribution.ami_distribution_configuration() else {
                continue;
            };
            let tags = ami.ami_tags().into_iter().flatten();
            seen.families
                .extend(tags.filter(|(key, _)| *key == FAMILY).map(|(_, value)| value.clone()));
            if distribution.region() != here {
                seen.regions.insert(Words::from(distribution.region()));
            }
            let words =
                |texts: &[String]| -> Vec<Words> { texts.iter().map(|text| Words::from(text.as_str())).collect() };
            seen.gives_to.extend(words(ami.target_account_ids()));
            if let Some(permission) = ami.launch_permission() {
                seen.lets.extend(words(permission.user_ids()));
                seen.lets.extend(words(permission.user_groups()));
                seen.lets.extend(words(permission.organization_arns()));
                seen.lets.extend(words(permission.organizational_unit_arns()));
            }
        }
        seen
    }
}

fn selects(policy: &sdk::LifecyclePolicy) -> LifecyclePolicySeen {
    let selection = policy.resource_selection();
    let recipes = selection
        .map(sdk::LifecyclePolicyResourceSelection::recipes)
        .unwrap_or_default();
    let tags = selection
        .and_then(sdk::LifecyclePolicyResourceSelection::tag_map)
        .cloned();
    let actions = policy
        .policy_details()
        .iter()
        .filter_map(sdk::LifecyclePolicyDetail::action);
    LifecyclePolicySeen {
        name: Words::from(policy.name().unwrap_or_default()),
        recipes: recipes.iter().map(|recipe| recipe.name().to_owned()).collect(),
        tags: tags.unwrap_or_default().into_iter().collect(),
        does: actions.map(|action| Words::from(action.r#type().as_str())).collect(),
    }
}
