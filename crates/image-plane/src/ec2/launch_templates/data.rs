//! What a version of a launch template says, as far as the model knows it.

use std::borrow::Cow;

use super::super::devices::{self, Change, Wish};
use super::super::launch::Order;
use super::super::tags::Tags;
use super::super::{errors, tag_api};
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;

/// The kinds of resources a launch makes that a template can tag.
const TAGGED: &[&str] = &["instance", "network-interface", "spot-instances-request", "volume"];

/// The data of a version. Nothing of it is looked up before somebody launches it: an image may be named that is not there.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Data {
    /// An id, or `resolve:ssm:` and a parameter.
    pub(super) image: Option<String>,
    kind: Option<String>,
    key_name: Option<String>,
    start_script: Option<String>,
    ebs_optimized: Option<bool>,
    profile: Option<Profile>,
    security_groups: Vec<String>,
    devices: Vec<Wish>,
    tags: Vec<(String, Tags)>,
    metadata: Option<Metadata>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Profile {
    arn: Option<String>,
    name: Option<String>,
}

/// How an instance answers for its metadata.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Metadata {
    tokens: Option<String>,
    hop_limit: Option<u8>,
    endpoint: Option<String>,
    ipv6: Option<String>,
    tags: Option<String>,
}

impl Data {
    /// Data that says which image, and leaves the rest open.
    pub(super) fn of_image(image: String) -> Self {
        Self {
            image: Some(image),
            ..Self::default()
        }
    }

    pub(super) fn read(mut params: Params) -> Result<Self, ApiError> {
        let data = Self {
            image: params.text("ImageId")?,
            kind: params.text("InstanceType")?,
            key_name: params.text("KeyName")?,
            start_script: params.text("UserData")?,
            ebs_optimized: params.boolean("EbsOptimized")?,
            profile: params.structure("IamInstanceProfile").map(Profile::read).transpose()?,
            security_groups: params.texts("SecurityGroupId")?,
            devices: devices::read(&mut params)?,
            tags: read_tags(&mut params)?,
            metadata: params.structure("MetadataOptions").map(Metadata::read).transpose()?,
        };
        params.finish()?;
        Ok(data)
    }

    /// This data, with a source version's for all that it leaves open.
    pub(super) fn based_on(self, source: &Self) -> Self {
        let source = source.clone();
        Self {
            image: self.image.or(source.image),
            kind: self.kind.or(source.kind),
            key_name: self.key_name.or(source.key_name),
            start_script: self.start_script.or(source.start_script),
            ebs_optimized: self.ebs_optimized.or(source.ebs_optimized),
            profile: self.profile.or(source.profile),
            security_groups: or(self.security_groups, source.security_groups),
            devices: or(self.devices, source.devices.into_iter().map(without_snapshot).collect()),
            tags: or(self.tags, source.tags),
            metadata: self.metadata.or(source.metadata),
        }
    }

    /// The tags that its instances get.
    pub(super) fn instance_tags(&self) -> impl Iterator<Item = (&str, &str)> {
        let of_instances = self.tags.iter().filter(|(kind, _)| kind == "instance");
        of_instances.flat_map(|(_, tags)| tags.iter())
    }

    /// What a launch takes from it.
    pub(super) fn order(&self) -> Order {
        Order {
            image: self.image.clone(),
            kind: self.kind.clone(),
            wishes: self.devices.clone(),
            tags: self.instance_tags().collect(),
        }
    }

    /// The value of a filter of DescribeLaunchTemplateVersions.
    pub(super) fn value(&self, filter: &str) -> Option<Cow<'_, str>> {
        let metadata = self.metadata.as_ref();
        let value = match filter {
            "ebs-optimized" => return self.ebs_optimized.map(|on| Cow::Owned(on.to_string())),
            "http-endpoint" => metadata?.endpoint.as_deref(),
            "http-tokens" => metadata?.tokens.as_deref(),
            "iam-instance-profile" => self.profile.as_ref()?.arn.as_deref(),
            "image-id" => self.image.as_deref(),
            "instance-type" => self.kind.as_deref(),
            _ => None,
        };
        value.map(Cow::Borrowed)
    }

    /// Writes it as it was sent, but for the image, which may be shown as what its alias stands for.
    pub(super) fn write(&self, xml: &mut Xml, image: Option<&str>) {
        xml.optional("ebsOptimized", self.ebs_optimized);
        if let Some(Profile { arn, name }) = &self.profile {
            xml.element("iamInstanceProfile", |xml| {
                xml.optional("arn", arn.as_deref());
                xml.optional("name", name.as_deref());
            });
        }
        if !self.devices.is_empty() {
            xml.items("blockDeviceMappingSet", &self.devices, write_device);
        }
        xml.optional("imageId", image);
        xml.optional("instanceType", self.kind.as_deref());
        xml.optional("keyName", self.key_name.as_deref());
        xml.optional("userData", self.start_script.as_deref());
        if !self.tags.is_empty() {
            xml.items("tagSpecificationSet", &self.tags, |xml, (kind, tags)| {
                xml.text("resourceType", kind);
                xml.items("tagSet", tags.iter(), |xml, (key, value)| {
                    xml.text("key", key);
                    xml.text("value", value);
                });
            });
        }
        if !self.security_groups.is_empty() {
            xml.element("securityGroupIdSet", |xml| {
                for id in &self.security_groups {
                    xml.text("item", id);
                }
            });
        }
        if let Some(metadata) = &self.metadata {
            xml.element("metadataOptions", |xml| metadata.write(xml));
        }
    }
}

