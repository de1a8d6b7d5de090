//! What a person adopted: releases that no build made, each with the image that it is.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use steward::adopting::{Adopted, AdoptionRule, Taken};
use steward::lineage::{Above, Node, NodeKind};
use steward::pruning::Line;
use steward::{Architecture, FamilyName, Heard, Placement, ReleaseId, Timestamp, Words};

use super::Record;
use super::keys::{ADOPTED, Key, adopted_of_key, of_family};
use super::table::Condition;
use crate::Problem;

/// Beside what is known of an image from elsewhere: that it is a release of a family.
#[derive(Serialize, Debug)]
struct AdoptedRelease<'a> {
    family: &'a FamilyName,
    architecture: Architecture,
    group: &'a [String],
    created: Timestamp,
    adopted: Timestamp,
}

#[derive(Serialize, Debug)]
struct AdoptedItem<'a> {
    release: ReleaseId,
    group: &'a [String],
    rule: &'a str,
}

#[derive(Deserialize, Debug)]
struct AdoptedRow {
    sk: String,
    release: ReleaseId,
    #[serde(default)]
    group: Vec<String>,
    #[serde(default)]
    rule: String,
}

impl Record {
    /// The images that were adopted into a family, those that are gone too: each architecture's in their order.
    pub async fn adopted_of(&self, family: &FamilyName) -> Result<Vec<Adopted>, Problem> {
        let rows: Vec<AdoptedRow> = self.query(&of_family(family), ADOPTED).await?;
        let adopted = |row: AdoptedRow| {
            let AdoptedRow {
                sk,
                release,
                group,
                rule,
            } = row;
            let (architecture, created, output) = adopted_of_key(&sk)?;
            Some(Adopted {
                release,
                output,
                created,
                line: Line { architecture, group },
                rule: AdoptionRule::recorded(rule),
            })
        };
        let wrong = || Problem::not_understood("read what a family adopted", self.hub, "a key is no adopted image's");
        rows.into_iter().map(|row| adopted(row).ok_or_else(wrong)).collect()
    }

    /// Writes an image that carries our tag as adopted; false where the record has it as another release's by now.
    ///
    /// That it is one of the family's comes last: once that is there, all of it is, and whoever dies before does it again.
    pub async fn adopt(
        &self,
        family: &FamilyName,
        taken: &Taken,
        (who, why, rule): (&str, &str, &AdoptionRule),
        now: Timestamp,
    ) -> Result<bool, Problem> {
        let Taken {
            image,
            created,
            line,
            release,
            is_own,
            ..
        } = taken;
        let Line { architecture, group } = line;
        let of = self.release_of(image.ami, image.target.region()).await?;
        if of.is_some_and(|of| of != *release) {
            return Ok(false);
        }
        if *is_own && !self.write_adopted(family, taken, now).await? {
            return Ok(false);
        }
        if !*is_own {
            // Who holds the copy holds the release that it becomes an image of.
            for hold in self.holds(taken.name().id()).await? {
                self.hold(*release, &hold).await?;
            }
        }
        let placement = Placement {
            release: *release,
            target: image.target,
            ami: image.ami,
            managed: true,
            state: image.state,
            name: image.name.clone(),
            created: Some(*created),
            snapshots: image.snapshots.clone(),
            size: image.size,
            watermarks: image.watermarks.clone(),
            seen: now,
        };
        self.place(&placement).await?;
        let heard = Heard {
            event: format!("adopt#{}#{}", image.ami, rule.as_str()),
            at: now,
            says: Words::from(format!(
                "{who} adopted {} in {} into {family}: {why}",
                image.ami, image.target
            )),
        };
        self.hear(*release, &heard, now).await?;
        let key = Key::adopted(family, *architecture, *created, taken.output());
        let release = *release;
        let rule = rule.as_str();
        self.set(key, AdoptedItem { release, group, rule }, None).await?;
        Ok(true)
    }

    /// Writes the release; false where another family has it.
    async fn write_adopted(&self, family: &FamilyName, taken: &Taken, now: Timestamp) -> Result<bool, Problem> {
        let Taken { created, line, .. } = taken;
        // What is known of it as somebody's ancestor stays.
        let node = Node {
            name: taken.name(),
            kind: NodeKind::Foreign {
                created: Some(*created),
                alias: None,
                above: Above::Untold,
            },
        };
        self.meet(&node).await?;
        let item = AdoptedRelease {
            family,
            architecture: line.architecture,
            group: &line.group,
            created: *created,
            adopted: now,
        };
        let ours = AttributeValue::S(family.to_string());
        let ours = Condition::new("attribute_not_exists(#family) OR #family = :ours", [(":ours", ours)]);
        let ours = ours.naming("#family", "family");
        self.set(Key::release(taken.release), item, Some(ours)).await
    }
}
