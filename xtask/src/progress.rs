//! Long steps: what is being done, for how long already, and what its program says; the rest goes to a log.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::process;

const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Without a terminal a line that comes this often shows that something still happens.
const SAY_EVERY: Duration = Duration::from_secs(30);
/// Of a program's last line.
const SHOWN: usize = 60;

/// The steps of a long command, one after the other.
pub(crate) struct Steps {
    total: usize,
    at: usize,
    log: PathBuf,
    terminal: bool,
}

/// A step that is being done.
pub(crate) struct Progress<'a> {
    steps: &'a Steps,
    title: String,
    start: Instant,
}

impl Steps {
    /// So many steps, their programs' output in this file.
    pub(crate) fn new(total: usize, log: &Path) -> Result<Self, Failure> {
        if let Some(folder) = log.parent() {
            std::fs::create_dir_all(folder).map_err(Failure::of_file(folder))?;
        }
        File::create(log).map_err(Failure::of_file(log))?;
        Ok(Self {
            total,
            at: 0,
            log: log.to_owned(),
            terminal: io::stdout().is_terminal(),
        })
    }

    /// Does the next step, and says how long it took.
    pub(crate) fn step<T>(
        &mut self,
        title: &str,
        work: impl FnOnce(&mut Progress<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.at += 1;
        let title = format!("[{}/{}] {title}", self.at, self.total);
        if self.terminal {
            print!("{title}");
            let _ = io::stdout().flush();
        } else {
            println!("{title}");
        }
        let start = Instant::now();
        let mut progress = Progress {
            steps: self,
            title: title.clone(),
            start,
        };
        let result = work(&mut progress);
        let took = duration(start.elapsed());
        let how = if result.is_ok() { "" } else { "failed after " };
        if self.terminal {
            println!("\r\x1b[2K{title}: {how}{took}");
        } else {
            println!("{title}: {how}{took}");
        }
        result
    }
}

impl Progress<'_> {
    /// Runs a program to its end, its output in the log.
    pub(crate) fn run(&mut self, command: &mut Command) -> Result<(), Failure> {
        let not_started = |command: &Command, error| Failure::NotStarted {
            program: command.get_program().to_string_lossy().into_owned(),
            error,
        };
        let log = &self.steps.log;
        let output = OpenOptions::new()
            .append(true)
            .open(log)
            .map_err(Failure::of_file(log))?;
        let errors = output.try_clone().map_err(Failure::of_file(log))?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .map_err(|error| not_started(command, error))?;
        let mut said = Instant::now();
        loop {
            if let Some(status) = child.try_wait().map_err(|error| not_started(command, error))? {
                return if status.success() {
                    Ok(())
                } else {
                    Err(Failure::Logged {
                        command: process::shown(command),
                        status,
                        last: last_line(log),
                        log: log.clone(),
                    })
                };
            }
            thread::sleep(LOOK_EVERY);
            self.say(&mut said, &last_line(log));
        }
    }

    /// Waits for a fact, so long at most; what it waits for is shown.
    pub(crate) fn wait_for(
        &mut self,
        what: &str,
        at_most: Duration,
        mut fact: impl FnMut() -> bool,
    ) -> Result<(), Failure> {
        let (start, mut said) = (Instant::now(), Instant::now());
        while !fact() {
            if start.elapsed() > at_most {
                return Err(Failure::NotSeen {
                    what: what.to_owned(),
                    after: at_most,
                    log: self.steps.log.clone(),
                });
            }
            thread::sleep(LOOK_EVERY);
            self.say(&mut said, what);
        }
        Ok(())
    }

    fn say(&self, said: &mut Instant, what: &str) {
        let what: String = what.chars().filter(|letter| !letter.is_control()).take(SHOWN).collect();
        let since = duration(self.start.elapsed());
        if self.steps.terminal {
            print!("\r\x1b[2K{}: {since}  {what}", self.title);
            let _ = io::stdout().flush();
        } else if said.elapsed() >= SAY_EVERY {
            *said = Instant::now();
            println!("{}: still at it after {since}: {what}", self.title);
        }
    }
}

/// What a program said last.
fn last_line(log: &Path) -> String {
    const TAIL: u64 = 2000;
    let mut text = Vec::new();
    let read = File::open(log).and_then(|mut file| {
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        file.read_to_end(&mut text)
    });
    let text = read
        .map(|_| String::from_utf8_lossy(&text).into_owned())
        .unwrap_or_default();
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty());
    line.unwrap_or_default().to_owned()
}

pub(crate) fn duration(took: Duration) -> String {
    let seconds = took.as_secs();
    if seconds < 60 {
        format!("{:.1} s", took.as_secs_f64())
    } else {
        format!("{} min {} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(name: &str) -> Steps {
        let log = std::env::temp_dir().join(format!("steward-progress-{}-{name}", std::process::id()));
        Steps::new(1, &log).unwrap()
    }

    #[test]
    fn a_program_that_fails_is_told_with_its_last_line_and_its_log() {
        let mut steps = steps("fails");
        let log = steps.log.clone();
        let failure = steps.step("trying", |progress| {
            progress.run(Command::new("sh").args(["-c", "echo before; echo it is broken >&2; echo; exit 3"]))
        });
        let sentence = failure.err().unwrap().to_string();
        assert!(
            sentence.ends_with(&format!(
                "exit code 3, saying \"it is broken\" (all of it: {})",
                log.display()
            )),
            "{sentence}"
        );
    }

    #[test]
    fn a_fact_that_does_not_come_is_named() {
        let failure = steps("waits").step("waiting", |progress| {
            progress.wait_for("a cow that flies", Duration::ZERO, || false)
        });
        assert!(
            failure
                .err()
                .unwrap()
                .to_string()
                .starts_with("a cow that flies was not seen within 0.0 s")
        );
    }

    #[test]
    fn a_fact_that_is_there_is_not_waited_for() {
        assert!(
            steps("there")
                .step("waiting", |progress| progress.wait_for("it", Duration::ZERO, || true))
                .is_ok()
        );
    }
}
