//! Who may lean on whom. The order of the house is the table; the functions below only read it.

use crate::workspace::{Member, Workspace};

struct Rule {
    member: &'static str,
    /// The crates of ours that it is built on.
    leans_on: &'static [&'static str],
    /// The crates of ours that only its tests use.
    tests_with: &'static [&'static str],
    /// What it never names, not even for its tests: crates whose name begins so.
    never: &'static [&'static str],
}

/// A crate of AWS's SDK begins so.
const SDK: &str = "aws-sdk-";
/// The only crate built on the SDK. Tests of others may drive it.
const SPEAKS_AWS: &str = "steward-aws";
/// Its library is what its tests start from.
const ONLY_TESTS: &str = "steward-tests";
/// No Tokio, no AWS: the core stays free of input and output, and what needs neither builds in seconds.
const PURE: &[&str] = &["tokio", "aws-"];

const RULES: &[Rule] = &[
    Rule {
        member: "steward",
        leans_on: &[],
        tests_with: &[],
        never: PURE,
    },
    // The judge, not a party: it knows AWS, and nothing of what it judges.
    Rule {
        member: "image-plane",
        leans_on: &[],
        tests_with: &[],
        never: &[SDK],
    },
    Rule {
        member: SPEAKS_AWS,
        leans_on: &["steward"],
        tests_with: &["image-plane"],
        never: &[],
    },
    Rule {
        member: "steward-lambda",
        leans_on: &["steward", SPEAKS_AWS],
        tests_with: &["image-plane"],
        never: &[],
    },
    Rule {
        member: "steward-cli",
        leans_on: &["steward", SPEAKS_AWS],
        tests_with: &["image-plane"],
        never: &[],
    },
    function("trigger-builds"),
    function("record-lineage"),
    function("distribute-images"),
    function("prune-images"),
    Rule {
        member: ONLY_TESTS,
        leans_on: &["image-plane"],
        tests_with: &[
            "steward",
            SPEAKS_AWS,
            "steward-lambda",
            "steward-cli",
            "trigger-builds",
            "record-lineage",
            "distribute-images",
            "prune-images",
        ],
        never: &[],
    },
    // From outside, as people meet the system: no crate of ours, no SDK.
    Rule {
        member: "steward-deployed",
        leans_on: &[],
        tests_with: &[],
        never: PURE,
    },
    Rule {
        member: "xtask",
        leans_on: &[],
        tests_with: &[],
        never: PURE,
    },
];

const fn function(member: &'static str) -> Rule {
    Rule {
        member,
        leans_on: &["steward", SPEAKS_AWS, "steward-lambda"],
        tests_with: &["image-plane"],
        never: &[],
    }
}

/// One sentence for each rule that a member breaks.
pub(crate) fn broken_by(workspace: &Workspace) -> Vec<String> {
    workspace
        .members
        .iter()
        .flat_map(|member| broken_by_member(workspace, member))
        .collect()
}

fn broken_by_member(workspace: &Workspace, member: &Member) -> Vec<String> {
    let Some(rule) = RULES.iter().find(|rule| rule.member == member.name) else {
        return vec![format!(
            "`{}` has no rule: say in rules.rs what it may lean on",
            member.name
        )];
    };
    member
        .dependencies
        .iter()
        .filter_map(|dependency| {
            let name = dependency.name.as_str();
            let ours = workspace.member(name).is_some();
            let may_lean = rule.leans_on.contains(&name);
            let may_test = may_lean || rule.tests_with.contains(&name);
            if rule.never.iter().any(|prefix| name.starts_with(prefix)) {
                Some(format!("`{}` never names `{name}`", member.name))
            } else if ours && dependency.only_for_tests && !may_test {
                Some(format!("the tests of `{}` may not use `{name}`", member.name))
            } else if ours && !dependency.only_for_tests && !may_lean {
                Some(format!("`{}` may not lean on `{name}`", member.name))
            } else if name.starts_with(SDK)
                && !dependency.only_for_tests
                && ![SPEAKS_AWS, ONLY_TESTS].contains(&member.name.as_str())
            {
                Some(format!(
                    "`{}` names `{name}`, and only `{SPEAKS_AWS}` may be built on the SDK",
                    member.name
                ))
            } else {
                None
            }
        })
        .collect()
}

/// One sentence for each way in which testing the default members would build a crate of the SDK.
pub(crate) fn everyday_sdk(workspace: &Workspace) -> Vec<String> {
    let everyday = workspace.members.iter().filter(|member| member.everyday);
    everyday
        .flat_map(|member| sdk_built_for(workspace, member, &member.name, true))
        .collect()
}

