//! Who may do what. What EC2 or Image Builder would change carries our tag, and a service acts for this account only.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::policy::{Place, Statement, statements};
use crate::source::{Template, nothing_wrong, target_of};

const FAMILY: &str = "image-steward:family";

/// Actions that are more than one, and why they stand.
const WIDE: [(&str, &str, &str); 3] = [
    (
        "NotificationsKey",
        "kms:*",
        "a key that its account cannot manage is lost",
    ),
    (
        "NotificationsKey",
        "kms:GenerateDataKey*",
        "with or without plaintext, as SNS asks",
    ),
    ("ReportsPolicy", "s3:*", "it denies"),
];

/// Actions that take no resource, or whose resources are all of an account: a policy for them must say `*`.
const WITHOUT_RESOURCE: [&str; 14] = [
    "autoscaling:Describe",
    "ec2:Describe",
    "ec2:GetEbsDefaultKmsKeyId",
    "ec2:GetEbsEncryptionByDefault",
    "ec2:GetImageAncestry",
    "ec2:GetImageBlockPublicAccessState",
    "ec2:GetSnapshotBlockPublicAccessState",
    "imagebuilder:ListImagePipelines",
    "imagebuilder:ListImages",
    "imagebuilder:ListWaitingWorkflowSteps",
    "inspector2:ListFindings",
    "organizations:",
    "rbin:ListRules",
    "ssm:DescribeParameters",
];

fn complaints(check: impl Fn(&Statement) -> Option<String>) -> Vec<String> {
    let statements = statements();
    statements
        .iter()
        .filter_map(|statement| check(statement).map(|wrong| format!("{} {wrong}", statement.name())))
        .collect()
}

/// What is made of a tagged image for whoever reads it, carries no tag itself, and is gone after a month. The image that it is
/// about must carry ours all the same: a policy allows both or nothing.
const REPORT: &str = "ec2:CreateImageUsageReport";

/// Whether a statement allows to make reports, and nothing of anything else.
fn makes_reports(statement: &Statement) -> bool {
    let is_report = |resource: &&Value| {
        let arn = resource["Fn::Sub"].as_str();
        arn.is_some_and(|arn| arn.ends_with(":image-usage-report/*"))
    };
    statement.actions() == [REPORT] && statement.resources().iter().all(is_report)
}

/// As AWS asks for it, to say what names an image: EC2 looks through all of these in its caller's name.
const LOOKED_THROUGH: [&str; 8] = [
    "ec2:DescribeInstances",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:DescribeLaunchTemplates",
    "imagebuilder:GetContainerRecipe",
    "imagebuilder:ListContainerRecipes",
    "imagebuilder:ListImageRecipes",
    "ssm:DescribeParameters",
    "ssm:GetParameters",
];

/// Whether it allows only what EC2 does while it says what names an image. AWS does not say that less than `*` would do.
fn is_ec2s_own(statement: &Statement) -> bool {
    let via = |condition: &Value| condition["ForAnyValue:StringEquals"]["aws:CalledVia"] == "ec2-images.amazonaws.com";
    statement.conditions().iter().all(via)
}

fn mutates(action: &str) -> bool {
    let (service, name) = action.split_once(':').unwrap();
    let reads = ["Describe", "Get", "List"].iter().any(|verb| name.starts_with(verb));
    matches!(service, "ec2" | "imagebuilder") && !reads
}

#[test]
fn each_statement_says_in_its_name_what_it_is_for() {
    let wrong = complaints(|statement| {
        // CloudFormation gives the bus's statement its id from beside it.
        let named = statement.kind == "AWS::Events::EventBusPolicy"
            || statement.sid().is_some_and(|sid| {
                sid.starts_with(|first: char| first.is_ascii_uppercase())
                    && sid.bytes().all(|byte| byte.is_ascii_alphabetic())
            });
        (!named).then(|| String::from("has no name to read as a sentence"))
    });
    nothing_wrong(&wrong);
}

