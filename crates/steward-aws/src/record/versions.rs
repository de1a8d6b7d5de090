//! Who names the versions of launch templates that follow families.

use serde::{Deserialize, Serialize};
use steward::evidence::VersionsNamed;
use steward::{Duration, Target, TemplateId};

use super::Record;
use super::keys::Key;
use crate::Problem;

/// What nobody renews says nothing any more long before.
const KEPT: Duration = Duration::days(7);

#[derive(Serialize, Deserialize, Debug)]
struct VersionsItem {
    #[serde(flatten)]
    named: VersionsNamed,
    expires: i64,
}

impl Record {
    /// Writes who names the versions of a template.
    pub async fn write_versions_named(
        &self,
        target: Target,
        template: TemplateId,
        named: VersionsNamed,
    ) -> Result<(), Problem> {
        let until = named.as_of.checked_add(KEPT).unwrap_or(named.as_of);
        let item = VersionsItem {
            named,
            expires: until.as_millisecond() / 1000,
        };
        self.set(Key::versions_named(target, template), item, None)
            .await
            .map(drop)
    }

    /// Who names the versions of a template; none where nobody gathered that.
    pub async fn versions_named(&self, target: Target, template: TemplateId) -> Result<Option<VersionsNamed>, Problem> {
        let item: Option<VersionsItem> = self.get(Key::versions_named(target, template)).await?;
        Ok(item.map(|item| item.named))
    }
}
