use std::fmt::Display;
use std::str::FromStr;

use steward::{AccountId, Region, Target};
use steward_aws::{FirstValue, MemberAccess};

/// What the template tells a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Where the function runs, and Image Builder builds.
    pub hub: Target,
    /// The record's table.
    pub table: String,
    /// The topic that Image Builder tells of its builds by.
    pub topic: String,
    /// How members let this function in.
    pub access: MemberAccess,
    /// The switch's value until somebody throws it.
    pub switch_at_first: FirstValue,
}

/// Everything that is wrong with the environment, each variable by its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment is not what the template sets: {}", .0.join("; "))]
pub struct EnvironmentError(Vec<String>);

impl Environment {
    /// Reads it, by a function that knows the variables.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, EnvironmentError> {
        let mut reader = Reader {
            variable,
            wrong: Vec::new(),
        };
        let account: Option<AccountId> = reader.parsed("STEWARD_HUB_ACCOUNT");
        // Lambda's own.
        let region: Option<Region> = reader.parsed("AWS_REGION");
        let table = reader.text("STEWARD_TABLE");
        let topic = reader.text("STEWARD_TOPIC");
        let role = reader.text("STEWARD_MEMBER_ROLE");
        let external_id = reader.text("STEWARD_EXTERNAL_ID");
        let paused: Option<bool> = reader.parsed("STEWARD_START_PAUSED");
        match (account, region, table, topic, role, external_id, paused) {
            (Some(account), Some(region), Some(table), Some(topic), Some(role), Some(external_id), Some(paused)) => {
                Ok(Self {
                    hub: Target::new(account, region),
                    table,
                    topic,
                    access: MemberAccess { role, external_id },
                    switch_at_first: if paused {
                        FirstValue::Paused
                    } else {
                        FirstValue::Running
                    },
                })
            }
            _ => Err(EnvironmentError(reader.wrong)),
        }
    }
}

struct Reader<F> {
    variable: F,
    wrong: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    fn text(&mut self, name: &str) -> Option<String> {
        let value = (self.variable)(name).filter(|value| !value.is_empty());
        if value.is_none() {
            self.wrong.push(format!("{name} is missing"));
        }
        value
    }

    fn parsed<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong.push(format!("{name}: {error}"));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: [(&str, &str); 7] = [
        ("STEWARD_HUB_ACCOUNT", "111122223333"),
        ("AWS_REGION", "eu-west-1"),
        ("STEWARD_TABLE", "record"),
        ("STEWARD_TOPIC", "arn:aws:sns:eu-west-1:111122223333:images"),
        ("STEWARD_MEMBER_ROLE", "image-steward-look"),
        ("STEWARD_EXTERNAL_ID", "steward"),
        ("STEWARD_START_PAUSED", "false"),
    ];

    fn read(change: Option<(&str, Option<&str>)>) -> Result<Environment, String> {
        Environment::read(|name| {
            if let Some((_, value)) = change.filter(|(changed, _)| *changed == name) {
                return value.map(str::to_owned);
            }
            WHOLE
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
        .map_err(|error| error.to_string())
    }

    #[test]
    fn a_whole_environment_is_read() {
        let environment = read(None).unwrap();
        assert_eq!(environment.hub.to_string(), "111122223333/eu-west-1");
        assert_eq!(environment.switch_at_first, FirstValue::Running);
        let paused = read(Some(("STEWARD_START_PAUSED", Some("true")))).unwrap();
        assert_eq!(paused.switch_at_first, FirstValue::Paused);
    }

    #[test]
    fn a_missing_or_empty_variable_is_named_whichever_it_is() {
        for (name, _) in WHOLE {
            for value in [None, Some("")] {
                assert_eq!(
                    read(Some((name, value))).unwrap_err(),
                    format!("the environment is not what the template sets: {name} is missing")
                );
            }
        }
    }

    #[test]
    fn a_malformed_variable_is_named_with_what_would_be_right() {
        assert_eq!(
            read(Some(("STEWARD_START_PAUSED", Some("no")))).unwrap_err(),
            "the environment is not what the template sets: STEWARD_START_PAUSED: provided string was not `true` or `false`"
        );
        let region = read(Some(("AWS_REGION", Some("mars")))).unwrap_err();
        assert!(region.contains("AWS_REGION: \"mars\" is not a Region"), "{region}");
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let error = Environment::read(|_| None).unwrap_err().to_string();
        for (name, _) in WHOLE {
            assert!(error.contains(&format!("{name} is missing")), "{error}");
        }
    }
}
