use steward::{Architecture, FamilyName, Output, Target, Timestamp};

use super::{Key, of_family};

/// Before the architecture, the date and the id of an image that was adopted.
pub(crate) const ADOPTED: &str = "ADOPTED#";

/// What runs on what, since when, and where, as the sort key of an adopted image names it.
pub(crate) fn adopted_of_key(sk: &str) -> Option<(Architecture, Timestamp, Output)> {
    let mut parts = sk.strip_prefix(ADOPTED)?.split('#');
    let mut next = || parts.next();
    let (architecture, created, ami) = (next()?, next()?, next()?);
    let target = Target::new(next()?.parse().ok()?, next()?.parse().ok()?);
    let ami = ami.parse().ok()?;
    Some((
        architecture.parse().ok()?,
        created.parse().ok()?,
        Output { target, ami },
    ))
}

impl Key {
    /// An image among those that a family adopted, ordered as text as they are by date and id.
    pub(crate) fn adopted(
        family: &FamilyName,
        architecture: Architecture,
        created: Timestamp,
        Output { target, ami }: Output,
    ) -> Self {
        let sk = format!(
            "{ADOPTED}{architecture}#{created}#{ami}#{}#{}",
            target.account(),
            target.region()
        );
        Self::new(of_family(family), sk)
    }
}
