//! Launch templates that follow a family, as EC2 has them and as the record does.

use std::collections::{BTreeMap, BTreeSet};

use steward::evidence::{NamesFound, VersionsNamed};
use steward::manifest::LaunchTemplateId;
use steward::publication::{Published, TemplateKnown, TemplateSeen};
use steward::{FamilyName, Timestamp, Words};
use steward_aws::AtTarget;

use crate::Room;

/// What one look found.
pub(super) struct Templates {
    pub(super) seen: BTreeMap<LaunchTemplateId, TemplateSeen>,
    pub(super) known: BTreeMap<LaunchTemplateId, TemplateKnown>,
}

impl Templates {
    /// Looks at these, of which this is known by how the family was published.
    pub(super) async fn look(
        room: &Room,
        at: &AtTarget,
        (family, wanted): (&FamilyName, &BTreeSet<LaunchTemplateId>),
        published: Option<&Published>,
        now: Timestamp,
    ) -> Self {
        let mut seen = at.following(wanted, family).await;
        let mut known = BTreeMap::new();
        for (template, seen) in &mut seen {
            seen.only_ours(published.and_then(|published| published.made.get(template)));
            let stood = published.and_then(|published| published.stood.get(template).copied());
            let named = named(room, at, template, now).await;
            known.insert(template.clone(), TemplateKnown { named, stood });
        }
        Self { seen, known }
    }
}

/// Who names a template's versions. What cannot be read holds up nothing but what stands on it.
async fn named(room: &Room, at: &AtTarget, template: &LaunchTemplateId, now: Timestamp) -> Option<VersionsNamed> {
    let id = template.as_str().parse().ok()?;
    let read = room.record.versions_named(at.target(), id).await;
    read.unwrap_or_else(|problem| {
        Some(VersionsNamed {
            as_of: now,
            found: NamesFound::NotAll(Words::from(problem.to_string())),
        })
    })
}
