//! A statement as people read it.

use serde_json::Value;

use crate::policy::{Place, Statement};
use crate::source::{listed, sorted};

/// `ReadAndWriteTheRecord` is "Read and write the record".
pub(crate) fn sentence(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
            words.push(letter.to_ascii_lowercase());
        } else {
            words.push(letter);
        }
    }
    words.replace("mage builder", "mage Builder")
}

impl Statement {
    /// One row of the page's table.
    pub(crate) fn row(&self) -> String {
        let who = match self.place {
            Place::Permission => format!("`{}`", self.holder),
            Place::Trust => format!("{}, as `{}`", self.principal(), self.holder),
            Place::Resource => self.principal(),
        };
        let on = match self.place {
            Place::Trust => format!("`{}`", self.holder),
            Place::Resource if self.resources() == [&Value::from("*")] => format!("`{}`", self.holder),
            _ if self.body.contains_key("NotResource") => {
                format!("all but {}", each(listed(&self.body["NotResource"])))
            }
            _ => each(self.resources()),
        };
        let may = self.actions().into_iter().map(code).collect::<Vec<_>>().join("<br>");
        let may = if self.allows() { may } else { format!("**not** {may}") };
        let why = sentence(self.sid().unwrap_or(&self.holder));
        let cells = [who, may, on, self.condition(), why];
        format!("| {} |", cells.join(" | "))
    }

    fn principal(&self) -> String {
        let principal = &self.body["Principal"];
        if principal == "*" {
            return String::from("anybody");
        }
        each(sorted(principal).into_values().flat_map(listed).collect())
    }

    fn condition(&self) -> String {
        match self.body.get("Condition") {
            None => String::from("always"),
            Some(condition) => match condition.get("Fn::If") {
                None => tests(condition),
                Some(choice) => format!(
                    "{}: {}<br>otherwise: {}",
                    code(choice[0].as_str().unwrap()),
                    tests(&choice[1]),
                    tests(&choice[2])
                ),
            },
        }
    }
}

fn tests(condition: &Value) -> String {
    let mut tests = Vec::new();
    for (operator, keys) in sorted(condition) {
        for (key, values) in sorted(keys) {
            let values = listed(values);
            let key = code(key);
            tests.push(match operator {
                "Null" if values == ["false"] => format!("{key} is there"),
                "Null" if values == ["true"] => format!("{key} is not there"),
                "StringEquals" | "ArnEquals" | "Bool" => format!("{key} is {}", any(values)),
                "ForAnyValue:StringEquals" => format!("one of {key} is {}", any(values)),
                "StringEqualsIfExists" | "BoolIfExists" => format!("{key}, where there is one, is {}", any(values)),
                "ArnLike" | "StringLike" => format!("{key} is like {}", any(values)),
                "ForAllValues:StringEquals" => format!("all {key} are {}", any(values)),
                "ForAllValues:StringNotLike" => format!("no {key} is like {}", any(values)),
                "ForAllValues:StringNotEquals" => format!("no {key} is {}", any(values)),
                other => panic!("say how to read {other}"),
            });
        }
    }
    tests.join("<br>")
}

fn each(values: Vec<&Value>) -> String {
    values.into_iter().map(value).collect::<Vec<_>>().join("<br>")
}

fn any(values: Vec<&Value>) -> String {
    values.into_iter().map(value).collect::<Vec<_>>().join(" or ")
}

fn value(value: &Value) -> String {
    if let Some(text) = value.get("Fn::Sub").and_then(Value::as_str) {
        let plain = text.replace("${", "").replace('}', "");
        return code(&plain.replace("AWS::", "").replace(".Arn", ""));
    }
    if let Some(choice) = value.get("Fn::If")
        && choice[2] == serde_json::json!({ "Ref": "AWS::NoValue" })
    {
        return format!("{}, where `{}`", self::value(&choice[1]), choice[0].as_str().unwrap());
    }
    let named = value.get("Ref").or_else(|| value.get("Fn::GetAtt")?.get(0));
    match named.or(Some(value)).and_then(Value::as_str) {
        Some(text) => code(text.trim_start_matches("AWS::")),
        None => panic!("say how to read {value}"),
    }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

#[test]
fn a_statements_name_reads_as_a_sentence() {
    assert_eq!(sentence("ReadAndWriteTheRecord"), "Read and write the record");
}