/// Follows our own crates; the tests of those that are only leaned on are not built.
fn sdk_built_for(workspace: &Workspace, member: &Member, way: &str, tested: bool) -> Vec<String> {
    let built = member
        .dependencies
        .iter()
        .filter(|dependency| tested || !dependency.only_for_tests);
    built
        .flat_map(|dependency| {
            let way = format!("{way} → {}", dependency.name);
            match workspace.member(&dependency.name) {
                Some(ours) => sdk_built_for(workspace, ours, &way, false),
                None if dependency.name.starts_with(SDK) => {
                    vec![format!("the default members bring in the SDK: {way}")]
                }
                None => Vec::new(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    /// `"name: leaned-on (only-for-tests)"`, the default members marked with a star.
    fn workspace(members: &[&str]) -> Workspace {
        let members = members.iter().map(|line| {
            let (name, dependencies) = line.split_once(':').unwrap();
            let dependencies = dependencies.split_whitespace().map(|word| Dependency {
                name: word.trim_matches(['(', ')']).to_owned(),
                only_for_tests: word.starts_with('('),
            });
            Member {
                name: name.trim_start_matches('*').to_owned(),
                everyday: name.starts_with('*'),
                manifest: "Cargo.toml".into(),
                dependencies: dependencies.collect(),
            }
        });
        Workspace {
            members: members.collect(),
        }
    }

    fn broken(members: &[&str]) -> Vec<String> {
        broken_by(&workspace(members))
    }

    #[test]
    fn a_house_in_order_gives_no_cause_for_complaint() {
        let house = [
            "steward: jiff (proptest)",
            "image-plane: tokio aws-smithy-types",
            "steward-aws: steward aws-sdk-ec2 (image-plane)",
            "steward-lambda: steward steward-aws tokio",
            "steward-cli: steward steward-aws (image-plane)",
            "prune-images: steward-lambda (image-plane) (aws-sdk-ec2)",
            "steward-tests: (image-plane) (aws-sdk-ec2) (prune-images)",
            "xtask: (serde_json)",
        ];
        assert_eq!(broken(&house), Vec::<String>::new());
    }

    #[test]
    fn a_member_without_a_rule_is_refused() {
        assert_eq!(
            broken(&["newcomer:"]),
            ["`newcomer` has no rule: say in rules.rs what it may lean on"]
        );
    }

    #[test]
    fn the_pure_core_names_no_runtime_and_no_aws_crate_not_even_for_its_tests() {
        let complaints = [
            "`steward` never names `tokio-util`",
            "`steward` never names `aws-types`",
        ];
        assert_eq!(broken(&["steward: tokio-util (aws-types)"]), complaints);
    }

    #[test]
    fn nothing_leans_backwards() {
        let house = ["steward-aws: steward-lambda", "steward-lambda:"];
        assert_eq!(broken(&house), ["`steward-aws` may not lean on `steward-lambda`"]);
    }

    #[test]
    fn the_judge_is_only_for_tests_and_leans_on_no_party() {
        let house = ["steward-aws: image-plane", "image-plane: (steward)", "steward:"];
        let complaints = [
            "`steward-aws` may not lean on `image-plane`",
            "the tests of `image-plane` may not use `steward`",
        ];
        assert_eq!(broken(&house), complaints);
    }

    #[test]
    fn only_one_crate_is_built_on_the_sdk() {
        let complaint = "`steward-cli` names `aws-sdk-ec2`, and only `steward-aws` may be built on the SDK";
        assert_eq!(broken(&["steward-cli: aws-sdk-ec2 (aws-sdk-sts)"]), [complaint]);
    }

    #[test]
    fn the_sdk_is_found_behind_a_default_members_tests_and_behind_what_they_lean_on() {
        let house = [
            "*steward-cli: (aws-sdk-sts) steward-aws",
            "steward-aws: aws-sdk-ec2 (aws-sdk-dynamodb)",
        ];
        let complaints = [
            "the default members bring in the SDK: steward-cli → aws-sdk-sts",
            "the default members bring in the SDK: steward-cli → steward-aws → aws-sdk-ec2",
        ];
        assert_eq!(everyday_sdk(&workspace(&house)), complaints);
    }

    #[test]
    fn members_that_are_not_default_may_use_the_sdk() {
        assert_eq!(
            everyday_sdk(&workspace(&["*steward:", "steward-tests: (aws-sdk-ec2)"])),
            Vec::<String>::new()
        );
    }
}
