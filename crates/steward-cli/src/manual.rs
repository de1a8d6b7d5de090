//! That the manual, and what the command says of itself, name no command that is not there.

use std::fs;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{Command, CommandFactory as _, Parser as _};

use crate::arguments::Arguments;

/// What stands for a number.
const NUMBERS: [&str; 1] = ["LISTED"];

/// A line of the manual, with where it is.
struct Line {
    page: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The README, what is in docs/, and why it was decided.
fn pages() -> Vec<PathBuf> {
    let docs = root().join("docs");
    let folders = [docs.join("decisions"), docs];
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut pages: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    pages.retain(|page| page.extension().is_some_and(|end| end == "md"));
    pages.push(root().join("README.md"));
    pages.sort();
    pages
}

/// Each `steward …` of a page: of its code, in the line and in blocks.
fn lines(page: &Path) -> Vec<Line> {
    let text = fs::read_to_string(page).unwrap();
    let mut found = Vec::new();
    // Blocks and what is between them take turns.
    for (n, part) in text.split("```").enumerate() {
        if n % 2 == 1 {
            let block = part.replace("\\\n", " ");
            found.extend(block.lines().map(|line| line.trim_start_matches("$ ").to_owned()));
        } else {
            found.extend(part.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    let found = found
        .iter()
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    found
        .filter(|text| text.starts_with("steward ") && *text != "steward …")
        .map(|text| Line {
            page: page.file_name().unwrap().to_string_lossy().into_owned(),
            text,
        })
        .collect()
}

/// The words of a line as a shell gives them, to where its answer goes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    let words = words
        .into_iter()
        .take_while(|word| !["|", ">", "#"].contains(&word.as_str()));
    words
        .map(|word| {
            if NUMBERS.contains(&word.as_str()) {
                String::from("1")
            } else {
                word
            }
        })
        .collect()
}

/// What the command itself says is wrong with a line; none: nothing.
fn wrong(line: &str) -> Option<(ErrorKind, String)> {
    let error = Arguments::try_parse_from(words(line)).err()?;
    (error.kind() != ErrorKind::DisplayVersion).then(|| (error.kind(), error.to_string()))
}

/// The examples of a command and of all below it.
fn examples(command: &Command) -> Vec<String> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let own = help.lines().map(str::trim).filter(|line| line.starts_with("steward "));
    let below = command.get_subcommands().flat_map(examples);
    own.map(str::to_owned).chain(below).collect()
}

#[test]
fn the_manual_names_no_command_and_no_word_of_one_that_is_not_there() {
    let all: Vec<Line> = pages().iter().flat_map(|page| lines(page)).collect();
    assert!(all.len() > 100, "{}", all.len());
    // A sentence may leave out what everybody has to say beside.
    let unsaid = [
        ErrorKind::MissingRequiredArgument,
        ErrorKind::MissingSubcommand,
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
    ];
    let wrong: Vec<String> = all
        .iter()
        .filter_map(|Line { page, text }| {
            let (kind, says) = wrong(text)?;
            (!unsaid.contains(&kind)).then(|| format!("{page}: {text}: {says}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_example_of_the_help_is_whole() {
    let examples = examples(&Arguments::command());
    assert!(examples.len() > 30, "{}", examples.len());
    for example in examples {
        assert_eq!(wrong(&example), None, "{example}");
    }
}

#[test]
fn a_command_a_flag_and_a_value_that_are_not_there_are_found() {
    for line in [
        "steward keep ami-1",
        "steward hold ami-1 --for 3d",
        "steward explain web --format yaml",
    ] {
        assert!(wrong(line).is_some(), "{line}");
    }
}
