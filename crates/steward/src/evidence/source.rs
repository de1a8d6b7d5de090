use std::fmt;
use std::str::FromStr;

use super::report::REPORT_LAG;
use crate::text::string_form;
use crate::{Duration, ParseError};

/// A list of AWS's that can show who uses an image.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Instances, stopped ones too.
    Instances,
    /// Launch templates, with all their versions.
    LaunchTemplates,
    /// Auto Scaling groups, with their overrides and warm pools.
    AutoScalingGroups,
    /// Launch configurations.
    LaunchConfigurations,
    /// EC2 Fleets.
    Fleets,
    /// Spot Fleets.
    SpotFleets,
    /// Spot requests.
    SpotRequests,
    /// Parameters of Systems Manager.
    Parameters,
    /// What Image Builder's pipelines build on.
    Pipelines,
    /// The images themselves: when they were last launched, and their tags.
    Images,
    /// Usage reports of the images it owns, about every account.
    Reports,
    /// EC2's own word on who names images that are being retired and that nothing else shows in use.
    References,
}

string_form!(Source, "source of evidence");

impl Source {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Instances,
        Self::LaunchTemplates,
        Self::AutoScalingGroups,
        Self::LaunchConfigurations,
        Self::Fleets,
        Self::SpotFleets,
        Self::SpotRequests,
        Self::Parameters,
        Self::Pipelines,
        Self::Images,
        Self::Reports,
        Self::References,
    ];

    /// As keys and answers name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Instances => "instances",
            Self::LaunchTemplates => "launch-templates",
            Self::AutoScalingGroups => "auto-scaling-groups",
            Self::LaunchConfigurations => "launch-configurations",
            Self::Fleets => "fleets",
            Self::SpotFleets => "spot-fleets",
            Self::SpotRequests => "spot-requests",
            Self::Parameters => "parameters",
            Self::Pipelines => "pipelines",
            Self::Images => "images",
            Self::Reports => "reports",
            Self::References => "references",
        }
    }

    /// How far behind the truth it may be even when it was read completely.
    pub const fn lag(self) -> Duration {
        match self {
            // EC2 shows a launch on the image a day later.
            Self::Images => Duration::hours(24),
            Self::Reports => REPORT_LAG,
            // EC2's lists are eventually consistent: what was made a few minutes ago may be missing.
            Self::Instances
            | Self::LaunchTemplates
            | Self::AutoScalingGroups
            | Self::LaunchConfigurations
            | Self::Fleets
            | Self::SpotFleets
            | Self::SpotRequests
            | Self::Parameters
            | Self::Pipelines
            | Self::References => Duration::minutes(15),
        }
    }

    /// Whether few of its things, where there were many, are strange. Reports come when we ask and go after a month: how many
    /// there are says nothing, and of an image without one nothing is believed. References are only asked for of images that
    /// nobody should use.
    pub const fn is_judged_by_count(self) -> bool {
        !matches!(self, Self::Reports | Self::References)
    }

    /// What must have been read as well for this one to be understood.
    pub const fn stands_on(self) -> &'static [Self] {
        match self {
            Self::Instances | Self::LaunchConfigurations | Self::Parameters | Self::Images | Self::Reports => &[],
            // An instance names the version it was started from.
            Self::LaunchTemplates => &[Self::Instances, Self::Parameters],
            Self::AutoScalingGroups => &[Self::LaunchConfigurations, Self::LaunchTemplates],
            Self::Fleets | Self::SpotFleets => &[Self::LaunchTemplates],
            Self::Pipelines | Self::SpotRequests => &[Self::Parameters],
            // The images say which of them to ask about; the pipelines, which recipes matter.
            Self::References => &[Self::Images, Self::Pipelines],
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Source {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        let found = Self::ALL.into_iter().find(|source| source.as_str() == text);
        found.ok_or_else(|| ParseError::new(text, SourceProblem))
    }
}

/// Why a text is not a source of evidence.
pub type SourceError = ParseError<SourceProblem>;

/// It is none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceProblem;

impl fmt::Display for SourceProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Source::ALL.map(Source::as_str);
        write!(f, "is no source of evidence, must be one of {}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde};

    #[test]
    fn every_source_prints_back_and_another_is_told_which_there_are() {
        for source in Source::ALL {
            assert_prints_back::<Source>(source.as_str());
        }
        assert_serde::<Source>("spot-fleets", "spotfleets", "source of evidence");
        assert_refused::<Source>(&[(
            "asg",
            "\"asg\" is no source of evidence, must be one of instances, launch-templates, auto-scaling-groups, \
             launch-configurations, fleets, spot-fleets, spot-requests, parameters, pipelines, images, reports, \
             references",
        )]);
    }

    #[test]
    fn no_source_stands_on_itself_by_any_way() {
        fn reaches(from: Source, to: Source) -> bool {
            let below = from.stands_on();
            below.contains(&to) || below.iter().any(|next| reaches(*next, to))
        }
        assert!(Source::ALL.iter().all(|source| !reaches(*source, *source)));
    }
}
