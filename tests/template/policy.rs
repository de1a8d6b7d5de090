//! Every statement of every policy, wherever it is written.

use serde_json::{Map, Value, json};

use crate::source::{Resource, Template, listed, walk};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// What a role may do.
    Permission,
    /// Who may assume a role.
    Trust,
    /// Who may use a resource.
    Resource,
}

pub(crate) struct Statement {
    pub(crate) template: &'static str,
    /// The resource that it is written in.
    pub(crate) holder: String,
    pub(crate) kind: String,
    pub(crate) place: Place,
    pub(crate) body: Map<String, Value>,
}

pub(crate) fn statements() -> Vec<Statement> {
    Template::all()
        .iter()
        .flat_map(|template| template.resources().flat_map(|resource| of(template.name, resource)))
        .collect()
}

fn of(template: &'static str, resource: Resource<'_>) -> Vec<Statement> {
    let mut found = Vec::new();
    walk(resource.body, "", &mut |way, object| {
        let Some(statement) = object.get("Statement") else {
            return;
        };
        let place = if way.contains("AssumeRolePolicyDocument") {
            Place::Trust
        } else if matches!(resource.kind(), "AWS::IAM::Role" | "AWS::Serverless::Function") {
            Place::Permission
        } else {
            Place::Resource
        };
        for body in listed(statement) {
            found.push(Statement {
                template,
                holder: resource.id.to_owned(),
                kind: resource.kind().to_owned(),
                place,
                body: body.as_object().unwrap().clone(),
            });
        }
    });
    found
}

impl Statement {
    /// The bus's statement has its id beside it.
    pub(crate) fn sid(&self) -> Option<&str> {
        self.body.get("Sid").and_then(Value::as_str)
    }

    pub(crate) fn name(&self) -> String {
        format!("{}: {}: {}", self.template, self.holder, self.sid().unwrap_or("?"))
    }

    pub(crate) fn allows(&self) -> bool {
        self.body["Effect"] == "Allow"
    }

    pub(crate) fn actions(&self) -> Vec<&str> {
        let actions = listed(&self.body["Action"]);
        actions.into_iter().map(|action| action.as_str().unwrap()).collect()
    }

    pub(crate) fn resources(&self) -> Vec<&Value> {
        self.body.get("Resource").map(listed).unwrap_or_default()
    }

    /// The services it admits.
    pub(crate) fn services(&self) -> Vec<&str> {
        let services = self
            .body
            .get("Principal")
            .map(|principal| listed(&principal["Service"]));
        services
            .unwrap_or_default()
            .into_iter()
            .map(|service| service.as_str().unwrap())
            .collect()
    }

    /// Its condition, in each way that the stack's own conditions may choose.
    pub(crate) fn conditions(&self) -> Vec<Value> {
        let Some(condition) = self.body.get("Condition") else {
            return vec![json!({})];
        };
        match condition.get("Fn::If") {
            Some(choice) => vec![choice[1].clone(), choice[2].clone()],
            None => vec![condition.clone()],
        }
    }

    /// Whether, whichever way is chosen, an operator holds this key to something in particular.
    pub(crate) fn holds(&self, operators: &[&str], key: &str) -> bool {
        let particular = |values: &Value| !values.is_null() && !listed(values).contains(&&json!("*"));
        let held = |condition: &Value| operators.iter().any(|operator| particular(&condition[operator][key]));
        self.conditions().iter().all(held)
    }

    /// Whether, whichever way is chosen, the key must be there.
    pub(crate) fn requires(&self, key: &str) -> bool {
        self.conditions()
            .iter()
            .all(|condition| condition["Null"][key] == "false")
    }
}
