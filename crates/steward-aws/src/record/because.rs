//! Why releases were built.

use steward::ReleaseId;
use steward::building::{Because, Reason};

use super::Record;
use super::keys::Key;
use crate::Problem;

/// So far up it is asked what a parent was built for.
const MOST_PARENTS: usize = 16;

impl Record {
    /// Writes why a build was started. The same again is the same.
    pub async fn write_because(&self, release: ReleaseId, because: &Because) -> Result<(), Problem> {
        self.set(Key::because(release), because, None).await.map(drop)
    }

    /// Why a release was built, then why the parent that it was built for was, and so on up; nothing where another hand started it.
    pub async fn because(&self, release: ReleaseId) -> Result<Vec<Because>, Problem> {
        let (mut chain, mut next) = (Vec::new(), Some(release));
        while let Some(release) = next.take()
            && chain.len() < MOST_PARENTS
            && let Some(because) = self.get::<Because>(Key::because(release)).await?
        {
            if because
                .reasons
                .iter()
                .any(|reason| matches!(reason, Reason::Parent { .. }))
            {
                next = self.built_on(release).await?;
            }
            chain.push(because);
        }
        Ok(chain)
    }
}
