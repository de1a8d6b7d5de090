use std::collections::BTreeSet;

use aws_sdk_ec2::primitives::DateTime;
use aws_sdk_ec2::types::{
    ImageUsageReport, ImageUsageReportEntry, ImageUsageResourceType, ImageUsageResourceTypeOptionRequest,
    ImageUsageResourceTypeRequest,
};
use steward::evidence::{ReportSeen, ReportState, ReportedUse, ReportedUser, ReportsSeen, worth_reading};
use steward::{AmiId, Timestamp, Words};

use crate::images::GONE;
use crate::pages::each_page;
use crate::problem::absent;
use crate::{AtTarget, Problem};

/// All that a report can be about.
const INSTANCES: &str = "ec2:Instance";
const TEMPLATES: &str = "ec2:LaunchTemplate";
/// How many versions of a launch template are looked at, the newest first: as many as there may be.
const DEPTH: &str = "version-depth";
const DEEPEST: u16 = 10_000;
/// What EC2 looks at where nobody says how many.
const USUAL_DEPTH: u16 = 20;
/// So many reports are read at a time.
const AT_A_TIME: usize = 200;

impl AtTarget {
    /// Lists the usage reports of the target's images, whoever asked for them, and reads what those of these images say.
    pub async fn reports(&self, ours: &BTreeSet<AmiId>) -> Result<ReportsSeen, Problem> {
        let doing = "list the usage reports";
        let list = self.ec2.describe_image_usage_reports().max_results(1000);
        let mut seen = ReportsSeen::default();
        each_page!(self, reads, doing, list, |page| {
            for report in page.image_usage_reports() {
                seen.listed += 1;
                let report = report_seen(report).map_err(|what| Problem::not_understood(doing, self.target, what))?;
                if ours.contains(&report.ami) {
                    seen.reports.push(report);
                }
            }
        });
        let read: Vec<&Words> = worth_reading(&seen.reports).map(|report| &report.id).collect();
        for some in read.chunks(AT_A_TIME) {
            seen.uses.extend(self.entries(some).await?);
        }
        Ok(seen)
    }

    async fn entries(&self, reports: &[&Words]) -> Result<Vec<ReportedUse>, Problem> {
        let doing = "read the usage reports";
        let ids = reports.iter().map(|id| id.as_str().to_owned()).collect();
        let list = self.ec2.describe_image_usage_report_entries();
        let list = list.set_report_ids(Some(ids)).max_results(1000);
        let mut uses = Vec::new();
        each_page!(self, reads, doing, list, |page| {
            for entry in page.image_usage_report_entries() {
                uses.push(reported(entry).map_err(|what| Problem::not_understood(doing, self.target, what))?);
            }
        });
        Ok(uses)
    }

    /// Asks for a report of all that EC2 can tell of an image's use, in every account; false where there is no such image any
    /// more. The same token asks the same again.
    pub async fn ask_for_report(&self, ami: AmiId, token: &str) -> Result<bool, Problem> {
        let doing = format!("ask for a usage report of {ami}");
        let depth = ImageUsageResourceTypeOptionRequest::builder()
            .option_name(DEPTH)
            .option_values(DEEPEST.to_string());
        let about = |name: &str| ImageUsageResourceTypeRequest::builder().resource_type(name);
        let request = self
            .ec2
            .create_image_usage_report()
            .image_id(ami.to_string())
            .resource_types(about(INSTANCES).build())
            .resource_types(about(TEMPLATES).resource_type_options(depth.build()).build())
            .client_token(token);
        self.writes.wait().await;
        let answer = self.answered(&doing, request.send()).await;
        Ok(absent(answer, &GONE)?.is_some())
    }
}

fn report_seen(report: &ImageUsageReport) -> Result<ReportSeen, String> {
    let id = report.report_id().ok_or("a report without an id")?;
    let of = |what: &dyn std::fmt::Display| format!("{id} has {what}");
    let image = report.image_id().ok_or_else(|| of(&"no image"))?;
    let state = report.state().ok_or_else(|| of(&"no state"))?;
    Ok(ReportSeen {
        id: Words::from(id),
        ami: image
            .parse()
            .map_err(|error| of(&format_args!("a bad image: {error}")))?,
        requested: time(report.creation_time()).ok_or_else(|| of(&"no time"))?,
        state: ReportState::read(state)?,
        whole: report.account_ids().is_empty() && is_about_all(report.resource_types()),
    })
}

/// Whether it is about as much as we ask for.
fn is_about_all(types: &[ImageUsageResourceType]) -> bool {
    let of = |name: &str| types.iter().find(|kind| kind.resource_type() == Some(name));
    let depth = of(TEMPLATES).map(|templates| {
        let options = templates.resource_type_options().iter();
        let mut depth = options.filter(|option| option.option_name() == Some(DEPTH));
        let said = depth.next().and_then(|option| option.option_values().first());
        said.map_or(Some(USUAL_DEPTH), |depth| depth.parse().ok())
    });
    of(INSTANCES).is_some() && depth.flatten().is_some_and(|depth| depth >= DEEPEST)
}

fn reported(entry: &ImageUsageReportEntry) -> Result<ReportedUse, String> {
    let id = entry.report_id().unwrap_or_default();
    let of = |what: &dyn std::fmt::Display| format!("{id} tells of {what}");
    let image = entry.image_id().ok_or_else(|| of(&"no image"))?;
    let account = entry.account_id().ok_or_else(|| of(&"no account"))?;
    let count = entry.usage_count().and_then(|count| u64::try_from(count).ok());
    Ok(ReportedUse {
        ami: image
            .parse()
            .map_err(|error| of(&format_args!("a bad image: {error}")))?,
        requested: time(entry.report_creation_time()).ok_or_else(|| of(&"no time"))?,
        account: account
            .parse()
            .map_err(|error| of(&format_args!("a bad account: {error}")))?,
        by: ReportedUser::read(entry.resource_type().ok_or_else(|| of(&"users of no kind"))?),
        count: count.ok_or_else(|| of(&"no count"))?,
    })
}

fn time(time: Option<&DateTime>) -> Option<Timestamp> {
    Timestamp::from_millisecond(time?.to_millis().ok()?).ok()
}
