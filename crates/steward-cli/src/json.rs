//! Answers for programs.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::json;
use steward::steers;

/// An answer as JSON, in which whatever would steer a terminal is written as an escape: names and tags are other people's.
pub(crate) fn text(answer: impl Serialize) -> String {
    let mut text = String::new();
    for c in format!("{:#}", json!(answer)).chars() {
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
    use super::*;

    #[test]
    fn what_others_wrote_steers_no_terminal_and_is_read_back_as_it_was() {
        let name = "web\u{1b}[2J\u{9b}2J\u{7f}\u{202e}gnp\n\"größer\"";
        let told = text(json!({ "name": name }));
        assert_eq!(told.lines().count(), 3);
        assert!(told.chars().all(|c| c == '\n' || !steers(c)), "{told:?}");
        let read: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(read["name"], name);
    }
}
