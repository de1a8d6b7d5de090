//! A person at a terminal.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use clap::builder::StyledStr;
use steward::steers;

use crate::failure::Failure;

/// A text of several lines with nothing else in it that would steer a terminal: names, tags and messages are other people's.
pub(crate) fn harmless(text: &str) -> String {
    let harmless = |c: char| if steers(c) && c != '\n' && c != '\t' { ' ' } else { c };
    text.chars().map(harmless).collect()
}

/// A text in colours where somebody sees them.
pub(crate) fn styled(text: &StyledStr) -> String {
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    if wanted && io::stdout().is_terminal() && io::stderr().is_terminal() {
        text.ansi().to_string()
    } else {
        text.to_string()
    }
}

/// The same in one line.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}

/// Asks, and gives the answer's line as it was typed; empty only where the input has ended.
pub(crate) fn ask(question: &str) -> Result<String, Failure> {
    let failed = |error: io::Error| Failure::Mistake(format!("no answer could be read: {error}."));
    let mut out = io::stdout().lock();
    write!(out, "{} ", harmless(question))
        .and_then(|()| out.flush())
        .map_err(failed)?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(failed)?;
    Ok(line)
}

/// Asks for a yes. Where nobody can be asked, what to do instead is all there is to say.
pub(crate) fn agree(question: &str, otherwise: &str) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::Mistake(otherwise.to_owned()));
    }
    match ask(&format!("{question} [y/N]"))?.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(Failure::Mistake(String::from("nothing was done."))),
    }
}

/// Asks whether that is meant, unless somebody said yes beforehand.
pub(crate) fn agreed(yes: bool, what: &str) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    let otherwise = format!("{what} Nobody can be asked here: add --yes.");
    agree(&format!("{what}\n\nGo on?"), &otherwise)
}
