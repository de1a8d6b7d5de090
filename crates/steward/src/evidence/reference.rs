use std::fmt;

use serde::{Deserialize, Serialize};

use super::image_name::ParameterRef;
use super::references::Referrer;
use super::report::ReportedUser;
use crate::{AccountId, InstanceId, TemplateId, Timestamp, Words};

/// One way in which an image is used: from who uses it, over what that names, to the image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reference {
    /// The way, the user first. Never empty.
    pub path: Vec<Hop>,
}

impl Reference {
    /// How little it says that the image is needed: a version of a template that only stands there says least, and the less
    /// the more are newer.
    pub fn weakness(&self) -> u64 {
        match self.path.as_slice() {
            [Hop::Template { standing, .. }, ..] if standing.default || standing.newer == 0 => 0,
            [Hop::Template { standing, .. }, ..] => standing.newer,
            _ => 0,
        }
    }

    /// Whether it keeps the image by itself. A version of a template that only stands there does not: whoever names that
    /// version does.
    pub fn keeps(&self) -> bool {
        self.weakness() == 0
    }

    /// The account of who uses it, where that is another than the one that was read.
    pub fn elsewhere(&self) -> Option<AccountId> {
        match self.path.first() {
            Some(Hop::Reported { account, .. }) => Some(*account),
            Some(_) | None => None,
        }
    }
}

/// One thing that names the next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hop {
    /// An instance.
    Instance {
        /// Which.
        id: InstanceId,
        /// Whether it runs.
        state: InstanceState,
        /// What people call it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Words>,
        /// Who answers for it, by its tag `owner`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<Words>,
    },
    /// An Auto Scaling group.
    Group(Words),
    /// An override of a group or fleet, by its place from 1 on.
    Override(usize),
    /// A launch specification of a Spot Fleet, by its place from 1 on.
    Specification(usize),
    /// A version of a launch template.
    Template {
        /// Which.
        id: TemplateId,
        /// Its name.
        name: Words,
        /// Which of its versions.
        version: u64,
        /// Where that stands among them.
        standing: VersionStanding,
    },
    /// A launch configuration.
    LaunchConfiguration(Words),
    /// An EC2 Fleet.
    Fleet(Words),
    /// A Spot Fleet.
    SpotFleet(Words),
    /// A Spot request.
    SpotRequest(Words),
    /// A parameter.
    Parameter(ParameterRef),
    /// A pipeline of Image Builder's.
    Pipeline(Words),
    /// The recipe that a pipeline builds by.
    Recipe(Words),
    /// An account that a usage report tells of.
    Reported {
        /// Which.
        account: AccountId,
        /// What in it.
        by: ReportedUser,
        /// How many of those.
        count: u64,
        /// When the report was asked for.
        requested: Timestamp,
    },
    /// What names the image by EC2's own word: no list of ours shows how.
    ToldByEc2(Referrer),
}

/// Whether an instance runs. A terminated one is no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstanceState {
    /// It starts.
    Pending,
    /// It runs.
    Running,
    /// It stops.
    Stopping,
    /// It could be started again.
    Stopped,
    /// It ends.
    ShuttingDown,
}

/// Where a version stands among those of its template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct VersionStanding {
    /// Whether who names none gets this one.
    pub default: bool,
    /// How many are newer; none: it is the latest.
    pub newer: u64,
}

impl InstanceState {
    /// As EC2 names it; none for an instance that is no more.
    pub fn read(name: &str) -> Result<Option<Self>, String> {
        Ok(Some(match name {
            "pending" => Self::Pending,
            "running" => Self::Running,
            "stopping" => Self::Stopping,
            "stopped" => Self::Stopped,
            "shutting-down" => Self::ShuttingDown,
            "terminated" => return Ok(None),
            other => return Err(format!("the instance state {other} is not known")),
        }))
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::ShuttingDown => "shutting down",
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, hop) in self.path.iter().enumerate() {
            if n > 0 {
                f.write_str(" → ")?;
            }
            write!(f, "{hop}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance { id, state, name, owner } => {
                write!(f, "instance {id}")?;
                let name = name.as_ref().map(|name| format!("{name}, "));
                write!(f, " ({}{}", name.unwrap_or_default(), state.as_str())?;
                match owner {
                    Some(owner) => write!(f, ", of {owner})"),
                    None => f.write_str(")"),
                }
            }
            Self::Group(name) => write!(f, "group {name}"),
            Self::Override(place) => write!(f, "override {place}"),
            Self::Specification(place) => write!(f, "specification {place}"),
            Self::Template {
                id: _,
                name,
                version,
                standing,
            } => write!(f, "launch template {name} version {version}{standing}"),
            Self::LaunchConfiguration(name) => write!(f, "launch configuration {name}"),
            Self::Fleet(id) => write!(f, "fleet {id}"),
            Self::SpotFleet(id) => write!(f, "Spot Fleet {id}"),
            Self::SpotRequest(id) => write!(f, "Spot request {id}"),
            Self::Parameter(parameter) => write!(f, "parameter {parameter}"),
            Self::Pipeline(name) => write!(f, "pipeline {name}"),
            Self::Recipe(name) => write!(f, "recipe {name}"),
            Self::Reported {
                account,
                by,
                count,
                requested,
            } => write!(
                f,
                "account {account} with {} (usage report of {requested})",
                by.counted(*count)
            ),
            Self::ToldByEc2(referrer) => write!(f, "{referrer} (EC2 says so)"),
        }
    }
}

impl fmt::Display for VersionStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.default, self.newer) {
            (true, 0) => " (default and latest)",
            (true, _) => " (default)",
            (false, 0) => " (latest)",
            (false, _) => "",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_reads_as_the_way_from_its_user_to_the_image() {
        let standing = VersionStanding {
            default: false,
            newer: 3,
        };
        let path = vec![
            Hop::Group("web".into()),
            Hop::Override(2),
            Hop::Template {
                id: "lt-0123456789abcdef0".parse().unwrap(),
                name: "web".into(),
                version: 7,
                standing,
            },
            Hop::Parameter(ParameterRef::newest("/golden/web")),
        ];
        let reference = Reference { path };
        assert_eq!(
            reference.to_string(),
            "group web → override 2 → launch template web version 7 → parameter /golden/web"
        );
        let json = serde_json::to_string(&reference).unwrap();
        assert_eq!(serde_json::from_str::<Reference>(&json).unwrap(), reference);
    }

    #[test]
    fn an_instance_says_what_it_is_called_whether_it_runs_and_whose_it_is() {
        let instance = |name: Option<&str>, owner: Option<&str>| Hop::Instance {
            id: "i-0123456789abcdef0".parse().unwrap(),
            state: InstanceState::Stopped,
            name: name.map(Words::from),
            owner: owner.map(Words::from),
        };
        assert_eq!(
            instance(None, None).to_string(),
            "instance i-0123456789abcdef0 (stopped)"
        );
        assert_eq!(
            instance(Some("shop"), Some("team-web")).to_string(),
            "instance i-0123456789abcdef0 (shop, stopped, of team-web)"
        );
    }

    #[test]
    fn a_terminated_instance_is_no_use_and_a_state_nobody_knows_is_an_error() {
        assert_eq!(InstanceState::read("terminated"), Ok(None));
        assert_eq!(InstanceState::read("stopped"), Ok(Some(InstanceState::Stopped)));
        assert_eq!(
            InstanceState::read("hibernating"),
            Err(String::from("the instance state hibernating is not known"))
        );
    }
}
