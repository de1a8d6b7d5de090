use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::{AccountId, Region, Words};

/// Where a build failed and how, as far as Image Builder tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildFailure {
    /// In which state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub during: Option<Words>,
    /// In which step of its workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Words>,
    /// In which component's document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<ComponentFailure>,
    /// What its distribution said as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distribution: Option<Words>,
    /// Where its distribution failed, the first of them. In the other Regions there are images that nobody asked for any
    /// more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<RegionFailure>,
}

/// A component that failed, in the words of its document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentFailure {
    /// Which.
    pub component: Option<Words>,
    /// `build`, `validate`, `test`.
    pub phase: Option<Words>,
    /// The step's name in the document.
    pub step: Option<Words>,
    /// `ExecuteBash`, …
    pub action: Option<Words>,
    /// What it reported.
    pub message: Option<Words>,
}

/// A Region to which an image did not get.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionFailure {
    /// Which; none for one of a name that no Region has.
    pub region: Option<Region>,
    /// The account, in a distribution to others.
    pub account: Option<AccountId>,
    /// How it ended.
    pub status: Option<Words>,
    /// What failed once the image was there.
    pub step: Option<Words>,
    /// What the other service said.
    pub message: Option<Words>,
}

impl BuildFailure {
    /// So many Regions are kept: an item of the table is bounded, a distribution is not.
    pub const MOST_REGIONS: usize = 20;

    /// It for people, a line each.
    pub fn lines(&self) -> Vec<String> {
        let Self {
            during,
            step,
            component,
            distribution,
            regions,
        } = self;
        let mut lines = Vec::new();
        lines.extend(line(&[("during", during), ("in step", step)], None));
        if let Some(ComponentFailure {
            component,
            phase,
            step,
            action,
            message,
        }) = component
        {
            let parts = [
                ("component", component),
                ("phase", phase),
                ("step", step),
                ("action", action),
            ];
            lines.extend(line(&parts, message.as_ref()));
        }
        lines.extend(line(&[], distribution.as_ref()));
        for RegionFailure {
            region,
            account,
            status,
            step,
            message,
        } in regions
        {
            let region = region.map(|region| Words::from(region.to_string()));
            let account = account.map(|account| Words::from(account.to_string()));
            let parts = [("in", &region), ("account", &account), ("ended", status), ("at", step)];
            lines.extend(line(&parts, message.as_ref()));
        }
        lines
    }
}

/// `phase build, step install: exit status 1`, of what there is.
fn line(parts: &[(&str, &Option<Words>)], message: Option<&Words>) -> Option<String> {
    let known = parts
        .iter()
        .filter_map(|(what, words)| Some(format!("{what} {}", words.as_ref()?)));
    let mut line = known.collect::<Vec<_>>().join(", ");
    if let Some(message) = message {
        let colon = if line.is_empty() { "" } else { ": " };
        let _ = write!(line, "{colon}{message}");
    }
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_tells_what_there_is_to_tell_and_nothing_of_the_rest() {
        let words = |text: &str| Some(Words::from(text));
        let failure = BuildFailure {
            during: words("BUILDING"),
            step: None,
            component: Some(ComponentFailure {
                component: words("nginx/1.0.0/1"),
                phase: words("build"),
                step: words("install"),
                action: None,
                message: words("exit status 1\u{1b}[2J"),
            }),
            distribution: words("Distribution failed in 1 Region."),
            regions: vec![RegionFailure {
                region: Some("eu-central-1".parse().unwrap()),
                account: None,
                status: words("TIMED_OUT"),
                step: None,
                message: None,
            }],
        };
        assert_eq!(
            failure.lines(),
            [
                "during BUILDING",
                "component nginx/1.0.0/1, phase build, step install: exit status 1 [2J",
                "Distribution failed in 1 Region.",
                "in eu-central-1, ended TIMED_OUT",
            ]
        );
        let nothing: BuildFailure = serde_json::from_str("{}").unwrap();
        assert_eq!(nothing.lines(), [""; 0]);
    }
}
