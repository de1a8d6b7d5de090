use std::fmt;

use super::document::{Problem, Span};

/// Lines longer than this are cut around what they show.
const MOST_SHOWN: usize = 100;

/// One thing that is wrong with a file: where, what, and what would be right.
///
/// It prints over several lines, with the line it is about and a caret under what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub level: Level,
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1; none: the file as a whole.
    pub line: Option<usize>,
    /// The column, from 1, in characters.
    pub column: Option<usize>,
    /// Which part of the manifest: `distribute.regions.eu-west-1`.
    pub path: String,
    /// What is wrong.
    pub what: String,
    /// What would be right, where `what` does not say it.
    pub right: Option<String>,
    excerpt: Option<Excerpt>,
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The manifest is refused.
    Error,
    /// It is taken; somebody should look all the same.
    Warning,
}

impl Level {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Excerpt {
    line: String,
    /// Characters before the caret, and how many it is wide.
    caret: (usize, usize),
}

impl Diagnostic {
    pub(super) fn new(level: Level, file: &str, text: &[u8], problem: Problem) -> Self {
        let Problem { at, path, what, right } = problem;
        Self {
            level,
            file: file.to_owned(),
            line: at.map(|span| span.line),
            column: at.map(|span| span.column),
            path: path.to_string(),
            what,
            right,
            excerpt: at.map(|span| Excerpt::of(text, span)),
        }
    }

    /// Something about a file that could not be read at all.
    pub fn of_file(file: &str, what: impl fmt::Display, right: impl fmt::Display) -> Self {
        Self {
            level: Level::Error,
            file: file.to_owned(),
            line: None,
            column: None,
            path: String::new(),
            what: what.to_string(),
            right: Some(right.to_string()),
            excerpt: None,
        }
    }
}

impl Excerpt {
    fn of(text: &[u8], span: Span) -> Self {
        let line = text.split(|byte| *byte == b'\n').nth(span.line - 1).unwrap_or_default();
        // What could move the cursor of a terminal is shown as one character; a tab too, or the caret would be elsewhere.
        let shown = |c: char| match c {
            '\t' => ' ',
            c if c.is_control() => '\u{fffd}',
            c => c,
        };
        let line: Vec<char> = String::from_utf8_lossy(line).trim_end().chars().map(shown).collect();
        let before = (span.column - 1).min(line.len());
        let start = if before + span.width > MOST_SHOWN {
            before.saturating_sub(MOST_SHOWN / 2)
        } else {
            0
        };
        let mut cut: String = line.iter().skip(start).take(MOST_SHOWN).collect();
        let mut caret = before - start;
        let width = span.width.min(MOST_SHOWN.saturating_sub(caret)).max(1);
        if start > 0 {
            cut.insert(0, '…');
            caret += 1;
        }
        if line.len() > start + MOST_SHOWN {
            cut.push('…');
        }
        Self {
            line: cut,
            caret: (caret, width),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.level.as_str(), self.what)?;
        let number = self.line.map(|line| line.to_string()).unwrap_or_default();
        let pad = " ".repeat(number.len());
        write!(f, "{pad}--> {}", self.file)?;
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, ":{line}:{column}")?;
        }
        if !self.path.is_empty() {
            write!(f, " ({})", self.path)?;
        }
        writeln!(f)?;
        if let Some(Excerpt {
            line,
            caret: (before, width),
        }) = &self.excerpt
        {
            writeln!(f, "{pad} |")?;
            writeln!(f, "{number} | {line}")?;
            writeln!(f, "{pad} | {}{}", " ".repeat(*before), "^".repeat(*width))?;
        }
        if let Some(right) = &self.right {
            writeln!(f, "{pad} = {right}")?;
        }
        Ok(())
    }
}
