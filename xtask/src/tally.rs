//! How many tests ran, read from what the test runners print.

use std::fmt;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

/// Who prints. Each shows the output of failing tests, which may look like the other's: only its own lines count.
#[derive(Clone, Copy)]
pub(crate) enum Runner {
    Nextest,
    CargoTest,
}

impl Tally {
    /// Adds what this line of the runner's says, if it is one that counts tests.
    pub(crate) fn read(&mut self, runner: Runner, line: &str) {
        let counted = match runner {
            Runner::Nextest => nextest(line),
            Runner::CargoTest => cargo_test(line),
        };
        if let Some(counted) = counted {
            self.add(counted);
        }
    }

    /// Adds what another counted.
    pub(crate) const fn add(&mut self, other: Self) {
        let Self {
            passed,
            failed,
            skipped,
        } = other;
        self.passed += passed;
        self.failed += failed;
        self.skipped += skipped;
    }

    pub(crate) fn is_empty(self) -> bool {
        self.passed + self.failed == 0
    }

    fn of_parts<'a>(parts: impl Iterator<Item = &'a str>) -> Self {
        let mut tally = Self::default();
        for (count, what) in parts.filter_map(|part| part.trim().split_once(' ')) {
            let Ok(count) = count.parse::<u64>() else { continue };
            match what.trim() {
                "passed" => tally.passed += count,
                "failed" | "exec failed" | "timed out" => tally.failed += count,
                "skipped" | "ignored" => tally.skipped += count,
                _ => {}
            }
        }
        tally
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// `     Summary [   0.005s] 5 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 2 skipped`
fn nextest(line: &str) -> Option<Tally> {
    // Nextest aligns it so; a test's own output stands further to the right.
    let counts = line.strip_prefix("     Summary [")?.split_once(" run: ")?.1;
    Some(Tally::of_parts(without_brackets(counts).split(',')))
}

/// `test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.01s`
fn cargo_test(line: &str) -> Option<Tally> {
    let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    Some(Tally::of_parts(counts.split(';')))
}

/// Nextest's brackets name some of the tests that were counted before them.
fn without_brackets(counts: &str) -> String {
    let mut depth = 0;
    counts
        .chars()
        .filter(|character| {
            match character {
                '(' => depth += 1,
                ')' => {
                    depth -= 1;
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(runner: Runner, lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for line in lines {
            tally.read(runner, line);
        }
        tally
    }

    fn counts(passed: u64, failed: u64, skipped: u64) -> Tally {
        Tally {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn nextests_summary_is_read() {
        let line = "     Summary [   0.005s] 12 tests run: 12 passed, 0 skipped";
        assert_eq!(tally(Runner::Nextest, &[line]), counts(12, 0, 0));
    }

    #[test]
    fn tests_that_crash_or_hang_have_failed() {
        let line = "     Summary [   9.005s] 9/10 tests run: 4 passed, 3 failed, 1 exec failed, 1 timed out, 2 skipped";
        assert_eq!(tally(Runner::Nextest, &[line]), counts(4, 5, 2));
    }

    #[test]
    fn what_stands_in_brackets_is_not_counted_twice() {
        let line =
            "     Summary [   9.005s] 9 tests run: 7 passed (2 slow, 1 leaky), 2 failed (1 failed to leak), 0 skipped";
        assert_eq!(tally(Runner::Nextest, &[line]), counts(7, 2, 0));
    }

    #[test]
    fn cargo_tests_lines_add_up_over_the_test_binaries() {
        let lines = [
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 5 filtered out; finished in 0.00s",
            "test counts_are_read ... ok",
            "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s",
        ];
        assert_eq!(tally(Runner::CargoTest, &lines), counts(5, 1, 1));
    }

    #[test]
    fn a_failing_tests_own_output_is_not_taken_for_nextests() {
        let lines = [
            "test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.00s",
            "         Summary [   0.005s] 12 tests run: 12 passed, 0 skipped",
        ];
        assert!(tally(Runner::Nextest, &lines).is_empty());
    }

    #[test]
    fn the_closing_line_leaves_out_skipped_tests_when_there_are_none() {
        assert_eq!(counts(3, 0, 0).to_string(), "3 passed, 0 failed");
        assert_eq!(counts(3, 1, 2).to_string(), "3 passed, 1 failed, 2 skipped");
    }
}