/// A list that is sent replaces the source's.
fn or<T>(list: Vec<T>, source: Vec<T>) -> Vec<T> {
    if list.is_empty() { source } else { list }
}

/// A new version does not inherit the snapshots of its source's mappings.
fn without_snapshot(mut wish: Wish) -> Wish {
    if let Change::Ebs(ebs) = &mut wish.change {
        ebs.snapshot = None;
    }
    wish
}

fn read_tags(params: &mut Params) -> Result<Vec<(String, Tags)>, ApiError> {
    let mut read: Vec<(String, Tags)> = Vec::new();
    for mut specification in params.list("TagSpecification")? {
        let kind = specification.required("ResourceType")?;
        let tags: Tags = tag_api::read_tags(&mut specification)?.into_iter().collect();
        specification.finish()?;
        if !TAGGED.contains(&kind.as_str()) || read.iter().any(|(known, _)| *known == kind) {
            return Err(ApiError::client(
                "InvalidParameterValue",
                format!("'{kind}' is not a valid taggable resource type for this operation, or comes twice."),
            ));
        }
        tag_api::check_count(&tags)?;
        read.push((kind, tags));
    }
    Ok(read)
}

/// Writes a mapping as it was asked for.
pub(in crate::ec2) fn write_device(xml: &mut Xml, Wish { name, change }: &Wish) {
    xml.text("deviceName", name);
    match change {
        Change::Remove => xml.text("noDevice", ""),
        Change::Instance(virtual_name) => xml.text("virtualName", virtual_name),
        Change::Ebs(ebs) => xml.element("ebs", |xml| {
            xml.optional("encrypted", ebs.encrypted);
            xml.optional("deleteOnTermination", ebs.delete_on_termination);
            xml.optional("iops", ebs.iops);
            xml.optional("kmsKeyId", ebs.key.as_deref());
            xml.optional("snapshotId", ebs.snapshot);
            xml.optional("volumeSize", ebs.size_gib);
            xml.optional("volumeType", ebs.kind);
            xml.optional("throughput", ebs.throughput);
        }),
    }
}

impl Profile {
    fn read(mut params: Params) -> Result<Self, ApiError> {
        let profile = Self {
            arn: params.text("Arn")?,
            name: params.text("Name")?,
        };
        params.finish()?;
        if profile.arn.is_some() && profile.name.is_some() {
            return Err(errors::combination(
                "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
            ));
        }
        Ok(profile)
    }
}

impl Metadata {
    fn read(mut params: Params) -> Result<Self, ApiError> {
        let metadata = Self {
            tokens: one_of(&mut params, "HttpTokens", &["optional", "required"])?,
            hop_limit: params.parsed("HttpPutResponseHopLimit")?,
            endpoint: one_of(&mut params, "HttpEndpoint", &["disabled", "enabled"])?,
            ipv6: one_of(&mut params, "HttpProtocolIpv6", &["disabled", "enabled"])?,
            tags: one_of(&mut params, "InstanceMetadataTags", &["disabled", "enabled"])?,
        };
        params.finish()?;
        match metadata.hop_limit {
            Some(limit) if !(1..=64).contains(&limit) => {
                Err(errors::invalid("HttpPutResponseHopLimit", &limit.to_string()))
            }
            _ => Ok(metadata),
        }
    }

    fn write(&self, xml: &mut Xml) {
        xml.optional("httpTokens", self.tokens.as_deref());
        xml.optional("httpPutResponseHopLimit", self.hop_limit);
        xml.optional("httpEndpoint", self.endpoint.as_deref());
        xml.optional("httpProtocolIpv6", self.ipv6.as_deref());
        xml.optional("instanceMetadataTags", self.tags.as_deref());
    }
}

fn one_of(params: &mut Params, name: &str, values: &[&str]) -> Result<Option<String>, ApiError> {
    match params.text(name)? {
        Some(value) if !values.contains(&value.as_str()) => Err(errors::invalid(name, &value)),
        value => Ok(value),
    }
}
