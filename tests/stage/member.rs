//! What accounts let the hub do, as the templates under `infra/` have it.

use image_plane::AccountId;

/// Whoever knows the external id, and is of the hub.
pub const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},
    "Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"steward"}}}}"#;
/// As `infra/management.yaml` lets the hub read, whatever its role.
pub const LET_IN: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},
    "Action":["organizations:DescribeOrganization","organizations:DescribeOrganizationalUnit","organizations:ListAccounts"],
    "Resource":"*"}}"#;
pub const LOOK_ROLE: &str = "image-steward-look";
pub const LOOK: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:DescribeImages","Resource":"*"}}"#;
/// As `infra/member.yaml` allows it to look at what uses images, and at what Recycle Bins catch.
pub const LOOK_AT_USERS: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["ec2:Describe*",
    "autoscaling:Describe*","ssm:DescribeParameters","ssm:GetParameters","imagebuilder:ListImagePipelines",
    "imagebuilder:GetImageRecipe","imagebuilder:GetImage","imagebuilder:GetContainerRecipe","rbin:GetRule","rbin:ListRules"],
    "Resource":"*"}}"#;
/// As it lets EC2 look through what may name an image.
pub const LET_EC2_LOOK: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["ec2:DescribeInstances",
    "ec2:DescribeLaunchTemplateVersions","ec2:DescribeLaunchTemplates","imagebuilder:GetContainerRecipe",
    "imagebuilder:ListContainerRecipes","imagebuilder:ListImageRecipes","ssm:DescribeParameters","ssm:GetParameters"],
    "Resource":"*","Condition":{"ForAnyValue:StringEquals":{"aws:CalledVia":"ec2-images.amazonaws.com"}}}}"#;
pub const PUBLISH_ROLE: &str = "image-steward-publish";
/// As it allows to publish channels.
const PUBLISH: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["ec2:DescribeImages","ec2:DescribeLaunchTemplateVersions","ec2:DescribeLaunchTemplates"],
    "Resource":"*"},
    {"Effect":"Allow","Action":"kms:DescribeKey","Resource":"arn:aws:kms:*:*:key/*"},
    {"Effect":"Allow","Action":["ssm:GetParameters","ssm:PutParameter"],
    "Resource":"arn:aws:ssm:*:ACCOUNT:parameter/golden/*"},
    {"Effect":"Allow","Action":["ec2:CreateLaunchTemplateVersion","ec2:DeleteLaunchTemplateVersions","ec2:ModifyLaunchTemplate"],
    "Resource":"arn:aws:ec2:*:ACCOUNT:launch-template/*",
    "Condition":{"Null":{"aws:ResourceTag/image-steward:family":"false"}}}]}"#;
/// As it allows to show the tags of the hub's images, and to let Auto Scaling use its keys.
const VIEW: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"ec2:DescribeImages","Resource":"*"},
    {"Effect":"Allow","Action":["ec2:CreateTags","ec2:DeleteTags"],"Resource":"arn:aws:ec2:*::image/*","Condition":{
    "StringEquals":{"ec2:Owner":"111122223333"},"Null":{"aws:TagKeys":"false"},
    "ForAllValues:StringNotLike":{"aws:TagKeys":"image-steward:*"}}},
    {"Effect":"Allow","Action":"kms:CreateGrant","Resource":"arn:aws:kms:*:111122223333:key/*","Condition":{
    "StringEquals":{"kms:GranteePrincipal":
    "arn:aws:iam::ACCOUNT:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"},
    "ForAllValues:StringEquals":{"kms:GrantOperations":["CreateGrant","Decrypt","DescribeKey","Encrypt","GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext","ReEncryptFrom","ReEncryptTo"]}}}]}"#;
/// As it allows to retire its own copies.
pub const PRUNE: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["ec2:DescribeImageAttribute","ec2:DescribeImageReferences","ec2:DescribeImages",
    "ec2:DescribeSnapshots"],"Resource":"*"},
    {"Effect":"Allow","Action":["ec2:DeregisterImage","ec2:DisableImage","ec2:DisableImageDeprecation","ec2:EnableImage",
    "ec2:EnableImageDeprecation","ec2:ModifyImageAttribute"],"Resource":"arn:aws:ec2:*::image/*",
    "Condition":{"Null":{"aws:ResourceTag/image-steward:family":"false"}}},
    {"Effect":"Allow","Action":"ec2:DeleteSnapshot","Resource":"arn:aws:ec2:*::snapshot/*",
    "Condition":{"Null":{"aws:ResourceTag/image-steward:family":"false"}}}]}"#;

/// What a member allows who publishes channels there.
pub fn publish(account: AccountId) -> String {
    of(account, PUBLISH)
}

/// What it allows who shows it the tags of the hub's images, and lets its Auto Scaling use the hub's keys.
pub fn view(account: AccountId) -> String {
    of(account, VIEW)
}

/// A policy as it stands in this account.
pub fn of(account: AccountId, policy: &str) -> String {
    policy.replace("ACCOUNT", &account.to_string())
}
