//! Runs a command, its output passed on as it comes.

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::thread;

use crate::failure::Failure;

/// Runs it with our own output streams.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| not_started(command, error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Unsuccessful {
            command: shown(command),
            status,
        })
    }
}

/// Runs it, shows each line to `reader` on its way to our own output streams.
pub(crate) fn run_reading(command: &mut Command, reader: &(impl Fn(&str) + Sync)) -> Result<(), Failure> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(command, error))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let status = thread::scope(|scope| {
        scope.spawn(move || out.map(|out| pass_on(out, &mut io::stdout(), reader)));
        scope.spawn(move || err.map(|err| pass_on(err, &mut io::stderr(), reader)));
        child.wait()
    })
    .map_err(|error| not_started(command, error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Unsuccessful {
            command: shown(command),
            status,
        })
    }
}

/// What it prints, if it can be started and succeeds.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let program = program.rsplit('/').next().unwrap_or(&program).to_owned();
    let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
    std::iter::once(program).chain(words).collect::<Vec<_>>().join(" ")
}

/// Copies line by line. A reader of ours that has gone away must not block the child: it is read to its end.
fn pass_on(from: impl Read, to: &mut impl Write, reader: &impl Fn(&str)) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let _ = to.write_all(&line).and_then(|()| to.flush());
        reader(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
}

fn not_started(command: &Command, error: io::Error) -> Failure {
    Failure::NotStarted {
        program: command.get_program().to_string_lossy().into_owned(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn every_line_is_passed_on_as_it_is_and_read_without_its_end() {
        let (mut passed, read) = (Vec::new(), RefCell::new(Vec::new()));
        pass_on(&b"one\r\ntw\xffo\nlast"[..], &mut passed, &|line: &str| {
            read.borrow_mut().push(line.to_owned());
        });
        assert_eq!(passed, b"one\r\ntw\xffo\nlast");
        assert_eq!(read.into_inner(), ["one", "tw\u{fffd}o", "last"]);
    }

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = Command::new("/opt/rust/bin/cargo");
        command.args(["fmt", "--all"]);
        assert_eq!(shown(&command), "cargo fmt --all");
    }
}
