//! The steps of `cargo xtask test`, as data.

/// One check of everything there is.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    /// What is true once it has passed.
    pub(crate) claim: &'static str,
    pub(crate) action: Action,
    /// What to do about it when it fails.
    pub(crate) advice: &'static str,
}

pub(crate) enum Action {
    /// One cargo command, with the variables it needs.
    Cargo {
        arguments: &'static [&'static str],
        variables: &'static [(&'static str, &'static str)],
    },
    /// Installs the Python tools that tests drive.
    Python,
    /// Runs the tests and counts them.
    Tests,
    /// Brings a local cloud up, and runs the tests of the deployed system against it.
    Deployed,
    /// Installs cargo-deny and runs it.
    Deny,
}

pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        claim: "the sources are formatted",
        action: Action::Cargo {
            arguments: &["fmt", "--all", "--check", "--", "--color", "never"],
            variables: &[],
        },
        advice: "run `cargo fmt --all`",
    },
    Step {
        name: "clippy",
        claim: "clippy has nothing to say about any crate, test or example",
        action: Action::Cargo {
            arguments: &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--locked",
                "--",
                "-D",
                "warnings",
            ],
            variables: &[],
        },
        advice: "mend what clippy names above",
    },
    Step {
        name: "python",
        claim: "the Python tools that tests drive are installed",
        action: Action::Python,
        advice: "make sure that python3 has its venv module, and that its package index can be reached this once",
    },
    Step {
        name: "tests",
        claim: "every test passes",
        action: Action::Tests,
        advice: "mend what is named above",
    },
    Step {
        name: "deployed",
        claim: "every test of the system deployed in a local cloud passes",
        action: Action::Deployed,
        advice: "mend what is named above, or look into the logs beside the one it names",
    },
    Step {
        name: "docs",
        claim: "the libraries' documentation builds, and its links lead somewhere",
        // `--examples` changes nothing but the features: with it cargo unifies them as for tests, so that the SDK
        // is not checked a second time. `--bins` would clash with libraries of the same name. See decision 0004.
        action: Action::Cargo {
            arguments: &["doc", "--workspace", "--no-deps", "--lib", "--examples", "--locked"],
            variables: &[("RUSTDOCFLAGS", "-D warnings")],
        },
        advice: "mend what rustdoc names above",
    },
    Step {
        name: "deny",
        claim: "every dependency is one we want, under a licence we accept, from the registry",
        action: Action::Deny,
        advice: "change the dependency, or deny.toml with the reason as a comment",
    },
];

/// The named steps in the order of [`STEPS`], or all of them if none is named.
pub(crate) fn choose(names: &[String]) -> Result<Vec<&'static Step>, String> {
    if let Some(unknown) = names
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != name.as_str()))
    {
        let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        return Err(format!("there is no step `{unknown}`; there are {}.", known.join(", ")));
    }
    Ok(STEPS
        .iter()
        .filter(|step| names.is_empty() || names.iter().any(|name| name == step.name))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_of(steps: &[&Step]) -> Vec<&'static str> {
        steps.iter().map(|step| step.name).collect()
    }

    #[test]
    fn steps_run_in_their_own_order_whatever_the_callers() {
        let chosen = choose(&["docs".to_owned(), "fmt".to_owned()]).unwrap();
        assert_eq!(names_of(&chosen), ["fmt", "docs"]);
    }

    #[test]
    fn an_unknown_step_is_answered_with_those_there_are() {
        let mistake = choose(&["fmt".to_owned(), "formt".to_owned()]).err().unwrap();
        assert_eq!(
            mistake,
            "there is no step `formt`; there are fmt, clippy, python, tests, deployed, docs, deny."
        );
    }

    #[test]
    fn every_cargo_step_but_formatting_keeps_to_the_lock_file() {
        for step in STEPS {
            if let Action::Cargo { arguments, .. } = step.action {
                assert!(arguments.contains(&"--locked") || step.name == "fmt", "{}", step.name);
            }
        }
    }
}
