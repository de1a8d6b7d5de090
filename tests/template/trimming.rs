//! Who deletes old versions of launch templates.

use serde_json::json;

use crate::policy::{Statement, statements};

/// Whoever publishes, where a template's owner agreed; and nobody deletes a template.
#[test]
fn only_the_roles_that_publish_delete_versions_of_launch_templates_and_only_where_their_owners_agreed() {
    let statements = statements();
    let deletes = |statement: &&Statement| {
        let of_templates = |action: &&str| action.starts_with("ec2:DeleteLaunchTemplate");
        statement.allows() && statement.actions().iter().any(of_templates)
    };
    let deleting: Vec<_> = statements.iter().filter(deletes).collect();
    let mut holders: Vec<&str> = deleting.iter().map(|deletes| deletes.holder.as_str()).collect();
    holders.sort_unstable();
    assert_eq!(holders, ["ApplyDistribution", "Publish"]);
    for deletes in deleting {
        assert_eq!(deletes.actions(), ["ec2:DeleteLaunchTemplateVersions"]);
        let template = json!({ "Fn::Sub": "arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:launch-template/*" });
        assert_eq!(deletes.resources(), [&template]);
        let agreed = json!({ "Null": { "aws:ResourceTag/image-steward:family": "false" } });
        assert_eq!(deletes.body.get("Condition"), Some(&agreed));
    }
}
