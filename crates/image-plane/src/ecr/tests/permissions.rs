use serde_json::{Value, json};

use super::Bench;

const TOOLS: &str = "arn:aws:ecr:eu-west-1:111122223333:repository/tools";

fn allow(actions: Value, resource: &str) -> Value {
    json!({ "Effect": "Allow", "Action": actions, "Resource": resource })
}

#[test]
fn a_caller_sees_and_deletes_in_the_repositories_its_policies_name() {
    let mut bench = Bench::new();
    bench.world.create_repository(bench.hub, "web");
    bench.push(&["latest"]);
    bench.act_with(
        bench.hub,
        &[allow(json!(["ecr:Describe*", "ecr:ListTagsForResource"]), TOOLS)],
    );
    bench.images(json!({}));
    bench.ok("DescribeRepositories", json!({ "repositoryNames": ["tools"] }));
    bench.ok("ListTagsForResource", json!({ "resourceArn": TOOLS }));
    let (code, message) = bench
        .call("DescribeImages", json!({ "repositoryName": "web" }))
        .unwrap_err();
    assert_eq!(code, "AccessDeniedException");
    assert!(
        message.contains(
            "is not authorized to perform: ecr:DescribeImages on resource: \
             arn:aws:ecr:eu-west-1:111122223333:repository/web because no identity-based policy allows"
        ),
        "{message}"
    );
    for (operation, body) in [
        ("DescribeRepositories", json!({})),
        ("DescribeRepositories", json!({ "repositoryNames": ["tools", "web"] })),
        (
            "BatchDeleteImage",
            json!({ "repositoryName": "tools", "imageIds": [{ "imageTag": "latest" }] }),
        ),
        ("CreateRepository", json!({ "repositoryName": "new" })),
        ("ListTagsForResource", json!({ "resourceArn": "none" })),
    ] {
        assert_eq!(bench.refused(operation, body), "AccessDeniedException", "{operation}");
    }
}

#[test]
fn describing_a_whole_registry_is_on_all_its_repositories() {
    let mut bench = Bench::new();
    let all = "arn:aws:ecr:eu-west-1:111122223333:repository/*";
    bench.act_with(bench.hub, &[allow(json!("ecr:DescribeRepositories"), all)]);
    let told = bench.ok("DescribeRepositories", json!({}));
    assert_eq!(told["repositories"][0]["repositoryName"], "tools");
}

#[test]
fn a_policy_may_ask_for_the_tags_of_a_repository_and_for_those_it_is_made_with() {
    let mut bench = Bench::new();
    let tagged =
        |name: &str, family: &str| json!({ "repositoryName": name, "tags": [{ "Key": "family", "Value": family }] });
    bench.ok("CreateRepository", tagged("web", "web"));
    let mut see = allow(json!("ecr:DescribeImages"), "*");
    see["Condition"] = json!({ "StringEquals": { "aws:ResourceTag/family": "web" } });
    let mut make = allow(json!(["ecr:CreateRepository", "ecr:TagResource"]), "*");
    make["Condition"] = json!({ "StringEquals": { "aws:RequestTag/family": "web" } });
    bench.act_with(bench.hub, &[see, make]);
    bench.ok("DescribeImages", json!({ "repositoryName": "web" }));
    assert_eq!(
        bench.refused("DescribeImages", json!({ "repositoryName": "tools" })),
        "AccessDeniedException"
    );
    bench.ok("CreateRepository", tagged("more", "web"));
    assert_eq!(
        bench.refused("CreateRepository", tagged("other", "db")),
        "AccessDeniedException"
    );
    bench.act_with(bench.hub, &[allow(json!("ecr:CreateRepository"), "*")]);
    assert_eq!(
        bench.refused("CreateRepository", tagged("other", "db")),
        "AccessDeniedException"
    );
    bench.ok("CreateRepository", json!({ "repositoryName": "other" }));
}

#[test]
fn another_accounts_registry_opens_only_to_who_has_a_role_there() {
    let mut bench = Bench::new();
    bench.world.create_repository(bench.member, "theirs");
    let member = bench.member.account.to_string();
    let body = json!({ "registryId": member, "repositoryName": "theirs" });
    let (code, message) = bench.call("DescribeImages", body.clone()).unwrap_err();
    assert_eq!(
        (code.as_str(), message.as_str()),
        (
            "AccessDeniedException",
            "User: arn:aws:iam::111122223333:root is not authorized to perform: ecr:DescribeImages on resource: \
             arn:aws:ecr:eu-west-1:222233334444:repository/theirs because no resource-based policy allows the \
             ecr:DescribeImages action"
        )
    );
    let own = json!({ "registryId": bench.hub.account.to_string(), "repositoryName": "tools" });
    bench.ok("DescribeImages", own);
    bench.act_with(bench.hub, &[allow(json!("ecr:*"), "*")]);
    assert_eq!(bench.refused("DescribeImages", body.clone()), "AccessDeniedException");
    bench.act_with(bench.member, &[allow(json!("ecr:*"), "*")]);
    bench.ok("DescribeImages", body);
    assert_eq!(
        bench.refused("DescribeImages", json!({ "repositoryName": "tools" })),
        "RepositoryNotFoundException"
    );
}
