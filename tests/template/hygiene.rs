//! What must not be in a template, and what somebody who fills in its parameters must find.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::source::{TEMPLATES, Template, nothing_wrong, text, walk};

#[test]
fn nothing_local_is_in_what_is_deployed_to_aws() {
    for name in TEMPLATES.into_iter().chain(["samconfig.toml"]) {
        let text = text(name).to_ascii_lowercase();
        for local in ["127.0.0.1", "localhost", "endpoint_url", "ministack", "faketime"] {
            assert!(!text.contains(local), "{name} knows of {local}");
        }
    }
}

/// ARNs are built from the partition: there are images in China and in GovCloud, too.
#[test]
fn no_partition_is_written_out() {
    for name in TEMPLATES {
        for line in text(name).lines().filter(|line| !line.contains("Pattern:")) {
            assert!(!line.contains("arn:aws"), "{name}: {line}");
        }
    }
}

/// SAM resolves them, CloudFormation by itself does not know them.
#[test]
fn no_template_uses_an_alias_of_yaml() {
    for name in TEMPLATES {
        for line in text(name).lines() {
            let code = line.split(" #").next().unwrap();
            let anchor = |piece: &str| {
                let piece = piece.trim();
                piece.starts_with(['&', '*']) && piece.len() > 1 && !piece.starts_with("*/")
            };
            let found = code
                .split(": ")
                .skip(1)
                .chain(code.trim().strip_prefix("- "))
                .any(anchor);
            assert!(!found, "{name}: {line}");
        }
    }
}

fn named_in(value: &Value, names: &mut BTreeSet<String>) {
    walk(value, "", &mut |_, object| {
        if let Some(Value::String(name)) = object.get("Ref") {
            names.insert(name.clone());
        }
        if let Some(text) = object.get("Fn::Sub").and_then(Value::as_str) {
            let pieces = text.split("${").skip(1);
            names.extend(
                pieces
                    .filter_map(|piece| piece.split_once('}'))
                    .map(|(name, _)| name.to_owned()),
            );
        }
    });
}

#[test]
fn each_parameter_is_used_explained_grouped_and_says_what_would_be_right() {
    let mut complaints = Vec::new();
    for template in Template::all() {
        let mut used = BTreeSet::new();
        for part in ["Globals", "Conditions", "Resources", "Outputs"] {
            named_in(&template.body[part], &mut used);
        }
        let interface = &template.body["Metadata"]["AWS::CloudFormation::Interface"];
        let groups = interface["ParameterGroups"].as_array().unwrap();
        let grouped: Vec<_> = groups
            .iter()
            .flat_map(|group| group["Parameters"].as_array().unwrap())
            .collect();
        for (name, parameter) in template.body["Parameters"].as_object().unwrap() {
            let mut complain = |wrong: &str| complaints.push(format!("{}: {name} {wrong}", template.name));
            if !used.contains(name) {
                complain("is used nowhere");
            }
            if grouped.iter().filter(|other| **other == name).count() != 1 {
                complain("is in no group, or in two");
            }
            if !parameter["Description"].is_string() {
                complain("is not explained");
            }
            let free = parameter["AllowedValues"].is_null();
            if free && (!parameter["AllowedPattern"].is_string() || !parameter["ConstraintDescription"].is_string()) {
                complain("takes anything, or does not say what would be right");
            }
        }
        for name in grouped {
            if template.body["Parameters"][name.as_str().unwrap()].is_null() {
                complaints.push(format!("{}: there is no parameter {name}", template.name));
            }
        }
    }
    nothing_wrong(&complaints);
}

#[test]
fn the_hub_starts_as_an_observer_and_its_outputs_say_what_to_type_next() {
    let hub = Template::hub();
    assert_eq!(hub.body["Parameters"]["Mode"]["Default"], "observe");
    assert!(
        hub.body["Outputs"]["NextStep"]["Value"]["Fn::Sub"]
            .as_str()
            .unwrap()
            .contains("steward ")
    );
    for (name, output) in hub.body["Outputs"].as_object().unwrap() {
        assert!(output["Description"].is_string(), "{name}");
    }
}

#[test]
fn a_hub_and_its_members_agree_on_what_they_are_told() {
    let hub = Template::hub();
    let member = Template::read("infra/member.yaml");
    let management = Template::read("infra/management.yaml");
    let pattern = |template: &Template, name: &str| template.body["Parameters"][name]["AllowedPattern"].clone();
    assert_eq!(pattern(&hub, "ExternalId"), pattern(&member, "ExternalId"));
    for name in ["HubAccount", "HubRegion", "PermissionsBoundary"] {
        assert_eq!(pattern(&member, name), pattern(&management, name), "{name}");
    }
    assert_eq!(
        pattern(&hub, "PermissionsBoundary"),
        pattern(&member, "PermissionsBoundary")
    );
}
