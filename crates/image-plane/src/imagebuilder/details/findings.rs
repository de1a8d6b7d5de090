//! What scans of images found, one by one.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::arn::{Arn, Kind, Place, Version};
use super::super::finding::{Vulnerability, VulnerablePackage};
use super::super::image::Image;
use super::super::request::Input;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

/// What a scan that is over has found in an image.
pub(super) struct Scanned<'a> {
    pub(super) place: &'a Place,
    pub(super) image: &'a Image,
    pub(super) arn: String,
    at: Time,
}

/// The images of an account whose scan is over. One that failed later was scanned all the same.
pub(super) fn scanned(world: &World, target: Target) -> impl Iterator<Item = Scanned<'_>> {
    let images = world.builder.shelf(target).images.iter();
    images.filter_map(move |(place, image)| {
        Some(Scanned {
            place,
            image,
            arn: Arn::of_build(target, Kind::Image, place).to_string(),
            at: image.scanned.filter(|at| *at <= world.now)?,
        })
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {}

/// A finding, with the image it was found in.
struct Finding<'a> {
    scanned: &'a Scanned<'a>,
    vulnerability: Vulnerability,
}

/// `ListImageScanFindings`. An image that is not there or was not scanned has none; that is no error.
pub(super) fn list(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let filters = [
        "imageBuildVersionArn",
        "imagePipelineArn",
        "vulnerabilityId",
        "severity",
    ];
    let (paging, List {}) = input.listing(&filters)?;
    paging.one_filter()?;
    let target = caller.target;
    let images: Vec<Scanned<'_>> = scanned(world, target).collect();
    let findings = images.iter().flat_map(|scanned| {
        let each = scanned.image.work.found.each().into_owned();
        (0_u32..).zip(each).map(move |(number, vulnerability)| {
            let finding = Finding { scanned, vulnerability };
            (key(scanned.place, number), finding)
        })
    });
    let page = paging.cut(world, findings, |finding, field| match field {
        "imageBuildVersionArn" => vec![finding.scanned.arn.clone()],
        "imagePipelineArn" => finding.scanned.image.pipeline.iter().cloned().collect(),
        "vulnerabilityId" => vec![finding.vulnerability.id.clone()],
        _ => vec![finding.vulnerability.severity.to_string()],
    })?;
    let list: Vec<Value> = page.items.iter().map(|finding| finding.describe(target)).collect();
    Ok(json!({ "findings": list, "nextToken": page.next }))
}

/// Where a finding stands among all: by its image, then by its number there. Another image does not move it.
fn key((name, version, build): &Place, number: u32) -> Place {
    let semver = version.semver(*build);
    (format!("{name}/{semver:036x}/{number:08x}"), Version::default(), 0)
}

impl Finding<'_> {
    fn describe(&self, target: Target) -> Value {
        let Self { scanned, vulnerability } = self;
        // Timestamps are numbers: seconds since 1970. Which finding was there before, the model does not follow: each
        // image has its own.
        let at = scanned.at.millis() / 1000;
        let Vulnerability {
            id,
            severity,
            description,
            packages,
            published,
        } = vulnerability;
        let packages: Vec<Value> = packages
            .iter()
            .map(
                |VulnerablePackage {
                     name,
                     version,
                     fixed_in,
                 }| {
                    json!({ "name": name, "version": version, "packageManager": "OS", "fixedInVersion": fixed_in })
                },
            )
            .collect();
        json!({
            "awsAccountId": target.account.to_string(),
            "imageBuildVersionArn": scanned.arn,
            "imagePipelineArn": scanned.image.pipeline,
            "type": "PACKAGE_VULNERABILITY",
            "title": vulnerability.title(),
            "description": description,
            "remediation": { "recommendation": { "text": "None Provided" } },
            "severity": severity.to_string(),
            "firstObservedAt": at,
            "updatedAt": at,
            "inspectorScore": severity.score(),
            "packageVulnerabilityDetails": {
                "vulnerabilityId": id,
                "vulnerablePackages": packages,
                "vendorCreatedAt": published.map(|at| at.millis() / 1000),
                "source": "NVD",
                "sourceUrl": format!("https://nvd.nist.gov/vuln/detail/{id}"),
                "relatedVulnerabilities": [],
                "referenceUrls": [],
            },
            "fixAvailable": vulnerability.fix_available(),
        })
    }
}

#[cfg(test)]
mod tests;
