//! I11: what was written down before and after each call, as the table's own ledger has it.

use std::collections::BTreeMap;

use image_plane::{Mutation, Time};
use serde_json::Value;

/// An attempt at a step, from when it was written down.
#[derive(Clone, Debug)]
struct Attempt {
    step: String,
    number: u64,
    begun: String,
    from: Time,
    to: Option<Time>,
}

/// Every attempt that was ever written down, by its function and target.
#[derive(Debug, Default)]
pub(super) struct Steps {
    read: usize,
    of: BTreeMap<String, Vec<Attempt>>,
}

impl Steps {
    /// Reads what was written since it was last read.
    pub(super) fn read(&mut self, ledger: &[Mutation]) {
        for write in &ledger[self.read..] {
            if write.outcome.is_ok() {
                self.write(write);
            }
        }
        self.read = ledger.len();
    }

    fn write(&mut self, write: &Mutation) {
        let request: Value = serde_json::from_str(&write.request).unwrap();
        let key = |name: &str| request["Key"][name]["S"].as_str().unwrap_or_default().to_owned();
        let (pk, sk) = (key("pk"), key("sk"));
        if !pk.starts_with("OPEN#apply") && !pk.starts_with("OPEN#tag") {
            return;
        }
        let set = set_by(&request);
        let attempts = self.of.entry(pk).or_default();
        let begun = set.get("begun").and_then(|value| value["S"].as_str());
        if let Some(begun) = begun {
            attempts.push(Attempt {
                step: sk,
                number: set["attempt"]["N"].as_str().unwrap().parse().unwrap(),
                begun: begun.to_owned(),
                from: write.at,
                to: None,
            });
        } else {
            // It failed, or it is done: a deletion.
            let open = attempts
                .iter_mut()
                .filter(|attempt| attempt.step == sk && attempt.to.is_none());
            open.for_each(|attempt| attempt.to = Some(write.at));
        }
    }

    /// Whether a call was written down in its target, and was not over yet when it was made: by what it is about, where the function
    /// names that.
    pub(super) fn covers(&self, function: &str, call: &Mutation, about: &str) -> bool {
        let Mutation { target, at, .. } = call;
        let pk = format!("OPEN#{function}#{}#{}", target.account, target.region.name());
        let mut attempts = self.of.get(&pk).into_iter().flatten();
        let names = |attempt: &Attempt| function != "apply-pruning" || attempt.step.contains(about);
        attempts.any(|attempt| names(attempt) && attempt.from <= *at && attempt.to.is_none_or(|to| *at <= to))
    }

    /// Attempts of which it is not known how they ended.
    pub(super) fn open(&self) -> Vec<String> {
        let open = self.of.iter().flat_map(|(pk, attempts)| {
            let open = attempts.iter().filter(|attempt| attempt.to.is_none());
            open.map(move |attempt| format!("{pk} {}, attempt {}", attempt.step, attempt.number))
        });
        open.collect()
    }

    /// How the journal ends the sort key of each attempt's outcome.
    pub(super) fn outcomes(&self) -> Vec<String> {
        let of = self.of.iter().flat_map(|(pk, attempts)| {
            let mut parts = pk.trim_start_matches("OPEN#").splitn(2, '#');
            let (function, target) = (parts.next().unwrap(), parts.next().unwrap().replace('#', "/"));
            attempts.iter().map(move |attempt| {
                let Attempt {
                    step, number, begun, ..
                } = attempt;
                format!("J#{begun}#{function}#{target}#{step}#{number}")
            })
        });
        of.collect()
    }
}

/// What an update sets, by the attributes' names.
fn set_by(request: &Value) -> BTreeMap<String, Value> {
    let names = request["ExpressionAttributeNames"].as_object();
    let values = &request["ExpressionAttributeValues"];
    let set = names.into_iter().flatten().filter_map(|(stands_for, name)| {
        let number = stands_for.strip_prefix("#m")?;
        let value = values.get(format!(":m{number}"))?;
        Some((name.as_str()?.to_owned(), value.clone()))
    });
    set.collect()
}
