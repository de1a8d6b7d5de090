use crate::manifest::document::words;
use crate::{
    AccountId, AmiId, Architecture, ChannelName, ComponentArn, Duration, FamilyName, ImageArn, KmsKeyRef,
    OrganizationArn, OrganizationalUnitArn, Region, WorkflowArn,
};

words! {
    AccountId: "account id", "111122223333";
    AmiId: "AMI id", "ami-0123456789abcdef0";
    Architecture: "architecture", "x86_64";
    ChannelName: "channel name", "stable";
    ComponentArn: "component ARN", "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x";
    Duration: "duration", "30d";
    FamilyName: "family name", "web";
    ImageArn: "image ARN", "arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2023-x86/x.x.x";
    KmsKeyRef: "KMS key", "alias/golden";
    OrganizationArn: "organization ARN", "arn:aws:organizations::111122223333:organization/o-exampleorgid";
    OrganizationalUnitArn: "organizational unit ARN", "arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-11111111";
    Region: "Region", "eu-west-1";
    WorkflowArn: "workflow ARN", "arn:aws:imagebuilder:eu-west-1:aws:workflow/test/test-image/x.x.x";
}
