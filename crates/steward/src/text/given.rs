use std::fmt;

/// Longer than any valid word, short enough for one line of a log.
const MOST_CHARACTERS: usize = 300;

/// What somebody wrote, as an error quotes it: escaped, and cut when it is long.
///
/// Tags, names and events can be written by strangers: quoting them must neither forge a log line nor fill a disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    start: String,
    cut: bool,
}

impl Given {
    pub(crate) fn new(text: &str) -> Self {
        let mut characters = text.chars();
        let start = characters.by_ref().take(MOST_CHARACTERS).collect();
        Self {
            start,
            cut: characters.next().is_some(),
        }
    }
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}{}", self.start, if self.cut { "…" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_text_cannot_forge_a_log_line() {
        assert_eq!(
            Given::new("ami-1\nERROR \"\u{202e}").to_string(),
            r#""ami-1\nERROR \"\u{202e}""#
        );
    }

    #[test]
    fn long_text_is_cut_and_shows_it() {
        let whole = "é".repeat(300);
        assert_eq!(Given::new(&whole).to_string(), format!("{whole:?}"));
        assert_eq!(Given::new(&format!("{whole}é")).to_string(), format!("{whole:?}…"));
    }
}
