//! What Image Builder tells of a build beyond the build itself.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_imagebuilder::types::{
    Filter, ImageScanFinding, ImageScanFindingAggregation, ImageScanFindingsFilter, SeverityCounts, VulnerablePackage,
    WorkflowExecutionMetadata, WorkflowExecutionStatus,
};
use steward::{
    Details, Findings, ImageBuildArn, Package, Scan, Timestamp, Vulnerability, VulnerabilityId, Words, WorkflowRun,
};

use crate::pages::each_page;
use crate::{AtTarget, Problem};

/// What Image Builder tells of a build beside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// It.
    pub details: Details,
    /// Whether a scan has ended and all that it found is there.
    pub scanned: bool,
}

impl AtTarget {
    /// Reads the workflows that a build ran, what its scan found, and what is installed in it.
    pub async fn details(&self, build: &ImageBuildArn, scan: Scan) -> Result<Told, Problem> {
        let (findings, vulnerabilities) = match scan {
            Scan::Done => (self.findings(build).await?, self.vulnerabilities(build).await?),
            Scan::None | Scan::UnderWay => (None, BTreeMap::new()),
        };
        // Both are told by Inspector, and one may come before the other.
        let counted = findings.is_some_and(|findings| findings.all > 0);
        Ok(Told {
            scanned: scan == Scan::Done && (!counted || !vulnerabilities.is_empty()),
            details: Details {
                workflows: self.workflow_runs(build).await?,
                findings,
                vulnerabilities,
                packages: self.packages(build).await?,
            },
        })
    }

    async fn workflow_runs(&self, build: &ImageBuildArn) -> Result<Vec<WorkflowRun>, Problem> {
        let doing = format!("list the workflows of {build}");
        let list = self.builder.list_workflow_executions();
        let list = list.image_build_version_arn(build.to_string());
        let mut runs = Vec::new();
        each_page!(self, builder_reads, &doing, list, |page| {
            runs.extend(page.workflow_executions().iter().map(run));
        });
        Ok(runs)
    }

    async fn findings(&self, build: &ImageBuildArn) -> Result<Option<Findings>, Problem> {
        let doing = format!("count the findings of {build}");
        let of = Filter::builder().name("imageBuildVersionArn").values(build.to_string());
        let list = self.builder.list_image_scan_finding_aggregations().filter(of.build());
        let mut findings = None;
        each_page!(self, builder_reads, &doing, list, |page| {
            let counts = page.responses().iter().find_map(|response| counts(response, build));
            findings = findings.or(counts);
        });
        Ok(findings)
    }

    async fn vulnerabilities(
        &self,
        build: &ImageBuildArn,
    ) -> Result<BTreeMap<VulnerabilityId, Vulnerability>, Problem> {
        let doing = format!("list the findings of {build}");
        let of = ImageScanFindingsFilter::builder();
        let of = of.name("imageBuildVersionArn").values(build.to_string());
        let list = self.builder.list_image_scan_findings().filters(of.build());
        let mut found = BTreeMap::new();
        each_page!(self, builder_reads, &doing, list, |page| {
            for finding in page.findings() {
                add(&mut found, finding);
            }
        });
        Ok(found)
    }

    async fn packages(&self, build: &ImageBuildArn) -> Result<BTreeSet<Package>, Problem> {
        let doing = format!("list the packages of {build}");
        let list = self.builder.list_image_packages();
        let list = list.image_build_version_arn(build.to_string());
        let mut packages = BTreeSet::new();
        each_page!(self, builder_reads, &doing, list, |page| {
            packages.extend(page.image_package_list().iter().map(|package| Package {
                name: package.package_name().unwrap_or_default().to_owned(),
                version: package.package_version().unwrap_or_default().to_owned(),
            }));
        });
        Ok(packages)
    }
}

fn run(execution: &WorkflowExecutionMetadata) -> WorkflowRun {
    let words = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(Words::from);
    let arn = execution.workflow_build_version_arn().unwrap_or_default();
    let count = |count: i32| u32::try_from(count).unwrap_or_default();
    WorkflowRun {
        // `…:workflow/test/test-image/1.0.0/1` is told from the others by what comes after its kind.
        workflow: Words::from(arn.split_once('/').map_or(arn, |(_, name)| name)),
        status: words(execution.status().map(WorkflowExecutionStatus::as_str))
            .unwrap_or_else(|| Words::from("UNKNOWN")),
        started: execution.start_time().and_then(|time| time.parse().ok()),
        steps: count(execution.total_step_count()),
        failed: count(execution.total_steps_failed()),
        message: words(execution.message()),
    }
}

/// Adds a finding. What is related to it is no other name of it, and stays out; one vulnerability may be found more than once.
fn add(found: &mut BTreeMap<VulnerabilityId, Vulnerability>, finding: &ImageScanFinding) {
    let Some(details) = finding.package_vulnerability_details() else {
        return;
    };
    let Ok(id) = details.vulnerability_id().parse::<VulnerabilityId>() else {
        return;
    };
    let text = |package: &VulnerablePackage| {
        let installed = [package.name(), package.version()]
            .map(Option::unwrap_or_default)
            .join(" ");
        let mended = package.fixed_in_version().map(|fixed| format!(" (fixed in {fixed})"));
        Words::from(installed + &mended.unwrap_or_default())
    };
    let published = details
        .vendor_created_at()
        .and_then(|time| Timestamp::from_millisecond(time.to_millis().ok()?).ok());
    let known = found.entry(id).or_insert_with(|| Vulnerability {
        severity: Words::from(finding.severity().unwrap_or("UNTRIAGED")),
        packages: Vec::new(),
        published,
    });
    let room = Vulnerability::MOST_PACKAGES.saturating_sub(known.packages.len());
    known
        .packages
        .extend(details.vulnerable_packages().iter().take(room).map(text));
}

fn counts(response: &ImageScanFindingAggregation, build: &ImageBuildArn) -> Option<Findings> {
    let image = response.image_aggregation()?;
    if image.image_build_version_arn() != Some(build.to_string().as_str()) {
        return None;
    }
    let counts = image.severity_counts()?;
    let count = |of: fn(&SeverityCounts) -> Option<i64>| of(counts).and_then(|count| u64::try_from(count).ok());
    Some(Findings {
        all: count(SeverityCounts::all).unwrap_or_default(),
        critical: count(SeverityCounts::critical).unwrap_or_default(),
        high: count(SeverityCounts::high).unwrap_or_default(),
        medium: count(SeverityCounts::medium).unwrap_or_default(),
    })
}
