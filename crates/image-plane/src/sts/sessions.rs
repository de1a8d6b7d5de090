//! Sessions: the credentials AssumeRole gave out, and until when they work.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::policy::document::Document;
use crate::ids::AccountId;
use crate::random::Random;
use crate::time::Time;

/// An ended session is told from an unknown key for so long. AWS does not say how long it remembers; we forget at all
/// only because a simulated year makes millions of them.
const REMEMBERED: Duration = Duration::from_hours(24);

/// Temporary credentials, and whose they are. The secret is not kept: signatures are not checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Session {
    pub(super) account: AccountId,
    pub(super) partition: String,
    pub(super) role_arn: String,
    /// The id of the role it was made from: one of the same name made later is another.
    pub(super) role_id: String,
    /// `arn:aws:sts::111122223333:assumed-role/ROLE/NAME`.
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) token: String,
    pub(super) expires: Time,
    pub(super) policy: Option<Document>,
}

impl Session {
    /// `AROA…:NAME`.
    pub(super) fn user_id(&self) -> String {
        format!("{}:{}", self.role_id, self.name)
    }
}

/// Every session, by its access key.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    by_key: BTreeMap<String, Session>,
    by_end: BTreeSet<(Time, String)>,
}

impl Sessions {
    pub(super) fn get(&self, access_key: &str) -> Option<&Session> {
        self.by_key.get(access_key)
    }

    pub(super) fn insert(&mut self, access_key: String, session: Session, now: Time) {
        while let Some((end, key)) = self.by_end.pop_first() {
            if end + REMEMBERED > now {
                self.by_end.insert((end, key));
                break;
            }
            self.by_key.remove(&key);
        }
        self.by_end.insert((session.expires, access_key.clone()));
        self.by_key.insert(access_key, session);
    }
}

/// What is needed to sign with a session.
#[derive(Debug)]
pub(super) struct Secrets {
    pub(super) access_key: String,
    pub(super) secret: String,
    pub(super) token: String,
}

impl Secrets {
    pub(super) fn draw(random: &mut Random) -> Self {
        Self {
            access_key: format!("ASIA{}", draw(random, BASE32, 16)),
            secret: draw(random, BASE64, 40),
            token: draw(random, BASE64, 160),
        }
    }
}

/// The characters of access keys and of unique ids.
pub(super) const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// So many characters out of these.
pub(super) fn draw(random: &mut Random, from: &[u8], length: usize) -> String {
    let choices = u64::try_from(from.len()).unwrap_or(u64::MAX);
    let mut one = || {
        usize::try_from(random.below(choices))
            .ok()
            .and_then(|place| from.get(place))
            .copied()
    };
    (0..length).filter_map(|_| one().map(char::from)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending_at(expires: Time) -> Session {
        Session {
            account: AccountId::new(1),
            partition: String::new(),
            role_arn: String::new(),
            role_id: String::new(),
            arn: String::new(),
            name: String::new(),
            token: String::new(),
            expires,
            policy: None,
        }
    }

    #[test]
    fn a_session_is_remembered_for_a_day_after_its_end_and_then_forgotten() {
        let mut sessions = Sessions::default();
        let start = Time::from_millis(0);
        let end = start + Duration::from_hours(1);
        sessions.insert(String::from("old"), ending_at(end), start);
        let just_before = end + REMEMBERED - Duration::from_millis(1);
        sessions.insert(String::from("new"), ending_at(just_before), just_before);
        assert!(sessions.get("old").is_some());
        sessions.insert(String::from("newer"), ending_at(end + REMEMBERED), end + REMEMBERED);
        assert!(sessions.get("old").is_none());
        assert!(sessions.get("new").is_some());
    }
}
