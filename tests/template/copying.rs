//! Who makes copies, and what it may do with keys and with what came of it.

use serde_json::json;

use crate::policy::{Statement, statements};

/// The hub's keys are lent to one role of members, for what a copy takes, and by a function that cannot take back what others
/// grant.
#[test]
fn a_key_is_lent_to_the_role_that_copies_and_for_that_alone() {
    let statements = statements();
    let grants = |statement: &&Statement| {
        let through_ec2 = statement.holds(&["StringLike"], "kms:ViaService");
        // What members may let their own Auto Scaling use is a claim of its own.
        let is_view = statement.holder == "View";
        statement.allows() && statement.actions().contains(&"kms:CreateGrant") && !through_ec2 && !is_view
    };
    let lending: Vec<&Statement> = statements.iter().filter(grants).collect();
    let [lends] = lending.as_slice() else {
        panic!("{} statements lend keys", lending.len());
    };
    assert_eq!((lends.holder.as_str(), lends.actions().len()), ("ApplyDistribution", 1));
    let role = json!({ "Fn::Sub": "arn:${AWS::Partition}:iam::*:role/image-steward-copy" });
    let condition = &lends.body["Condition"];
    assert_eq!(condition["StringLike"]["kms:GranteePrincipal"], role);
    let operations = &condition["ForAllValues:StringEquals"]["kms:GrantOperations"];
    assert_eq!(operations.as_array().unwrap().len(), 6);
    let ends = ["kms:RetireGrant", "kms:RevokeGrant"];
    for statement in &statements {
        let found = statement.actions().into_iter().find(|action| ends.contains(action));
        assert_eq!(found, None, "{} ends whatever grant", statement.name());
    }
}

/// What copies can take away what came of its own copies alone.
#[test]
fn what_makes_copies_deletes_nothing_but_copies() {
    let statements = statements();
    for holder in ["ApplyDistribution", "Copy"] {
        let deletes = ["ec2:DeleteSnapshot", "ec2:DeregisterImage"];
        let own = statements.iter().filter(|statement| statement.holder == holder);
        let deleting: Vec<_> = own
            .filter(|statement| statement.actions().iter().any(|action| deletes.contains(action)))
            .collect();
        assert!(!deleting.is_empty());
        for statement in deleting {
            for tag in ["image-steward:family", "image-steward:release"] {
                assert!(
                    statement.requires(&format!("aws:ResourceTag/{tag}")),
                    "{}",
                    statement.name()
                );
            }
        }
    }
}