#[test]
fn no_statement_allows_all_actions_or_all_but_some() {
    let wrong = complaints(|statement| {
        // What is denied may be denied of all but some resources.
        let inverses = ["NotAction", "NotPrincipal", "NotResource"];
        let named =
            |name: &&&str| statement.body.contains_key(**name) && (statement.allows() || **name != "NotResource");
        if let Some(inverse) = inverses.iter().find(named) {
            return Some(format!("says {inverse}"));
        }
        let wide = |action: &&str| {
            let known = |(holder, wide, _): &(&str, &str, &str)| *holder == statement.holder && wide == action;
            action.contains('*') && !WIDE.iter().any(known)
        };
        let found = statement.actions().into_iter().find(wide)?;
        Some(format!("allows {found}"))
    });
    nothing_wrong(&wrong);
}

/// SAM gives each function with a queue AWS's own policy for that, which names no queue.
#[test]
fn a_function_with_a_queue_takes_from_no_other() {
    let hub = Template::hub();
    let statements = statements();
    let mut complaints = Vec::new();
    for function in hub.functions() {
        let mut queues = function.events("SQS").map(|(_, work)| work["Queue"].clone());
        let Some(queue) = queues.next() else { continue };
        assert_eq!(queues.next(), None, "{} has two queues", function.id);
        let holds = |statement: &&Statement| {
            statement.holder == function.id
                && !statement.allows()
                && statement.actions() == ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
                && statement.body.get("NotResource") == Some(&queue)
                && statement.body.get("Condition").is_none()
        };
        if !statements.iter().any(|statement| holds(&statement)) {
            complaints.push(format!("{} may take from every queue", function.id));
        }
    }
    nothing_wrong(&complaints);
}

#[test]
fn a_role_names_the_resources_of_each_action_that_takes_any() {
    let wrong = complaints(|statement| {
        let anywhere = statement.resources().contains(&&json!("*"));
        if statement.place != Place::Permission || !anywhere || is_ec2s_own(statement) {
            return None;
        }
        let narrow = |action: &&str| !WITHOUT_RESOURCE.iter().any(|known| action.starts_with(known));
        let found = statement.actions().into_iter().find(narrow)?;
        Some(format!("allows {found} on everything"))
    });
    nothing_wrong(&wrong);
}

/// Otherwise the service would do for a stranger what it may do for us.
#[test]
fn each_service_that_is_let_in_acts_for_this_account_only() {
    let wrong = complaints(|statement| {
        let held = |key| statement.holds(&["StringEquals", "ArnEquals", "ArnLike"], key);
        let open = statement.allows()
            && !statement.services().is_empty()
            && !held("aws:SourceArn")
            && !held("aws:SourceAccount");
        open.then(|| format!("lets {:?} in on anybody's behalf", statement.services()))
    });
    nothing_wrong(&wrong);
}

#[test]
fn whoever_is_let_in_without_a_name_is_held_to_our_organization_or_denied() {
    let wrong = complaints(|statement| {
        let anybody = statement.body.get("Principal") == Some(&json!("*"));
        let open = anybody && statement.allows() && !statement.holds(&["StringEquals"], "aws:PrincipalOrgID");
        open.then(|| String::from("lets anybody in"))
    });
    nothing_wrong(&wrong);
}

#[test]
fn nothing_of_ec2_or_image_builder_is_changed_without_our_tag() {
    let wrong = complaints(|statement| {
        let ours = ["aws:ResourceTag", "aws:RequestTag"]
            .iter()
            .any(|key| statement.requires(&format!("{key}/{FAMILY}")));
        let ours = ours || says_why_on_builds(statement);
        let ours = ours || answers_what_was_started_here(statement) || ends_what_was_started_here(statement);
        let ours = ours || makes_reports(statement) || tags_a_view_of_the_hubs_images(statement);
        let found = statement
            .actions()
            .into_iter()
            .find(|action| statement.allows() && mutates(action) && !ours)?;
        Some(format!("allows {found} on what is not ours"))
    });
    nothing_wrong(&wrong);
}

/// Whoever looks may ask for reports, wherever it looks at images, and change nothing of EC2 or Image Builder besides.
#[test]
fn the_roles_that_look_ask_for_reports_and_change_nothing_else() {
    let statements = statements();
    for holder in ["GatherEvidence", "Look"] {
        let of_holder = || statements.iter().filter(|statement| statement.holder == holder);
        let changes = of_holder()
            .flat_map(Statement::actions)
            .filter(|action| mutates(action));
        assert_eq!(changes.collect::<Vec<_>>(), [REPORT, REPORT], "{holder}");
        assert_eq!(of_holder().filter(|statement| makes_reports(statement)).count(), 1);
    }
    let recorder = statements
        .iter()
        .filter(|statement| statement.holder == "RecordLineage");
    assert!(!recorder.flat_map(Statement::actions).any(mutates));
}

