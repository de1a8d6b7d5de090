//! The retention rules of a target's Recycle Bin.

use aws_sdk_rbin::operation::get_rule::GetRuleOutput;
use aws_sdk_rbin::types::{ResourceTag, ResourceType, RetentionPeriodUnit, RuleStatus};
use steward::pruning::{BinKind, BinReach, BinRule, TagNamed};

use crate::pages::each_page;
use crate::problem::absent;
use crate::{AtTarget, Problem};

const DOING: &str = "read the rules of the Recycle Bin";
/// What a rule is answered with that was deleted since it was listed.
const NO_RULE: [&str; 1] = ["ResourceNotFoundException"];

impl AtTarget {
    /// The rules that hold there for images and snapshots. A list says neither what a rule is for nor whether it holds already: each
    /// is asked by itself.
    pub async fn bin_rules(&self) -> Result<Vec<BinRule>, Problem> {
        let kinds = [
            (BinKind::Images, ResourceType::Ec2Image),
            (BinKind::Snapshots, ResourceType::EbsSnapshot),
        ];
        let mut rules = Vec::new();
        for (kind, resource) in kinds {
            for id in self.bin_rules_of(resource).await? {
                rules.extend(self.bin_rule(kind, &id).await?);
            }
        }
        Ok(rules)
    }

    async fn bin_rules_of(&self, resource: ResourceType) -> Result<Vec<String>, Problem> {
        let list = self.bin.list_rules().resource_type(resource).max_results(1000);
        let mut ids = Vec::new();
        each_page!(self, bin_reads, DOING, list, |page| {
            for rule in page.rules() {
                let id = rule.identifier().ok_or_else(|| self.odd_rule("one has no id"))?;
                ids.push(id.to_owned());
            }
        });
        Ok(ids)
    }

    /// A rule; none where it does not hold: not yet, or not any more.
    async fn bin_rule(&self, kind: BinKind, id: &str) -> Result<Option<BinRule>, Problem> {
        self.bin_reads.wait().await;
        let request = self.bin.get_rule().identifier(id);
        let Some(rule) = absent(self.answered(DOING, request.send()).await, &NO_RULE)? else {
            return Ok(None);
        };
        match rule.status() {
            Some(RuleStatus::Available) => self.read_bin_rule(kind, &rule).map(Some),
            Some(RuleStatus::Pending) => Ok(None),
            other => Err(self.odd_rule(format!("a rule's status is {other:?}"))),
        }
    }

    fn read_bin_rule(&self, kind: BinKind, rule: &GetRuleOutput) -> Result<BinRule, Problem> {
        let period = rule.retention_period();
        let period = period.filter(|period| *period.retention_period_unit() == RetentionPeriodUnit::Days);
        let days = period.and_then(|period| u16::try_from(period.retention_period_value()).ok());
        Ok(BinRule {
            kind,
            days: days.ok_or_else(|| self.odd_rule("a rule keeps things for no number of days"))?,
            reach: match rule.resource_tags() {
                [] => BinReach::AllBut(named(rule.exclude_resource_tags())),
                tags => BinReach::Tagged(named(tags)),
            },
        })
    }

    fn odd_rule(&self, what: impl std::fmt::Display) -> Problem {
        Problem::not_understood(DOING, self.target, what)
    }
}

fn named(tags: &[ResourceTag]) -> Vec<TagNamed> {
    let named = tags.iter().map(|tag| TagNamed {
        key: tag.resource_tag_key().to_owned(),
        value: tag.resource_tag_value().map(str::to_owned),
    });
    named.collect()
}
