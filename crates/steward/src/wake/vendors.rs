/// By these AWS tells that it made another base: Amazon Linux 2023 and 2, Windows, and what ECS runs on. All lie in one Region.
/// infra/vendors.yaml subscribes to them.
pub const VENDOR_TOPICS: [&str; 4] = [
    "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates",
    "arn:aws:sns:us-east-1:137112412989:amazon-linux-2-ami-updates",
    "arn:aws:sns:us-east-1:801119661308:ec2-windows-ami-update",
    "arn:aws:sns:us-east-1:177427601217:ecs-optimized-amazon-ami-update",
];
