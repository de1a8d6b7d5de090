use super::*;
use crate::evidence::{
    ImageName, ImageSeen, InstanceSeen, InstanceState, ReportedUse, ReportedUser, ReportsSeen, TemplateSeen,
};

fn ami(n: u64) -> AmiId {
    format!("ami-{n:017x}").parse().unwrap()
}

fn at(day: u8) -> Timestamp {
    format!("2026-01-{day:02}T00:00:00Z").parse().unwrap()
}

/// The target's own images 1 to 5, of which 1 is disabled and 2 to 4 are deprecated from that day on.
fn ours() -> (BTreeMap<AmiId, Option<AmiState>>, Readings) {
    let states = [AmiState::Disabled, AmiState::Available, AmiState::Available];
    let states = states.into_iter().map(Some).chain([None, Some(AmiState::Available)]);
    let ours = (1..).map(ami).zip(states).collect();
    let seen = |n: u8| ImageSeen {
        ami: ami(u64::from(n)),
        launched: None,
        deprecated: (2..5).contains(&n).then(|| at(n)),
        tags: BTreeMap::new(),
        protected: None,
    };
    let readings = Readings {
        images: Ok((1..=5).map(seen).collect()),
        ..Readings::of_nothing()
    };
    (ours, readings)
}

#[test]
fn what_is_disabled_and_what_is_deprecated_by_now_is_asked_about() {
    let (ours, readings) = ours();
    let asked = |day| Vec::from_iter(images_to_ask_about(&ours, &readings, at(day)));
    assert_eq!(asked(1), [ami(1)]);
    // On the very day it is.
    assert_eq!(asked(2), [ami(1), ami(2)]);
    assert_eq!(asked(9), [ami(1), ami(2), ami(3), ami(4)]);
}

#[test]
fn what_is_not_ours_or_could_not_be_listed_is_not_asked_about() {
    let (mut ours, mut readings) = ours();
    ours.remove(&ami(1));
    assert_eq!(Vec::from_iter(images_to_ask_about(&ours, &readings, at(2))), [ami(2)]);
    readings.images = Err("UnauthorizedOperation".into());
    assert!(images_to_ask_about(&ours, &readings, at(9)).is_empty());
}

#[test]
fn what_a_list_or_a_report_shows_in_use_is_not_asked_about() {
    let (ours, mut readings) = ours();
    let instance = InstanceSeen {
        id: "i-00000000000000001".parse().unwrap(),
        state: InstanceState::Stopped,
        image: ami(2),
        name: None,
        owner: None,
        template: None,
    };
    let reported = ReportedUse {
        ami: ami(1),
        requested: at(1),
        account: "222233334444".parse().unwrap(),
        by: ReportedUser::Instances,
        count: 1,
    };
    readings.instances = Ok(vec![instance]);
    readings.reports = Ok(ReportsSeen {
        listed: 1,
        reports: Vec::new(),
        uses: vec![reported],
    });
    // A list that could not be read shows nothing.
    readings.fleets = Err("UnauthorizedOperation".into());
    let asked = images_to_ask_about(&ours, &readings, at(9));
    assert_eq!(Vec::from_iter(asked), [ami(3), ami(4)]);
}

#[test]
fn an_old_version_of_a_template_that_nothing_names_settles_nothing_and_the_default_one_does() {
    let (ours, mut readings) = ours();
    let version = |n: u8| (u64::from(n), Some(ImageName::Ami(ami(u64::from(n)))));
    readings.templates = Ok(vec![TemplateSeen {
        id: "lt-00000000000000001".parse().unwrap(),
        name: String::from("web"),
        default: 2,
        latest: 3,
        versions: (1..4).map(version).collect(),
    }]);
    let asked = images_to_ask_about(&ours, &readings, at(3));
    assert_eq!(Vec::from_iter(asked), [ami(1)]);
}

fn read(kind: &str, arn: &str) -> Result<String, String> {
    Referrer::read(kind, arn).map(|referrer| referrer.to_string())
}

#[test]
fn what_names_an_image_is_read_from_its_kind_and_arn() {
    let ec2 = "arn:aws:ec2:eu-west-1:111122223333";
    let builder = "arn:aws:imagebuilder:eu-west-1:111122223333";
    for (kind, arn, said) in [
        (
            "ec2:Instance",
            format!("{ec2}:instance/i-0123456789abcdef0"),
            "instance i-0123456789abcdef0",
        ),
        (
            "ec2:LaunchTemplate",
            format!("{ec2}:launch-template/lt-0123456789abcdef0"),
            "launch template lt-0123456789abcdef0",
        ),
        (
            "ssm:Parameter",
            String::from("arn:aws:ssm:eu-west-1:111122223333:parameter/golden/web"),
            "parameter /golden/web",
        ),
        (
            "imagebuilder:ImageRecipe",
            format!("{builder}:image-recipe/web/1.0.0"),
            "recipe web/1.0.0",
        ),
        (
            "imagebuilder:ContainerRecipe",
            format!("{builder}:container-recipe/web/1.0.0"),
            "container recipe web/1.0.0",
        ),
        (
            "ec2:Fleet",
            format!("{ec2}:fleet/1"),
            "ec2:Fleet arn:aws:ec2:eu-west-1:111122223333:fleet/1",
        ),
    ] {
        assert_eq!(read(kind, &arn).as_deref(), Ok(said));
        let referrer = Referrer::read(kind, &arn).unwrap();
        let json = serde_json::to_string(&referrer).unwrap();
        assert_eq!(serde_json::from_str::<Referrer>(&json).unwrap(), referrer);
    }
}

#[test]
fn an_arn_that_is_not_of_its_kind_is_an_error_that_names_it() {
    for (kind, arn, wrong) in [
        ("ec2:Instance", "i-0123456789abcdef0", "is not an ARN"),
        (
            "ec2:Instance",
            "arn:aws:ec2:eu-west-1:111122223333:image/ami-01234567",
            "is no instance",
        ),
        (
            "ec2:LaunchTemplate",
            "arn:aws:ec2:eu-west-1:111122223333:launch-template/web",
            "does not start with lt-",
        ),
        (
            "ssm:Parameter",
            "arn:aws:ssm:eu-west-1:111122223333:parameter/",
            "is no parameter",
        ),
        (
            "imagebuilder:ImageRecipe",
            "arn:aws:imagebuilder:eu-west-1:111122223333:component/web/1.0.0/1",
            "must name an image recipe",
        ),
    ] {
        let error = read(kind, arn).unwrap_err();
        assert!(
            error.starts_with(&format!("the {kind} {arn}: ")) && error.contains(wrong),
            "{error}"
        );
    }
}
