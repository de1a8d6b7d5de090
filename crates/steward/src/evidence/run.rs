use serde::{Deserialize, Serialize};

use super::plausible::{Plausibility, Sample, judge};
use super::source::Source;
use super::targets::Reached;
use crate::{Timestamp, Words};

/// One reading of one source of a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRun {
    /// Which source.
    pub source: Source,
    /// As of when: nothing that it says is older.
    pub as_of: Timestamp,
    /// What came of it.
    pub said: Said,
}

/// What came of reading a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// It was read to its end, and listed so many things.
    Complete(u64),
    /// It was read to its end, and listed so few things that nobody believes it yet.
    Implausible {
        /// How many.
        count: u64,
        /// How many are usual.
        usual: u64,
    },
    /// It was not read to its end.
    Unread(Words),
}

/// What a run is judged by, besides those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// As of when a person accepted what its source said.
    pub accepted: Option<Timestamp>,
    /// Why its target is read.
    pub reached: Reached,
    /// How many images of ours the record has in its Region: what we took away is missed by nobody.
    pub there: u64,
}

impl SourceRun {
    /// A run that was read to its end, judged by those before it. Who sees our images no more because nobody shares them with
    /// it any more, or because they are gone, lists fewer of them, and that is nothing strange.
    pub fn complete(source: Source, as_of: Timestamp, count: u64, before: &[Self], expected: Expected) -> Self {
        let Expected {
            accepted,
            reached,
            there,
        } = expected;
        if !source.is_judged_by_count() || (reached == Reached::Left && source == Source::Images) {
            let said = Said::Complete(count);
            return Self { source, as_of, said };
        }
        let of_source = before.iter().filter(|run| run.source == source);
        let before: Vec<Sample> = of_source.filter_map(Self::sample).collect();
        let most = if source == Source::Images { there } else { u64::MAX };
        let said = match judge(as_of, count, &before, (accepted, most)) {
            Plausibility::Plausible => Said::Complete(count),
            Plausibility::Implausible { usual } => Said::Implausible { count, usual },
        };
        Self { source, as_of, said }
    }

    /// Whether what it says may be relied on.
    pub const fn is_believed(&self) -> bool {
        matches!(self.said, Said::Complete(_))
    }

    /// What it tells the runs after it; nothing where it was not read to its end.
    fn sample(&self) -> Option<Sample> {
        let count = match &self.said {
            Said::Complete(count) | Said::Implausible { count, .. } => *count,
            Said::Unread(_) => return None,
        };
        Some(Sample {
            at: self.as_of,
            count,
            believed: self.is_believed(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Expected = Expected {
        accepted: None,
        reached: Reached::MayUse,
        there: 40,
    };

    fn at(hour: u8) -> Timestamp {
        format!("2026-01-18T{hour:02}:00:00Z").parse().unwrap()
    }

    #[test]
    fn a_run_is_judged_by_the_complete_runs_of_its_own_source() {
        let run = |source, hour, said| SourceRun {
            source,
            as_of: at(hour),
            said,
        };
        let before = [
            run(Source::Instances, 1, Said::Complete(40)),
            run(Source::Instances, 2, Said::Unread("throttled".into())),
            run(Source::Fleets, 3, Said::Complete(0)),
        ];
        let few = SourceRun::complete(Source::Instances, at(4), 10, &before, HERE);
        assert_eq!(few.said, Said::Implausible { count: 10, usual: 40 });
        assert!(!few.is_believed());
        let none = SourceRun::complete(Source::Fleets, at(4), 0, &before, HERE);
        assert!(none.is_believed());
    }

    #[test]
    fn reports_and_references_are_believed_however_few_there_are() {
        for source in [Source::Reports, Source::References] {
            let before = [SourceRun {
                source,
                as_of: at(1),
                said: Said::Complete(400),
            }];
            let none = SourceRun::complete(source, at(2), 0, &before, HERE);
            assert_eq!(none.said, Said::Complete(0));
        }
    }

    #[test]
    fn who_left_may_see_fewer_images_and_has_no_fewer_instances() {
        let before = [Source::Images, Source::Instances].map(|source| SourceRun {
            source,
            as_of: at(1),
            said: Said::Complete(40),
        });
        let believed = |source, reached| {
            let expected = Expected { reached, ..HERE };
            SourceRun::complete(source, at(2), 0, &before, expected).is_believed()
        };
        assert!(believed(Source::Images, Reached::Left));
        assert!(!believed(Source::Images, Reached::MayUse));
        assert!(!believed(Source::Images, Reached::Owns));
        assert!(!believed(Source::Instances, Reached::Left));
    }

    #[test]
    fn that_images_which_the_record_knows_to_be_gone_are_listed_no_more_is_nothing_strange() {
        let before = [Source::Images, Source::Instances].map(|source| SourceRun {
            source,
            as_of: at(1),
            said: Said::Complete(40),
        });
        let said = |source, count, there| {
            let expected = Expected { there, ..HERE };
            SourceRun::complete(source, at(2), count, &before, expected).said
        };
        assert_eq!(said(Source::Images, 0, 0), Said::Complete(0));
        assert_eq!(said(Source::Images, 8, 8), Said::Complete(8));
        assert_eq!(said(Source::Images, 0, 1), Said::Implausible { count: 0, usual: 1 });
        assert_eq!(said(Source::Images, 9, 20), Said::Implausible { count: 9, usual: 20 });
        // Who uses them is no fewer for it.
        assert_eq!(said(Source::Instances, 0, 0), Said::Implausible { count: 0, usual: 40 });
    }

    #[test]
    fn what_is_strange_is_believed_once_enough_runs_agree() {
        let mut runs = vec![SourceRun {
            source: Source::Instances,
            as_of: at(0),
            said: Said::Complete(40),
        }];
        for hour in [1, 7, 13] {
            let run = SourceRun::complete(Source::Instances, at(hour), 10, &runs, HERE);
            runs.push(run);
        }
        let believed: Vec<bool> = runs.iter().map(SourceRun::is_believed).collect();
        assert_eq!(believed, [true, false, false, true]);
    }
}
