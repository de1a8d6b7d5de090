//! Writing: every write may come twice, in any order, and beside others; a crash between two is healed by the next look.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::{try_join, try_join_all};
use steward::{CanonicalName, FamilyName, Heard, Placement, Recording, Release, ReleaseId, Timestamp};

use super::Record;
use super::items::{
    HeardItem, JournalItem, LookUpItem, ManagedItem, MemberItem, PlacedItem, PlacementItem, ReleaseItem, TargetItem,
};
use super::keys::Key;
use super::table::Condition;
use crate::Problem;

/// What a write changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Whether the release is new or further on.
    pub release: bool,
    /// How many placements are new or were seen later than the record knew.
    pub placements: usize,
}

impl Record {
    /// Writes what was decided. The release comes last: once it says that all its images are placed, they are.
    pub async fn write(&self, recording: &Recording) -> Result<Written, Problem> {
        let placements = try_join_all(recording.placements.iter().map(|placement| self.place(placement)));
        let member = async {
            match &recording.release {
                Some(release) => self.join_family(release, recording.is_new).await,
                None => Ok(()),
            }
        };
        let (placements, ()) = try_join(placements, member).await?;
        let containers = recording
            .containers
            .iter()
            .map(|placement| self.place_container(placement));
        let containers = try_join_all(containers).await?;
        let release = match &recording.release {
            Some(release) => self.raise(release).await?,
            None => false,
        };
        Ok(Written {
            release,
            placements: placements
                .into_iter()
                .chain(containers)
                .filter(|written| *written)
                .count(),
        })
    }

    /// Writes a placement with what finds it; false where it is known: then only looks that agree change it.
    pub async fn place(&self, placement: &Placement) -> Result<bool, Problem> {
        let Placement {
            release, target, ami, ..
        } = *placement;
        let look_up = LookUpItem {
            release,
            account: target.account(),
            region: target.region(),
        };
        let placed = PlacedItem::new(release, target, Some((placement.state, Some(placement.seen))));
        let placed = placed.marked(&placement.watermarks);
        // The placement itself last: once it is there, whatever finds it is there.
        let new = || Some(Condition::not_there());
        let (is_new_target, _) = try_join(
            self.set(Key::target(target), TargetItem { target }, new()),
            try_join(
                self.set(Key::placement_in(target, ami), &placed, new()),
                self.set(Key::ami(ami, target.region()), &look_up, new()),
            ),
        )
        .await?;
        if is_new_target {
            // There is nothing to compare yet.
            self.mark_compared(target, placement.seen).await?;
        }
        let key = Key::placement(release, target, ami);
        if self.set(key, PlacementItem::of(placement), new()).await? {
            return Ok(true);
        }
        if !placement.managed {
            return Ok(false);
        }
        // Somebody found it before its build said that it made it.
        let by_hand = Condition::new("managed = :no", [(":no", AttributeValue::Bool(false))]);
        let key = Key::placement(release, target, ami);
        self.set(key, ManagedItem { managed: true }, Some(by_hand)).await
    }

    /// Writes down what was heard, once.
    pub async fn hear(&self, release: ReleaseId, heard: &Heard, now: Timestamp) -> Result<bool, Problem> {
        let key = Key::journal(release, heard.at, &heard.event);
        let new = Condition::not_there();
        self.set(key, JournalItem::of(heard, now), Some(new)).await
    }

    /// Writes down what was heard of a family as a whole, once.
    pub async fn hear_of_family(&self, family: &FamilyName, heard: &Heard, now: Timestamp) -> Result<bool, Problem> {
        let key = Key::journal_of_family(family, heard.at, &heard.event);
        let new = Condition::not_there();
        self.set(key, JournalItem::of(heard, now), Some(new)).await
    }

    /// Whether that was written down already.
    pub async fn is_heard_of_family(&self, family: &FamilyName, heard: &Heard) -> Result<bool, Problem> {
        let key = Key::journal_of_family(family, heard.at, &heard.event);
        Ok(self.get::<HeardItem>(key).await?.is_some())
    }

    /// Writes the release unless the record is as far already.
    async fn raise(&self, release: &Release) -> Result<bool, Problem> {
        let further = Condition::new(
            "attribute_not_exists(height) OR height < :height OR (height = :height AND placed = :no)",
            [
                (":height", AttributeValue::N(release.state.height().to_string())),
                (":no", AttributeValue::Bool(false)),
            ],
        );
        self.set(Key::release(release.id()), ReleaseItem::of(release), Some(further))
            .await
    }

    async fn join_family(&self, release: &Release, is_new: bool) -> Result<(), Problem> {
        let (Some(family), CanonicalName::Build(build)) = (&release.family, &release.name) else {
            return Ok(());
        };
        let item = || MemberItem { release: release.id() };
        if is_new {
            // It stays when the build has ended: what is there must not depend on when somebody first looked.
            let key = Key::started(family, build.version(), release.id());
            self.set(key, item(), None).await?;
        }
        if release.state.left_off() {
            // Whatever it left behind: what names it must not depend on who looked first.
            let key = Key::left_off(family, build.version(), release.id());
            self.set(key, item(), None).await?;
        }
        let Some(architecture) = release.architecture else {
            return Ok(());
        };
        let key = Key::release_of(family, architecture, build.version());
        self.set(key, item(), None).await.map(drop)
    }
}
