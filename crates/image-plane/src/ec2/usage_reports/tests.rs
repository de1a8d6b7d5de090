mod content;
mod life;
mod reading;
mod requests;

use std::time::Duration;

use super::super::place::NewImage;
use super::super::testing::{Bench, Pairs, fields};
use crate::sts::tests::field;
use crate::world::Target;

const INSTANCES: (&str, &str) = ("ResourceType.1.ResourceType", "ec2:Instance");
const TEMPLATES: (&str, &str) = ("ResourceType.2.ResourceType", "ec2:LaunchTemplate");
const HOUR: Duration = Duration::from_hours(1);

/// Asks for a report on instances and launch templates, and gives back its id.
fn ask(bench: &mut Bench, image: &str, more: Pairs<'_>) -> String {
    let mut pairs = vec![("ImageId", image), INSTANCES, TEMPLATES];
    pairs.extend_from_slice(more);
    field(&bench.ok("CreateImageUsageReport", &pairs), "reportId")
}

/// The same, until it can be read.
fn made(bench: &mut Bench, image: &str, more: Pairs<'_>) -> String {
    let id = ask(bench, image, more);
    bench.pass(Duration::from_mins(2));
    id
}

/// What a report says: account, type and count.
fn entries(bench: &mut Bench, id: &str) -> Vec<(String, String, String)> {
    let answer = bench.ok("DescribeImageUsageReportEntries", &[("ReportId.1", id)]);
    let (accounts, counts) = (fields(&answer, "accountId"), fields(&answer, "usageCount"));
    let rows = accounts.into_iter().zip(fields(&answer, "resourceType")).zip(counts);
    rows.map(|((account, kind), count)| (account, kind, count)).collect()
}

fn entry(account: Target, kind: &str, count: &str) -> (String, String, String) {
    (account.account.to_string(), kind.to_owned(), count.to_owned())
}

fn code(bench: &mut Bench, action: &str, pairs: Pairs<'_>) -> String {
    bench.refused(action, pairs).0
}

/// An image of the hub's that the member may use.
fn shared(bench: &mut Bench) -> String {
    let member = bench.member.account;
    bench.image(NewImage::named("web").shared_with([member]))
}

fn launch(bench: &mut Bench, who: Target, image: &str, count: &str) -> Vec<String> {
    let pairs = [("ImageId", image), ("MinCount", count), ("MaxCount", count)];
    fields(&bench.call_as(who, "RunInstances", &pairs).unwrap(), "instanceId")
}

fn template(bench: &mut Bench, who: Target, name: &str, images: &[&str]) {
    let first = [("LaunchTemplateName", name), ("LaunchTemplateData.ImageId", images[0])];
    let made = bench.call_as(who, "CreateLaunchTemplate", &first).unwrap();
    let id = field(&made, "launchTemplateId");
    for image in &images[1..] {
        let next = [("LaunchTemplateId", &*id), ("LaunchTemplateData.ImageId", image)];
        bench.call_as(who, "CreateLaunchTemplateVersion", &next).unwrap();
    }
}
