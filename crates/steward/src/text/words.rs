use std::fmt;

use serde::{Deserialize, Serialize};

/// As much of somebody's message as is worth keeping.
const MOST_KEPT: usize = 1_000;

/// What others wrote, fit to keep and to show: one line, of a bounded length, and nothing in it that moves a cursor or turns
/// the direction of writing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Words(String);

impl Words {
    /// Them as one can read them.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        let harmless = |c: char| if steers(c) { ' ' } else { c };
        let mut kept: String = text.trim().chars().take(MOST_KEPT).map(harmless).collect();
        if text.trim().chars().count() > MOST_KEPT {
            kept.push('…');
        }
        Self(kept)
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Words> for String {
    fn from(words: Words) -> Self {
        words.0
    }
}

impl fmt::Display for Words {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether a character does something to what shows it: a control character, or one that breaks a line or turns it around
/// although Unicode calls it no control character.
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_others_are_one_bounded_line_that_steers_no_terminal() {
        let words = |text: &str| Words::from(text).to_string();
        assert_eq!(
            words(" exit\nstatus\t1\u{1b}[2J\u{202e}gnp \n"),
            "exit status 1 [2J gnp"
        );
        assert_eq!(words("größer als 漢字"), "größer als 漢字");
        assert_eq!(words(&"é".repeat(1_000)), "é".repeat(1_000));
        let long = Words::from("é".repeat(1_001));
        assert_eq!(long.to_string(), format!("{}…", "é".repeat(1_000)));
        let read: Words = serde_json::from_str("\"a\\u001b\"").unwrap();
        assert_eq!(read.as_str(), "a ");
    }
}
