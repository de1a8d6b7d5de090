//! Answers for programs.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::json;
use steward::steers;

/// An answer as JSON, in which whatever would steer a terminal is written as an escape: names and tags are other people's.
pub(crate) fn text(answer: impl Serialize) -> String {
    escaped(&format!("{:#}", json!(answer)))
}

/// The same of an answer that is too long to be held twice.
pub(crate) fn long_text(answer: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(answer).unwrap_or_default();
    if text.chars().any(|c| c != '\n' && steers(c)) {
        escaped(&text)
    } else {
        text
    }
}

fn escaped(answer: &str) -> String {
    let mut text = String::new();
    for c in answer.chars() {
        // Line ends are what pretty printing puts between members: those inside of strings JSON itself escapes.
        if c == '\n' || !steers(c) {
            text.push(c);
        } else {
            let _ = write!(text, "\\u{:04x}", u32::from(c));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    use clap::CommandFactory as _;

    use super::*;
    use crate::arguments::Arguments;

    #[test]
    fn what_others_wrote_steers_no_terminal_and_is_read_back_as_it_was() {
        let name = "web\u{1b}[2J\u{9b}2J\u{7f}\u{202e}gnp\n\"größer\"";
        let told = text(json!({ "name": name }));
        assert_eq!(told.lines().count(), 3);
        assert!(told.chars().all(|c| c == '\n' || !steers(c)), "{told:?}");
        let read: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(read["name"], name);
    }

    /// Commands with an answer for programs, by their words.
    fn answering(command: &clap::Command, words: &[&str], found: &mut BTreeSet<String>) {
        let format = command.get_arguments().find(|argument| argument.get_id() == "format");
        let values = format.map(clap::Arg::get_possible_values).unwrap_or_default();
        if values.iter().any(|value| value.get_name() == "json") {
            found.insert(words.join("-"));
        }
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            answering(sub, &[words, &[sub.get_name()]].concat(), found);
        }
    }

    #[test]
    fn every_answer_for_programs_has_a_schema_and_every_schema_a_command() {
        let mut command = Arguments::command();
        command.build();
        let mut answers = BTreeSet::new();
        answering(&command, &[], &mut answers);
        // Of one target, of one channel, and of what a release would set off, it is another answer.
        answers.extend(["evidence-target", "channel-history", "plan-build-if-parent"].map(String::from));
        let folder = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../../docs/answers");
        let files = std::fs::read_dir(folder).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let schemas: BTreeSet<String> = names.map(|name| name.replace(".schema.json", "")).collect();
        assert_eq!(answers, schemas);
    }
}
