use serde_json::{Map, Value};

use crate::{AccountId, Words};

/// A key's policy, as far as it is understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPolicy {
    pub(super) statements: Vec<Statement>,
}

/// One statement of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) allows: bool,
    pub(super) principals: Vec<Principal>,
    /// As they are written, with `*` and `?`; none where they are said by what they are not.
    pub(super) actions: Option<Vec<String>>,
    pub(super) conditions: Vec<Condition>,
    /// Whether anything else in it is not understood, so that it may hold for less than the rest of it says.
    pub(super) is_odd: bool,
}

/// Whom a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Principal {
    /// Everybody.
    Anybody,
    /// An account, to hand on by its own policies.
    Account(AccountId),
    /// Somebody of an account.
    Of(AccountId),
    /// An AWS service, which launches nothing in an account's name.
    Service,
    /// Nobody knows whom.
    Odd,
}

/// What must hold besides: one of these values, under this key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) operator: String,
    /// In lower case: keys are the same in any.
    pub(super) key: String,
    /// None: they are no texts.
    pub(super) values: Option<Vec<String>>,
}

impl KeyPolicy {
    /// Reads a policy as KMS answers with it.
    pub fn read(text: &str) -> Result<Self, Words> {
        let odd = |why: &str| Words::from(format!("it is no policy: {why}"));
        let document: Value = serde_json::from_str(text).map_err(|error| odd(&error.to_string()))?;
        let statements = document.get("Statement").ok_or_else(|| odd("it has no Statement"))?;
        let read =
            |statement| Statement::read(statement).ok_or_else(|| odd("a Statement allows nothing and denies nothing"));
        Ok(Self {
            statements: each(statements).map(read).collect::<Result<_, _>>()?,
        })
    }
}

impl Statement {
    fn read(statement: &Value) -> Option<Self> {
        let statement = statement.as_object()?;
        let allows = match statement.get("Effect")?.as_str()? {
            "Allow" => true,
            "Deny" => false,
            _ => return None,
        };
        let known = ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];
        let all = statement.get("Resource").and_then(texts) == Some(vec![String::from("*")]);
        Some(Self {
            allows,
            principals: statement
                .get("Principal")
                .map_or_else(|| vec![Principal::Odd], principals),
            actions: statement.get("Action").and_then(texts),
            conditions: statement.get("Condition").map(conditions).unwrap_or_default(),
            is_odd: !all || statement.keys().any(|key| !known.contains(&key.as_str())),
        })
    }
}

fn principals(principal: &Value) -> Vec<Principal> {
    let odd = || vec![Principal::Odd];
    match principal {
        Value::String(all) if all == "*" => vec![Principal::Anybody],
        Value::Object(kinds) => {
            let of_kind = |(kind, who): (&String, &Value)| match (kind.as_str(), texts(who)) {
                ("AWS", Some(who)) => who.iter().map(|who| of_aws(who)).collect(),
                ("Service", Some(who)) => who.iter().map(|_| Principal::Service).collect(),
                _ => odd(),
            };
            kinds.iter().flat_map(of_kind).collect()
        }
        _ => odd(),
    }
}

fn of_aws(who: &str) -> Principal {
    if who == "*" {
        return Principal::Anybody;
    }
    if let Ok(account) = who.parse() {
        return Principal::Account(account);
    }
    let parts: Vec<&str> = who.splitn(6, ':').collect();
    let ["arn", _, "iam" | "sts", "", account, whom] = parts[..] else {
        return Principal::Odd;
    };
    match (account.parse(), whom) {
        (Ok(account), "root") => Principal::Account(account),
        (Ok(account), _) => Principal::Of(account),
        (Err(_), _) => Principal::Odd,
    }
}

fn conditions(condition: &Value) -> Vec<Condition> {
    let odd = || Condition {
        operator: String::new(),
        key: String::new(),
        values: None,
    };
    let Some(operators) = condition.as_object() else {
        return vec![odd()];
    };
    let of_operator = |(operator, keys): (&String, &Value)| -> Vec<Condition> {
        let of_key = |(key, values): (&String, &Value)| Condition {
            operator: operator.clone(),
            key: key.to_lowercase(),
            values: texts(values),
        };
        let keys = keys.as_object().filter(|keys: &&Map<String, Value>| !keys.is_empty());
        keys.map_or_else(|| vec![odd()], |keys| keys.iter().map(of_key).collect())
    };
    operators.iter().flat_map(of_operator).collect()
}

/// One text or a list of them; none where anything of it is none. What is written as a truth value is meant as its word.
fn texts(value: &Value) -> Option<Vec<String>> {
    each(value)
        .map(|one| match one {
            Value::String(text) => Some(text.clone()),
            Value::Bool(truth) => Some(truth.to_string()),
            _ => None,
        })
        .collect()
}

fn each(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(many) => many.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}
