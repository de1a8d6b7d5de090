use std::time::Duration;

use super::{HUB, MANAGEMENT, MEMBER, ORGANIZATION, OUTSIDER, PRODUCTION, ROOT, SANDBOX, WORKLOADS, account, member};
use crate::ec2::place::NewImage;
use crate::ec2::testing;
use crate::sts::tests::{assume, root};
use crate::world::Target;

const DEEP: [&str; 3] = ["ou-ab12-44444443", "ou-ab12-44444444", "ou-ab12-44444445"];

/// EC2's bench in the organization of the others, with an image of the hub's.
struct Bench {
    ec2: testing::Bench,
    image: String,
}

impl Bench {
    fn new() -> Self {
        let mut ec2 = testing::Bench::new();
        let organization = super::Bench::of(std::mem::replace(&mut ec2.world, super::world()));
        ec2.world = organization.world;
        let image = ec2.image(NewImage::named("web-1"));
        Self { ec2, image }
    }

    fn share(&mut self, kind: &str, arn: &str) {
        let image = self.image.clone();
        let entry = format!("LaunchPermission.Add.1.{kind}");
        self.ec2
            .ok("ModifyImageAttribute", &[("ImageId", &image), (&entry, arn)]);
    }

    fn share_with_unit(&mut self, unit: &str) {
        let arn = format!("arn:aws:organizations::999900001111:ou/o-exampleorgid/{unit}");
        self.share("OrganizationalUnitArn", &arn);
    }

    /// Whether the account finds the image, and may launch it.
    fn reaches(&mut self, digits: &str) -> bool {
        let (image, target) = (
            self.image.clone(),
            Target {
                account: account(digits),
                ..self.ec2.hub
            },
        );
        let found = self
            .ec2
            .call_as(target, "DescribeImages", &[("ImageId.1", &image)])
            .is_ok();
        let launch = [("ImageId", image.as_str()), ("MinCount", "1"), ("MaxCount", "1")];
        assert_eq!(self.ec2.call_as(target, "RunInstances", &launch).is_ok(), found);
        found
    }
}

#[test]
fn an_image_of_a_unit_reaches_the_accounts_in_it_and_in_all_units_below() {
    let mut bench = Bench::new();
    bench.share_with_unit(WORKLOADS);
    assert!(bench.reaches(MEMBER), "it is in a unit of the unit");
    assert!(!bench.reaches(MANAGEMENT));
    let mut parent = PRODUCTION;
    for unit in DEEP {
        bench.ec2.world.create_unit(unit, parent, "deeper").unwrap();
        bench.ec2.world.move_account(member(), unit).unwrap();
        assert!(bench.reaches(MEMBER), "in {unit}");
        parent = unit;
    }
}

#[test]
fn an_image_of_a_unit_follows_who_moves_in_and_leaves_who_moves_out() {
    let mut bench = Bench::new();
    bench.share_with_unit(SANDBOX);
    assert!(!bench.reaches(MEMBER));
    bench.ec2.world.move_account(member(), SANDBOX).unwrap();
    assert!(bench.reaches(MEMBER));
    bench.ec2.world.move_account(member(), ROOT).unwrap();
    assert!(!bench.reaches(MEMBER));
}

#[test]
fn an_image_of_the_organization_reaches_its_members_from_when_they_join_until_they_leave() {
    let mut bench = Bench::new();
    let arn = format!("arn:aws:organizations::{MANAGEMENT}:organization/{ORGANIZATION}");
    bench.share("OrganizationArn", &arn);
    assert!(bench.reaches(MEMBER) && bench.reaches(MANAGEMENT));
    assert!(!bench.reaches(OUTSIDER));
    bench.ec2.world.create_account(account(OUTSIDER), "Api").unwrap();
    bench.ec2.pass(Duration::from_mins(1));
    assert!(bench.reaches(OUTSIDER));
    bench.ec2.world.remove_account(account(OUTSIDER)).unwrap();
    assert!(!bench.reaches(OUTSIDER));
}

#[test]
fn a_role_open_to_a_place_in_the_organization_opens_to_who_is_there_now() {
    let mut world = super::Bench::new().world;
    let open_to = |path: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole",
            "Condition":{{"ForAnyValue:StringLike":{{"aws:PrincipalOrgPaths":"{path}"}}}}}}}}"#
        )
    };
    let at_root = open_to("o-exampleorgid/r-ab12/");
    let in_sandbox = open_to("o-exampleorgid/r-ab12/ou-ab12-33333333/*");
    let root_only = world.create_role(account(HUB), "a", &at_root, &[]).unwrap();
    let sandbox_only = world.create_role(account(HUB), "b", &in_sandbox, &[]).unwrap();
    let opens = |world: &mut crate::world::World| {
        [&root_only, &sandbox_only].map(|role| assume(world, &root(MEMBER), role).is_ok())
    };
    assert_eq!(opens(&mut world), [false, false]);
    world.move_account(member(), SANDBOX).unwrap();
    assert_eq!(opens(&mut world), [false, true]);
    world.move_account(member(), ROOT).unwrap();
    assert_eq!(opens(&mut world), [true, false]);
}