/// Whether a statement allows to say on builds of the hub why they were started, and nothing besides.
fn says_why_on_builds(statement: &Statement) -> bool {
    let builds = json!({ "Fn::Sub": "arn:${AWS::Partition}:imagebuilder:${AWS::Region}:${AWS::AccountId}:image/*" });
    let held = json!({
        "ForAllValues:StringEquals": { "aws:TagKeys": "image-steward:reason" },
        "Null": { "aws:RequestTag/image-steward:reason": "false" },
    });
    statement.actions() == ["imagebuilder:TagResource"]
        && statement.resources() == [&builds]
        && statement.body.get("Condition") == Some(&held)
}

/// Whether a statement allows to answer a build that carries why it was started, or steps, which carry no tags: IAM asks for both.
fn answers_what_was_started_here(statement: &Statement) -> bool {
    let of_hub = |kind: &str| json!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:imagebuilder:${{AWS::Region}}:${{AWS::AccountId}}:{kind}/*") });
    let started_here = json!({ "Null": { "aws:ResourceTag/image-steward:reason": "false" } });
    let condition = statement.body.get("Condition");
    let is_build = statement.resources() == [&of_hub("image")] && condition == Some(&started_here);
    let is_step = statement.resources() == [&of_hub("workflow-step-execution")] && condition.is_none();
    statement.actions() == ["imagebuilder:SendWorkflowStepAction"] && (is_build || is_step)
}

/// Whether a statement allows to end a build that carries why it was started.
fn ends_what_was_started_here(statement: &Statement) -> bool {
    let builds = "arn:${AWS::Partition}:imagebuilder:${AWS::Region}:${AWS::AccountId}:image/*";
    let started_here = json!({ "Null": { "aws:ResourceTag/image-steward:reason": "false" } });
    statement.actions() == ["imagebuilder:CancelImageCreation"]
        && statement.resources() == [&json!({ "Fn::Sub": builds })]
        && statement.body.get("Condition") == Some(&started_here)
}

/// Whether a statement allows to put our tag, and no other, on snapshots of the account that lack it, and nothing besides.
fn puts_our_tag_on_bare_snapshots(statement: &Statement) -> bool {
    let is_snapshot = |resource: &&Value| *resource == &json!({ "Fn::Sub": "arn:${AWS::Partition}:ec2:*::snapshot/*" });
    let held = json!({
        "Null": { format!("aws:ResourceTag/{FAMILY}"): "true", format!("aws:RequestTag/{FAMILY}"): "false" },
        "ForAllValues:StringEquals": { "aws:TagKeys": FAMILY },
        "StringEquals": { "ec2:Owner": { "Ref": "AWS::AccountId" } },
    });
    statement.actions() == ["ec2:CreateTags"]
        && statement.resources().iter().all(is_snapshot)
        && statement.body.get("Condition") == Some(&held)
}

/// The same of Image Builder's own images of the hub's builds.
fn puts_our_tag_on_bare_builds(statement: &Statement) -> bool {
    let image = "arn:${AWS::Partition}:imagebuilder:${AWS::Region}:${AWS::AccountId}:image/*";
    let is_image = |resource: &&Value| *resource == &json!({ "Fn::Sub": image });
    let held = json!({
        "Null": { format!("aws:ResourceTag/{FAMILY}"): "true", format!("aws:RequestTag/{FAMILY}"): "false" },
        "ForAllValues:StringEquals": { "aws:TagKeys": FAMILY },
    });
    statement.actions() == ["imagebuilder:TagResource"]
        && statement.resources().iter().all(is_image)
        && statement.body.get("Condition") == Some(&held)
}

/// Whether a statement allows an account to tag what it sees of the hub's images, with nothing that says that it is ours.
fn tags_a_view_of_the_hubs_images(statement: &Statement) -> bool {
    let is_image = |resource: &&Value| *resource == &json!({ "Fn::Sub": "arn:${AWS::Partition}:ec2:*::image/*" });
    let held = json!({
        "StringEquals": { "ec2:Owner": { "Ref": "HubAccount" } },
        "Null": { "aws:TagKeys": "false" },
        "ForAllValues:StringNotLike": { "aws:TagKeys": "image-steward:*" },
    });
    statement.actions() == ["ec2:CreateTags", "ec2:DeleteTags"]
        && statement.resources().iter().all(is_image)
        && statement.body.get("Condition") == Some(&held)
}

/// Nobody but an image's owner can change it; and of keys it can let only Auto Scaling use only the hub's, for what that needs.
#[test]
fn the_role_that_shows_tags_in_members_changes_no_image_and_lets_auto_scaling_alone_use_keys() {
    let statements = statements();
    let changing: Vec<_> = statements
        .iter()
        .filter(|statement| statement.holder == "View" && statement.place == Place::Permission)
        .filter(|statement| statement.actions() != ["ec2:DescribeImages"])
        .collect();
    let [tags, grants] = changing.as_slice() else {
        panic!("it changes things in {} ways", changing.len());
    };
    assert!(tags_a_view_of_the_hubs_images(tags), "{}", tags.name());
    assert_eq!(grants.actions(), ["kms:CreateGrant"]);
    let key = json!({ "Fn::Sub": "arn:${AWS::Partition}:kms:*:${HubAccount}:key/*" });
    assert_eq!(grants.resources(), [&key]);
    let condition = grants.body.get("Condition").unwrap();
    let role = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
    assert_eq!(
        condition["StringEquals"],
        json!({ "kms:GranteePrincipal": { "Fn::Sub": role } })
    );
    let operations = &condition["ForAllValues:StringEquals"]["kms:GrantOperations"];
    assert_eq!(operations.as_array().map(Vec::len), Some(8), "{operations}");
    assert_eq!(condition.as_object().unwrap().len(), 2);
}

/// What it tags may be deleted one day, and so it can delete nothing itself.
#[test]
fn the_roles_that_tag_what_is_bare_can_do_that_and_nothing_else() {
    let statements = statements();
    let in_hub: [fn(&Statement) -> bool; 2] = [puts_our_tag_on_bare_snapshots, puts_our_tag_on_bare_builds];
    for (holder, known) in [("TagSnapshots", &in_hub[..]), ("Tag", &in_hub[..1])] {
        let of_holder: Vec<_> = statements
            .iter()
            .filter(|statement| statement.holder == holder)
            .collect();
        let changing: Vec<_> = of_holder
            .iter()
            .filter(|statement| statement.actions().into_iter().any(mutates))
            .collect();
        assert_eq!(changing.len(), known.len(), "{holder}");
        for (tags, known) in changing.iter().zip(known) {
            assert!(known(tags), "{}", tags.name());
        }
    }
}

/// What changes images or snapshots is deployed in act mode only, with everything that is its own.
#[test]
fn a_function_that_could_change_an_image_is_not_there_in_observe_mode() {
    let hub = Template::hub();
    assert_eq!(
        hub.body["Conditions"]["Acts"],
        json!({ "Fn::Equals": [{ "Ref": "Mode" }, "act"] })
    );
    let statements = statements();
    for function in hub.functions() {
        let own = statements.iter().filter(|statement| statement.holder == function.id);
        let changes = own
            .flat_map(|statement| statement.actions())
            .any(|action| mutates(action) && action != REPORT);
        let acts = json!("Acts");
        assert_eq!(changes, function.body["Condition"] == acts, "{}", function.id);
        let belongs = hub.resources().filter(|resource| resource.id.starts_with(function.id));
        for part in belongs {
            assert_eq!(changes, part.body["Condition"] == acts, "{}", part.id);
        }
    }
}

/// Whoever may ask, and no less: EC2 refuses all of it where one is missing. By these the caller itself can read nothing.
#[test]
fn whoever_asks_what_names_an_image_lets_ec2_look_through_all_that_may_and_only_ec2() {
    let statements = statements();
    let asks = |statement: &&Statement| statement.actions().contains(&"ec2:DescribeImageReferences");
    let mut asking: Vec<&str> = statements
        .iter()
        .filter(asks)
        .map(|asks| asks.holder.as_str())
        .collect();
    asking.sort_unstable();
    assert_eq!(asking, ["ApplyPruning", "GatherEvidence", "Look", "Prune"]);
    for holder in asking {
        let own = statements
            .iter()
            .filter(|statement| statement.holder == holder && is_ec2s_own(statement));
        let own: Vec<_> = own.map(Statement::actions).collect();
        assert_eq!(own, [LOOKED_THROUGH], "{holder}");
    }
    assert_eq!(statements.iter().filter(|statement| is_ec2s_own(statement)).count(), 4);
}

/// On what is there already. A copy gets it while it is made, and then only with the call that makes it.
#[test]
fn nobody_can_put_our_tag_on_anything_or_take_it_away() {
    let wrong = complaints(|statement| {
        let tags = [
            "ec2:CreateTags",
            "ec2:DeleteTags",
            "imagebuilder:TagResource",
            "imagebuilder:UntagResource",
        ];
        if !statement.allows() || !statement.actions().iter().any(|action| tags.contains(action)) {
            return None;
        }
        let while_made = statement.conditions().iter().all(|condition| {
            condition["StringEquals"]["ec2:CreateAction"] == "CopyImage" && statement.actions() == ["ec2:CreateTags"]
        });
        let other_keys = statement
            .conditions()
            .iter()
            .all(|condition| {
                condition["ForAllValues:StringNotEquals"]["aws:TagKeys"] == FAMILY
                    || condition["ForAllValues:StringNotLike"]["aws:TagKeys"] == "image-steward:*"
            })
            // No key named is all keys to DeleteTags, and no key at all to the condition.
            && statement.requires("aws:TagKeys");
        let on_bare_snapshots = puts_our_tag_on_bare_snapshots(statement);
        let on_bare_builds = puts_our_tag_on_bare_builds(statement);
        let on_bare = on_bare_snapshots || on_bare_builds;
        let known = while_made
            || other_keys
            || says_why_on_builds(statement)
            || on_bare
            || tags_a_view_of_the_hubs_images(statement);
        (!known).then(|| String::from("could move our tag"))
    });
    nothing_wrong(&wrong);
}

/// A trust policy that named a role would break when that role is made anew.
#[test]
fn a_members_roles_trust_functions_of_the_hub_in_our_organization_who_know_the_external_id() {
    let member = Template::read("infra/member.yaml");
    for (id, path) in [
        ("Look", "image-steward/*"),
        ("Prune", "image-steward/act/*"),
        ("Copy", "image-steward/act/*"),
        ("Publish", "image-steward/act/*"),
        ("View", "image-steward/act/*"),
        ("Tag", "image-steward/tag/*"),
    ] {
        let trust = &member.resource(id).unwrap().properties()["AssumeRolePolicyDocument"]["Statement"];
        let [statement] = trust.as_array().unwrap().as_slice() else {
            panic!("{id} is trusted in more than one way");
        };
        let arn = |rest: &str| json!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:iam::${{HubAccount}}:{rest}") });
        assert_eq!(statement["Principal"], json!({ "AWS": arn("root") }));
        assert_eq!(
            statement["Condition"],
            json!({
                "StringEquals": {
                    "sts:ExternalId": { "Ref": "ExternalId" },
                    "aws:PrincipalOrgID": { "Ref": "OrganizationId" },
                },
                "ArnLike": { "aws:PrincipalArn": arn(&format!("role/{path}")) },
            })
        );
    }
}

#[test]
fn the_hub_assumes_our_roles_only_and_only_in_our_organization() {
    let wrong = complaints(|statement| {
        if statement.place != Place::Permission || !statement.actions().contains(&"sts:AssumeRole") {
            return None;
        }
        let ours = statement.resources().iter().all(|role| {
            let arn = role["Fn::Sub"].as_str().unwrap_or_default();
            arn.split_once(":role/").is_some_and(|(_, name)| {
                matches!(
                    name,
                    "image-steward-look"
                        | "image-steward-prune"
                        | "image-steward-copy"
                        | "image-steward-publish"
                        | "image-steward-tag"
                        | "image-steward-view"
                )
            })
        });
        let held = statement.conditions().iter().all(|condition| {
            let equals = &condition["StringEquals"];
            !equals["aws:ResourceOrgID"].is_null() || !equals["aws:ResourceAccount"].is_null()
        });
        (!ours || !held).then(|| String::from("assumes strangers' roles"))
    });
    nothing_wrong(&wrong);
}

/// The name that functions are given and the role that members make.
#[test]
fn the_role_that_functions_are_told_of_is_the_one_that_members_make() {
    let hub = Template::hub();
    let member = Template::read("infra/member.yaml");
    let told = &hub.globals()["Environment"]["Variables"]["STEWARD_MEMBER_ROLE"];
    assert_eq!(*told, member.resource("Look").unwrap().properties()["RoleName"]);
    let tags = hub.resource("TagSnapshots").unwrap().properties();
    let role = member.resource("Tag").unwrap();
    assert_eq!(
        tags["Environment"]["Variables"]["STEWARD_MEMBER_ROLE"],
        role.properties()["RoleName"]
    );
    assert_eq!(
        member.resource("View").unwrap().properties()["RoleName"],
        steward::consumers::VIEW_ROLE
    );
    // Its trust names the path of the function's own role.
    assert_eq!(tags["RolePath"], "/image-steward/tag/");
    let copies = hub.resource("ApplyDistribution").unwrap().properties();
    assert_eq!(copies["RolePath"], "/image-steward/act/");
    assert_eq!(
        member.resource("Copy").unwrap().properties()["RoleName"],
        steward::distribution::COPY_ROLE
    );
    let retires = hub.resource("ApplyPruning").unwrap().properties();
    assert_eq!(retires["RolePath"], "/image-steward/act/");
    assert_eq!(
        member.resource("Prune").unwrap().properties()["RoleName"],
        steward::pruning::PRUNE_ROLE
    );
}

#[test]
fn each_role_takes_the_boundary_that_an_organization_may_ask_for() {
    let boundary =
        json!({ "Fn::If": ["HasPermissionsBoundary", { "Ref": "PermissionsBoundary" }, { "Ref": "AWS::NoValue" }] });
    for template in Template::all() {
        for role in template.of_type("AWS::IAM::Role") {
            assert_eq!(role.properties()["PermissionsBoundary"], boundary, "{}", role.id);
        }
    }
    let hub = Template::hub();
    assert_eq!(hub.globals()["PermissionsBoundary"], boundary);
    for function in hub.functions() {
        for (name, event) in function.events("ScheduleV2") {
            // SAM's own would have neither a boundary nor a condition.
            assert!(target_of(&event["RoleArn"]).is_some(), "{}{name}", function.id);
        }
    }
}

/// Publishing to an encrypted topic takes its key as well.
#[test]
fn whoever_may_publish_may_use_the_topics_key_and_nobody_else() {
    let statements = statements();
    let admitted = |holder: &str, action: &str| {
        let mut who: Vec<Value> = statements
            .iter()
            .filter(|statement| {
                statement.holder == holder && statement.allows() && statement.actions().contains(&action)
            })
            .map(|statement| match &statement.body["Principal"]["Service"] {
                Value::Null => statement.body["Condition"]["ArnEquals"]["aws:PrincipalArn"].clone(),
                service => service.clone(),
            })
            .collect();
        who.sort_by_key(Value::to_string);
        who
    };
    let publishers = admitted("NotificationsPolicy", "sns:Publish");
    assert!(!publishers.is_empty() && !publishers.contains(&Value::Null));
    assert_eq!(publishers, admitted("NotificationsKey", "kms:Decrypt"));
    assert_eq!(publishers, admitted("NotificationsKey", "kms:GenerateDataKey*"));
}

/// What they are told, people and their programs act upon. The roles of those who plan have what they need for that, and nothing
/// more of the key: it is used by SNS alone, while it publishes.
#[test]
fn only_those_who_plan_tell_people_and_only_in_their_topic() {
    let statements = statements();
    let roles = statements
        .iter()
        .filter(|statement| statement.place == Place::Permission);
    let publishes = |statement: &&Statement| statement.actions().iter().any(|action| action.starts_with("sns:"));
    let publishing: Vec<_> = roles.clone().filter(publishes).collect();
    let who = |statements: &[&Statement]| -> BTreeSet<String> {
        statements.iter().map(|statement| statement.holder.clone()).collect()
    };
    let planners = BTreeSet::from(["PlanDistribution", "PlanPruning", "TriggerBuilds"].map(String::from));
    assert_eq!((who(&publishing), publishing.len()), (planners.clone(), 3));
    for publishing in publishing {
        assert_eq!(publishing.actions(), ["sns:Publish"]);
        assert_eq!(publishing.resources(), [&json!({ "Ref": "Releases" })]);
    }
    let key = json!({ "Fn::GetAtt": ["NotificationsKey", "Arn"] });
    let uses_key = |statement: &&Statement| statement.resources().contains(&&key);
    let using: Vec<_> = roles.filter(uses_key).collect();
    assert_eq!((who(&using), using.len()), (planners, 3));
    let by_sns = json!({ "StringEquals": { "kms:ViaService": { "Fn::Sub": "sns.${AWS::Region}.${AWS::URLSuffix}" } } });
    for using in using {
        assert_eq!(using.resources().len(), 1);
        assert_eq!(using.actions(), ["kms:Decrypt", "kms:GenerateDataKey"]);
        assert_eq!(using.body["Condition"], by_sns);
    }
}

/// A report is laid, and never read, changed or taken away; what else lies in the bucket is nobody's of ours to write.
#[test]
fn only_the_planner_of_pruning_lays_reports_and_only_where_they_belong() {
    let statements = statements();
    let touches = |statement: &&Statement| statement.actions().iter().any(|action| action.starts_with("s3:"));
    let roles = statements
        .iter()
        .filter(|statement| statement.place == Place::Permission);
    let laying: Vec<_> = roles.filter(touches).collect();
    let [laying] = laying.as_slice() else {
        panic!("{} statements of roles are about S3", laying.len());
    };
    assert_eq!(laying.holder, "PlanPruning");
    assert_eq!(laying.actions(), ["s3:PutObject"]);
    let where_they_belong = json!({ "Fn::Sub": "${Reports.Arn}/pruning/*" });
    assert_eq!(laying.resources(), [&where_they_belong]);
    let hub = Template::hub();
    let variables = &hub.resource("PlanPruning").unwrap().properties()["Environment"]["Variables"];
    assert_eq!(variables["STEWARD_REPORTS"], json!({ "Ref": "Reports" }));
}

/// In observe mode nothing becomes usable by us, and nobody is sent; what would be pruned is told all the same.
#[test]
fn those_who_plan_are_given_a_queue_in_act_mode_only() {
    let hub = Template::hub();
    let only_acting = |is: &str| json!({ "Fn::If": ["Acts", { "Ref": is }, { "Ref": "AWS::NoValue" }] });
    for (planner, queue, topic) in [
        ("PlanDistribution", "DistributeWork", only_acting("Releases")),
        ("PlanPruning", "PruneWork", json!({ "Ref": "Releases" })),
    ] {
        let variables = &hub.resource(planner).unwrap().properties()["Environment"]["Variables"];
        assert_eq!(variables["STEWARD_QUEUE"], only_acting(queue));
        assert_eq!(variables["STEWARD_RELEASES_TOPIC"], topic);
    }
    let topic = hub.resource("Releases").unwrap().properties();
    assert_eq!(topic["KmsMasterKeyId"], json!({ "Ref": "NotificationsKey" }));
}

/// A key policy that names an account lets its own policies decide; a service's role has none for our key.
#[test]
fn a_role_that_a_key_admits_is_admitted_by_itself_and_in_this_account_only() {
    let mut admitted = 0;
    for statement in statements()
        .iter()
        .filter(|statement| statement.holder == "NotificationsKey")
    {
        let condition = statement.body.get("Condition").unwrap_or(&Value::Null);
        if condition["ArnEquals"]["aws:PrincipalArn"].is_null() {
            continue;
        }
        admitted += 1;
        assert_eq!(statement.body["Principal"], json!({ "AWS": "*" }));
        assert_eq!(
            condition["StringEquals"]["kms:CallerAccount"],
            json!({ "Ref": "AWS::AccountId" })
        );
    }
    assert_eq!(admitted, 1);
}
