//! How far a command is that takes its time: one line, written over, and gone in the end.

use std::io::{self, IsTerminal as _, Stderr, Write};

use crate::terminal::one_line;

/// Takes away what stands in the line.
const CLEAR: &str = "\r\u{1b}[2K";

/// The line.
pub(crate) struct Progress<W: Write = Stderr> {
    /// None: nobody looks.
    to: Option<W>,
    shown: bool,
}

impl Progress {
    /// On the terminal, where somebody looks at it. What is asked for goes another way, and is not disturbed.
    pub(crate) fn at_terminal() -> Self {
        let stderr = io::stderr();
        Self::to(stderr.is_terminal().then_some(stderr))
    }
}

impl<W: Write> Progress<W> {
    const fn to(to: Option<W>) -> Self {
        Self { to, shown: false }
    }

    /// Says what is done now. That it cannot be said holds up nothing.
    pub(crate) fn shows(&mut self, what: &str) {
        if let Some(to) = &mut self.to {
            let _ = write!(to, "{CLEAR}{}…", one_line(what)).and_then(|()| to.flush());
            self.shown = true;
        }
    }
}

impl<W: Write> Drop for Progress<W> {
    fn drop(&mut self) {
        if let Some(to) = self.to.as_mut().filter(|_| self.shown) {
            let _ = to.write_all(CLEAR.as_bytes()).and_then(|()| to.flush());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_written_over_and_is_gone_in_the_end_and_nothing_is_written_where_nobody_looks() {
        let mut terminal = Vec::new();
        let mut progress = Progress::to(Some(&mut terminal));
        progress.shows("one");
        progress.shows("two\u{1b}[31m");
        drop(progress);
        let all = format!("{CLEAR}one…{CLEAR}two [31m…{CLEAR}");
        assert_eq!(String::from_utf8(terminal).unwrap(), all);
        let mut quiet = Vec::new();
        drop(Progress::to(Some(&mut quiet)));
        assert!(quiet.is_empty());
        Progress::<Vec<u8>>::to(None).shows("one");
    }
}
