//! The Condition element: reading its operators, and whether they hold for a request.

use super::error::PolicyError;
use super::evaluate::Request;
use super::json::{self, Json, Object};
use super::keys::Key;
use super::pattern;

/// One operator on one key. All of a statement's conditions must hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Condition {
    key: Key,
    test: Test,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Test {
    /// `Null`: whether the key may be absent (`true`), or present (`false`).
    Absent(Vec<bool>),
    Compare(Compare),
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Compare {
    by: Comparison,
    /// The operators with Not: no value of the policy may match.
    negated: bool,
    set: Option<Set>,
    if_exists: bool,
    values: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Comparison {
    Equals,
    EqualsIgnoreCase,
    Like,
    /// ArnEquals and ArnLike do the same.
    Arn,
    Bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Set {
    Any,
    All,
}

const OPERATORS: [(&str, Comparison, bool); 11] = [
    ("StringEquals", Comparison::Equals, false),
    ("StringNotEquals", Comparison::Equals, true),
    ("StringEqualsIgnoreCase", Comparison::EqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Comparison::EqualsIgnoreCase, true),
    ("StringLike", Comparison::Like, false),
    ("StringNotLike", Comparison::Like, true),
    ("ArnEquals", Comparison::Arn, false),
    ("ArnLike", Comparison::Arn, false),
    ("ArnNotEquals", Comparison::Arn, true),
    ("ArnNotLike", Comparison::Arn, true),
    ("Bool", Comparison::Bool, false),
];

/// Reads `{"StringEquals": {"aws:PrincipalOrgID": "o-…"}, …}`.
pub(super) fn read(path: &str, json: Json, variables: bool) -> Result<Vec<Condition>, PolicyError> {
    let mut conditions = Vec::new();
    for (path, operator, keys) in Object::new(path, json)?.rest() {
        for (path, key, values) in Object::new(&path, keys)?.rest() {
            let values = json::texts(&path, values)?;
            if variables {
                values.iter().try_for_each(|value| refuse_variables(&path, value))?;
            }
            conditions.push(Condition::new(&path, &operator, &key, values)?);
        }
    }
    Ok(conditions)
}

/// Version 2012-10-17 replaces `${aws:…}`. Taken literally it would compare with something else than AWS does.
pub(super) fn refuse_variables(path: &str, value: &str) -> Result<(), PolicyError> {
    if value.contains("${") {
        return Err(PolicyError::not_modelled(
            path,
            format_args!("policy variables, as in {value}"),
        ));
    }
    Ok(())
}

impl Condition {
    fn new(path: &str, operator: &str, key: &str, values: Vec<String>) -> Result<Self, PolicyError> {
        let key =
            Key::parse(key).ok_or_else(|| PolicyError::not_modelled(path, format_args!("the condition key {key}")))?;
        if operator == "Null" {
            let absent = values
                .iter()
                .map(|value| boolean(path, value))
                .collect::<Result<_, _>>()?;
            return Ok(Self {
                key,
                test: Test::Absent(absent),
            });
        }
        let (set, rest) = if let Some(rest) = operator.strip_prefix("ForAnyValue:") {
            (Some(Set::Any), rest)
        } else if let Some(rest) = operator.strip_prefix("ForAllValues:") {
            (Some(Set::All), rest)
        } else {
            (None, operator)
        };
        let (name, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |name| (name, true));
        let Some((_, by, negated)) = OPERATORS.into_iter().find(|(known, ..)| *known == name) else {
            return Err(PolicyError::not_modelled(
                path,
                format_args!("the condition operator {operator}"),
            ));
        };
        if set.is_none() && key.multivalued() {
            // AWS takes it and calls the outcome unreliable.
            return Err(PolicyError::not_modelled(
                path,
                "a key of many values without ForAnyValue or ForAllValues",
            ));
        }
        match by {
            Comparison::Arn if values.iter().any(|value| pattern::arn_parts(value).is_none()) => {
                return Err(PolicyError::not_modelled(
                    path,
                    "an ARN condition whose value has not the six parts of one",
                ));
            }
            Comparison::Bool => values.iter().try_for_each(|value| boolean(path, value).map(|_| ()))?,
            _ => {}
        }
        Ok(Self {
            key,
            test: Test::Compare(Compare {
                by,
                negated,
                set,
                if_exists,
                values,
            }),
        })
    }

    pub(super) fn holds(&self, request: &Request<'_>) -> bool {
        let found = self.key.values(request);
        match &self.test {
            Test::Absent(expected) => expected.contains(&found.is_empty()),
            Test::Compare(compare) if found.is_empty() => compare.holds_without_value(),
            Test::Compare(compare) => match compare.set {
                Some(Set::Any) => found.iter().any(|value| compare.holds_for(value)),
                Some(Set::All) | None => found.iter().all(|value| compare.holds_for(value)),
            },
        }
    }
}

impl Compare {
    /// An absent key matches nothing: enough for the operators with Not, and for "all of none".
    fn holds_without_value(&self) -> bool {
        self.if_exists
            || match self.set {
                Some(Set::Any) => false,
                Some(Set::All) => true,
                None => self.negated,
            }
    }

    fn holds_for(&self, found: &str) -> bool {
        self.negated != self.values.iter().any(|value| self.by.matches(value, found))
    }
}

impl Comparison {
    fn matches(self, value: &str, found: &str) -> bool {
        match self {
            Self::Equals => value == found,
            Self::EqualsIgnoreCase | Self::Bool => value.eq_ignore_ascii_case(found),
            Self::Like => pattern::matches(value, found),
            Self::Arn => pattern::arn_matches(value, found),
        }
    }
}

fn boolean(path: &str, value: &str) -> Result<bool, PolicyError> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(PolicyError::malformed(
            path,
            format!("must be true or false, not {value}"),
        )),
    }
}
