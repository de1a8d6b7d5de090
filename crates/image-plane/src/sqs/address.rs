//! How a queue is named: by its URL in requests, by its ARN in policies and everywhere else.

use crate::ids::AccountId;
use crate::region::Region;
use crate::world::Target;

/// Where a queue is, and its name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Address {
    pub(super) target: Target,
    pub(super) name: String,
}

impl Address {
    /// Reads the URL of a queue of this Region; `None` for anything else.
    pub(super) fn of_url(here: Target, url: &str) -> Option<Self> {
        let path = url
            .strip_prefix("https://")?
            .strip_prefix(&here.region.endpoint("sqs"))?;
        let (account, name) = path.strip_prefix('/')?.split_once('/')?;
        Self::of_parts(account.parse().ok()?, here, name)
    }

    /// Reads the ARN of a queue; `None` for anything else.
    pub(super) fn of_arn(arn: &str) -> Option<Self> {
        let parts: Vec<&str> = arn.split(':').collect();
        let ["arn", partition, "sqs", region, account, name] = parts.as_slice() else {
            return None;
        };
        let region: Region = region
            .parse()
            .ok()
            .filter(|region: &Region| region.partition() == *partition)?;
        let account = account.parse().ok()?;
        Self::of_parts(account, Target { account, region }, name)
    }

    fn of_parts(account: AccountId, here: Target, name: &str) -> Option<Self> {
        let name = is_name(name).then(|| name.to_owned())?;
        let target = Target { account, ..here };
        Some(Self { target, name })
    }

    pub(super) fn arn(&self) -> String {
        let Target { account, region } = self.target;
        format!("arn:{}:sqs:{region}:{account}:{}", region.partition(), self.name)
    }

    pub(super) fn url(&self) -> String {
        let Target { account, region } = self.target;
        format!("https://{}/{account}/{}", region.endpoint("sqs"), self.name)
    }
}

/// 1 to 80 letters, digits, hyphens and underscores; `.fifo` at the end counts among them.
pub(super) fn is_name(name: &str) -> bool {
    let own = name.strip_suffix(".fifo").unwrap_or(name);
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=80).contains(&name.len()) && !own.is_empty() && own.bytes().all(known)
}
