//! What persons asked of channels and that waits until it can be done.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use steward::channels::{Request, history_of};
use steward::{ChannelName, FamilyName, Heard, ReleaseId, Timestamp, Words};

use super::Record;
use super::keys::{ASKED, Key, of_family};
use super::table::Condition;
use crate::Problem;

#[derive(Deserialize, Debug)]
struct RequestRow {
    sk: String,
    #[serde(flatten)]
    request: Request,
}

#[derive(Serialize, Debug)]
struct EndedItem<'a> {
    ended: &'a Words,
}

impl Record {
    /// Writes what a person asks of a channel, in the place of what was asked of it before, and into the journals of the releases.
    pub async fn ask(&self, family: &FamilyName, channel: &ChannelName, request: &Request) -> Result<(), Problem> {
        self.set(Key::asked(family, channel), request, None).await?;
        let Request { who, why, .. } = request;
        let says = format!("{who} asked that {channel} of {family} go to it once it is restored: {why}");
        self.hear_of_request(channel, request, "asked", says, request.at).await
    }

    /// Writes why what was asked of a channel comes to nothing; false where something else was asked since.
    pub async fn end_request(
        &self,
        family: &FamilyName,
        (channel, request): (&ChannelName, &Request),
        why: &Words,
        now: Timestamp,
    ) -> Result<bool, Problem> {
        let same = Condition::new("#at = :at", [(":at", AttributeValue::S(request.at.to_string()))]);
        let same = same.naming("#at", "at");
        let ended = EndedItem { ended: why };
        if !self.set(Key::asked(family, channel), ended, Some(same)).await? {
            return Ok(false);
        }
        let says = format!("what {} asked of {channel} of {family} is over: {why}", request.who);
        self.hear_of_request(channel, request, "over", says, now).await?;
        Ok(true)
    }

    /// What was asked last of each channel of a family, done or not.
    pub async fn requests(&self, family: &FamilyName) -> Result<BTreeMap<ChannelName, Request>, Problem> {
        let rows: Vec<RequestRow> = self.query(&of_family(family), ASKED).await?;
        let asked = |RequestRow { sk, request }: RequestRow| {
            let name = sk.strip_prefix(ASKED).and_then(|name| name.parse().ok());
            let name = name.ok_or_else(|| {
                Problem::not_understood("read what was asked of channels", self.hub, "a key is no channel's")
            })?;
            Ok((name, request))
        };
        rows.into_iter().map(asked).collect()
    }

    /// Whether an open request of a person's names a release, which nothing speaks against since.
    pub async fn is_asked_for(
        &self,
        family: &FamilyName,
        declared: impl Fn(&ChannelName) -> bool,
        release: ReleaseId,
        now: Timestamp,
    ) -> Result<bool, Problem> {
        let requests = self.requests(family).await?;
        let naming = requests.iter().filter(|(_, request)| request.wanted.contains(&release));
        let naming: Vec<_> = naming.filter(|(channel, _)| declared(channel)).collect();
        if naming.is_empty() {
            return Ok(false);
        }
        let channels = self.channels(family).await?;
        let is_open =
            |(channel, request): &(&ChannelName, &Request)| request.is_open(history_of(&channels, channel), now);
        Ok(naming.iter().any(is_open) && self.causes(release, now).await?.is_empty())
    }

    async fn hear_of_request(
        &self,
        channel: &ChannelName,
        request: &Request,
        what: &str,
        says: String,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let heard = Heard {
            event: format!("{what}#{channel}#{}", request.at),
            at: now,
            says: Words::from(says),
        };
        for release in &request.wanted {
            self.hear(*release, &heard, now).await?;
        }
        Ok(())
    }
}
