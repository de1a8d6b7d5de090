#![expect(clippy::needless_pass_by_value, reason = "requests read best where they are sent")]

use super::super::testing::Bench;
use super::*;

const PARAMETER: &str = "distributionConfigurationArn";

fn with(entries: Value) -> Value {
    json!({ "name": "dist", "distributions": entries })
}

#[test]
fn a_configuration_is_read_back_with_its_timeout_and_listed_with_its_regions() {
    let mut bench = Bench::new();
    let ami = json!({ "name": "web {{ imagebuilder:buildDate }}", "amiTags": { "a": "b" }, "launchPermission": { "userIds": ["222233334444"] } });
    let created = bench.ok(
        "CreateDistributionConfiguration",
        with(json!([{ "region": "eu-west-1", "amiDistributionConfiguration": ami }])),
    );
    let arn = created[PARAMETER].as_str().unwrap().to_owned();
    let got = bench.get("GetDistributionConfiguration", PARAMETER, &arn)["distributionConfiguration"].clone();
    assert_eq!(
        (
            &got["timeoutMinutes"],
            &got["distributions"][0]["amiDistributionConfiguration"]
        ),
        (&json!(720), &ami)
    );
    let listed = bench.post("ListDistributionConfigurations", json!({}));
    assert_eq!(
        listed["distributionConfigurationSummaryList"][0]["regions"],
        json!(["eu-west-1"])
    );
}

#[test]
fn each_region_comes_once_exists_and_has_an_output() {
    let mut bench = Bench::new();
    let entry = |region: &str| json!({ "region": region, "amiDistributionConfiguration": {} });
    for entries in [
        json!([]),
        json!([entry("eu-west-1"), entry("eu-west-1")]),
        json!([entry("mars-1")]),
        json!([{ "region": "eu-west-1" }]),
    ] {
        assert_eq!(
            bench.refused("CreateDistributionConfiguration", with(entries.clone())),
            (400, "InvalidParameterValueException".into()),
            "{entries}"
        );
    }
}

#[test]
fn an_ami_name_needs_the_build_date_and_knows_two_variables() {
    for bad in [
        "web",
        "web {{ imagebuilder:buildVersion }}",
        "web {{ imagebuilder:colour }} {{ imagebuilder:buildDate }}",
        "web {{ imagebuilder:buildDate",
        " web",
        "web!",
    ] {
        assert!(check_ami_name("name", bad).is_err(), "{bad}");
    }
    assert!(check_ami_name("name", "{{imagebuilder:buildVersion}} web {{imagebuilder:buildDate}}").is_ok());
    assert_eq!(
        fill_in(
            "{{imagebuilder:buildVersion}} w {{ imagebuilder:buildDate }}.",
            "D",
            "V"
        )
        .as_deref(),
        Some("V w D.")
    );
}

#[test]
fn what_a_distribution_cannot_do_here_is_refused_by_name() {
    let mut bench = Bench::new();
    for member in [
        "launchTemplateConfigurations",
        "ssmParameterConfigurations",
        "s3ExportConfiguration",
        "fastLaunchConfigurations",
    ] {
        let entry = json!({ "region": "eu-west-1", "amiDistributionConfiguration": {}, member: [] });
        assert_eq!(
            bench.refused("CreateDistributionConfiguration", with(json!([entry]))),
            (501, "NotModelled".into()),
            "{member}"
        );
    }
}

#[test]
fn organizations_and_units_go_by_arn_and_accounts_by_12_digits() {
    let mut bench = Bench::new();
    let mut permission = |member: &str, value: Value| {
        let entry =
            json!({ "region": "eu-west-1", "amiDistributionConfiguration": { "launchPermission": { member: value } } });
        let mut request = with(json!([entry]));
        request["dryRun"] = json!(true);
        bench.refused("CreateDistributionConfiguration", request).0
    };
    assert_eq!(permission("organizationArns", json!(["o-exampleorgid"])), 400);
    assert_eq!(
        permission(
            "organizationArns",
            json!(["arn:aws:organizations::111122223333:organization/o-exampleorgid"])
        ),
        412
    );
    assert_eq!(permission("organizationalUnitArns", json!(["ou-ab12-11111111"])), 400);
    assert_eq!(
        permission(
            "organizationalUnitArns",
            json!(["arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-11111111"])
        ),
        412
    );
    assert_eq!(permission("userIds", json!(["1234"])), 400);
    assert_eq!(permission("userGroups", json!(["some"])), 400);
}

#[test]
fn at_most_50_copies_go_to_other_accounts() {
    let mut bench = Bench::new();
    let accounts: Vec<String> = (0..51).map(|n| format!("{:012}", 222_200_000_000_u64 + n)).collect();
    let entry = json!({ "region": "eu-west-1", "amiDistributionConfiguration": { "targetAccountIds": accounts } });
    assert_eq!(
        bench.refused("CreateDistributionConfiguration", with(json!([entry]))),
        (402, "ServiceQuotaExceededException".into())
    );
}
