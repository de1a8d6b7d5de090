//! Who names the versions of launch templates that follow families.

use serde::{Deserialize, Serialize};
use steward::evidence::{NamesFound, VersionsNamed, named_by_both};
use steward::{Duration, Target, TemplateId};

use super::Record;
use super::keys::Key;
use crate::Problem;

/// What nobody renews says nothing any more long before.
const KEPT: Duration = Duration::days(7);

#[derive(Serialize, Deserialize, Debug)]
struct VersionsItem {
    /// What can be relied on by this run and the one before it.
    #[serde(flatten)]
    named: VersionsNamed,
    /// What this run found by itself.
    own: NamesFound,
    expires: i64,
}

impl Record {
    /// Writes who names the versions of a template, as a run found it.
    pub async fn write_versions_named(
        &self,
        target: Target,
        template: TemplateId,
        run: VersionsNamed,
    ) -> Result<(), Problem> {
        let key = Key::versions_named(target, template);
        let VersionsNamed { as_of, found: own } = run;
        let before: Option<VersionsItem> = self.get(key.clone()).await?;
        let before = before.map(|item| VersionsNamed {
            as_of: item.named.as_of,
            found: item.own,
        });
        let found = named_by_both(&own, before.as_ref(), as_of);
        let until = as_of.checked_add(KEPT).unwrap_or(as_of);
        let item = VersionsItem {
            named: VersionsNamed { as_of, found },
            own,
            expires: until.as_millisecond() / 1000,
        };
        self.set(key, item, None).await.map(drop)
    }

    /// Who names the versions of a template; none where nobody gathered that.
    pub async fn versions_named(&self, target: Target, template: TemplateId) -> Result<Option<VersionsNamed>, Problem> {
        let item: Option<VersionsItem> = self.get(Key::versions_named(target, template)).await?;
        Ok(item.map(|item| item.named))
    }
}
