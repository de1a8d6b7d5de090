//! What follows another channel: what stood there for long enough, since it was last taken back.

use super::good::{GoodSet, Orders, behind, is_ahead};
use super::held::Moved;
use super::known::{Flaw, Known};
use super::wait::Wait;
use crate::{ChannelName, Duration, Timestamp};

/// A channel, as one sees it that follows it.
#[derive(Clone, Copy)]
pub(super) struct Source<'s> {
    pub(super) name: &'s ChannelName,
    pub(super) history: &'s [Moved],
    /// How long something has to stand there before it goes on; none: not at all.
    pub(super) after: Option<Duration>,
}

impl Source<'_> {
    /// Whether an entry has stood for long enough, until it was replaced or else until now. One that is yet to come by our
    /// clock has stood for nothing, and what is yet to replace one has not made it stand longer.
    fn has_stood(self, entry: &Moved, replaced: Option<Timestamp>, now: Timestamp) -> bool {
        let until = replaced.map_or(now, |replaced| replaced.min(now));
        let stood = until.checked_since(entry.at).unwrap_or_default();
        self.after.is_none_or(|after| stood >= after.length())
    }

    /// That what it points to now has not stood for long enough.
    fn soaking(self, last: &Moved, now: Timestamp) -> Option<Wait> {
        let after = self.after.filter(|_| !self.has_stood(last, None, now))?;
        Some(Wait::Soaking {
            source: self.name.clone(),
            since: last.at,
            after,
        })
    }

    fn flawed(self, flaw: Flaw<'_>) -> Wait {
        let source = self.name.clone();
        match flaw {
            Flaw::Lacks(architecture) => Wait::SourceLacks { source, architecture },
            Flaw::Unknown(architecture, release) => Wait::SourceUnknown {
                source,
                release,
                architecture,
            },
            Flaw::Bad(seen, obstacle) => Wait::SourceStuck {
                source,
                build: seen.order,
                architecture: seen.architecture,
                obstacle,
            },
        }
    }
}

impl<'a> Known<'a> {
    /// The newest good set that stood on the source for long enough.
    ///
    /// What stood there before its last backward move may be why it was moved back. And what was replaced sooner may have
    /// been replaced because it was bad.
    pub(super) fn soaked(&self, source: Source<'_>) -> Option<GoodSet<'a>> {
        let entries = source.history;
        let first = entries.iter().rposition(|moved| moved.backward).unwrap_or(0);
        let mut since = (first..entries.len()).rev();
        since.find_map(|at| {
            let replaced = entries.get(at + 1).map(|next| next.at);
            if source.has_stood(&entries[at], replaced, self.facts.now) {
                self.good(&entries[at].to)
            } else {
                None
            }
        })
    }

    /// What keeps what the source points to now from going on.
    pub(super) fn source_waits(&self, source: Source<'_>, mark: &Orders) -> Vec<Wait> {
        let Some(last) = source.history.last() else {
            return vec![Wait::SourceEmpty(source.name.clone())];
        };
        let orders = self.orders(&last.to);
        // What is not known may be ahead.
        let may_be_ahead = orders.len() < self.facts.architectures.len() || is_ahead(&orders, mark);
        let (_, flaws) = self.look(&last.to);
        match (flaws.is_empty(), may_be_ahead) {
            (true, true) => source.soaking(last, self.facts.now).into_iter().collect(),
            (true, false) => behind(&orders, mark),
            (false, true) => flaws.into_iter().map(|flaw| source.flawed(flaw)).collect(),
            (false, false) => Vec::new(),
        }
    }
}
