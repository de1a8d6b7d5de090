//! Who retires images, and what it can do to what is not ours: nothing.

use serde_json::{Value, json};

use crate::policy::{Place, Statement, statements};

/// Each action that takes something away, or brings it back, with what it is on. Nothing else is changed.
const RETIRES: [(&str, &str); 9] = [
    ("ec2:DeleteSnapshot", "arn:${AWS::Partition}:ec2:*::snapshot/*"),
    ("ec2:DeregisterImage", "arn:${AWS::Partition}:ec2:*::image/*"),
    ("ec2:DisableImage", "arn:${AWS::Partition}:ec2:*::image/*"),
    ("ec2:DisableImageDeprecation", "arn:${AWS::Partition}:ec2:*::image/*"),
    ("ec2:EnableImage", "arn:${AWS::Partition}:ec2:*::image/*"),
    ("ec2:EnableImageDeprecation", "arn:${AWS::Partition}:ec2:*::image/*"),
    ("ec2:ModifyImageAttribute", "arn:${AWS::Partition}:ec2:*::image/*"),
    (
        "imagebuilder:DeleteImage",
        "arn:${AWS::Partition}:imagebuilder:${AWS::Region}:${AWS::AccountId}:image/*",
    ),
    (
        "imagebuilder:StartResourceStateUpdate",
        "arn:${AWS::Partition}:imagebuilder:${AWS::Region}:${AWS::AccountId}:image/*",
    ),
];

/// What only looks, or is not of images at all.
const BESIDES: [&str; 22] = [
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
    "ec2:DescribeImageAttribute",
    "ec2:DescribeImageReferences",
    "ec2:DescribeImages",
    "ec2:DescribeInstances",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribeSnapshots",
    "imagebuilder:GetContainerRecipe",
    "imagebuilder:GetImage",
    "imagebuilder:ListContainerRecipes",
    "imagebuilder:ListImageRecipes",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
    "ssm:DescribeParameters",
    "ssm:GetParameters",
    "sts:AssumeRole",
];

fn of(holder: &str) -> Vec<Statement> {
    let own = statements().into_iter();
    own.filter(|statement| statement.holder == holder && statement.place == Place::Permission)
        .collect()
}

#[test]
fn whoever_retires_images_changes_only_what_carries_our_tag_and_can_tag_nothing() {
    let ours = json!({ "Null": { "aws:ResourceTag/image-steward:family": "false" } });
    for (holder, most) in [("ApplyPruning", 9), ("Prune", 7)] {
        let mut changed = Vec::new();
        for statement in of(holder) {
            for action in statement.actions() {
                let Some((_, on)) = RETIRES.iter().find(|(known, _)| *known == action) else {
                    assert!(BESIDES.contains(&action), "{holder} may {action}");
                    continue;
                };
                assert_eq!(statement.body.get("Condition"), Some(&ours), "{action}");
                let resources: Vec<&Value> = statement.resources();
                assert_eq!(resources, [&json!({ "Fn::Sub": on })], "{action}");
                changed.push(action.to_owned());
            }
        }
        changed.sort();
        let expected: Vec<&str> = RETIRES[..most].iter().map(|(action, _)| *action).collect();
        assert_eq!(changed, expected, "{holder}");
    }
}

#[test]
fn nobody_else_disables_or_deprecates_images_and_members_let_in_no_other_role_that_retires() {
    let takes_down = [
        "ec2:DisableImage",
        "ec2:EnableImageDeprecation",
        "imagebuilder:DeleteImage",
    ];
    for statement in statements() {
        let found = statement
            .actions()
            .into_iter()
            .find(|action| takes_down.contains(action));
        let known = ["ApplyPruning", "Prune"].contains(&statement.holder.as_str());
        assert!(found.is_none() || known, "{} may {found:?}", statement.name());
    }
    let assumed: Vec<Value> = of("ApplyPruning")
        .iter()
        .filter(|statement| statement.actions() == ["sts:AssumeRole"])
        .flat_map(|statement| statement.resources().into_iter().cloned().collect::<Vec<_>>())
        .collect();
    let role = format!("arn:${{AWS::Partition}}:iam::*:role/{}", steward::pruning::PRUNE_ROLE);
    assert_eq!(assumed, [json!({ "Fn::Sub": role })]);
}
