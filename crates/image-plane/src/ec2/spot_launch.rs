//! What a Spot request says of the instance it is for: the launch specification of Spot requests and Spot Fleets.

use super::devices::{self, Wish};
use super::launch::Order;
use super::launch_templates::write_device;
use super::lookup;
use super::tags::Tags;
use crate::ids::ImageId;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;

/// A launch specification, as far as the model knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Launch {
    pub(super) image: String,
    pub(super) kind: Option<String>,
    pub(super) key_name: Option<String>,
    script: Option<String>,
    subnet: Option<String>,
    ebs_optimized: Option<bool>,
    price: Option<String>,
    devices: Vec<Wish>,
}

impl Launch {
    /// A specification that says which image and which type, and leaves the rest open.
    pub(super) fn of(image: ImageId, kind: &str) -> Self {
        Self {
            image: image.to_string(),
            kind: Some(kind.to_owned()),
            key_name: None,
            script: None,
            subnet: None,
            ebs_optimized: None,
            price: None,
            devices: Vec::new(),
        }
    }

    /// A fleet's, which can have a price of its own.
    pub(super) fn read_priced(mut params: Params) -> Result<Self, ApiError> {
        let price = params.text("SpotPrice")?;
        let launch = Self::read(params)?;
        Ok(Self { price, ..launch })
    }

    /// An image is named by its id here, never by a parameter.
    pub(super) fn read(mut params: Params) -> Result<Self, ApiError> {
        let launch = Self {
            image: params.required("ImageId")?,
            kind: params.text("InstanceType")?,
            key_name: params.text("KeyName")?,
            script: params.text("UserData")?,
            subnet: params.text("SubnetId")?,
            ebs_optimized: params.boolean("EbsOptimized")?,
            price: None,
            devices: devices::read(&mut params)?,
        };
        params.finish()?;
        lookup::image_id(&launch.image)?;
        Ok(launch)
    }

    pub(super) fn order(&self) -> Order {
        Order {
            image: Some(self.image.clone()),
            kind: self.kind.clone(),
            wishes: self.devices.clone(),
            tags: Tags::default(),
        }
    }

    pub(super) fn write(&self, xml: &mut Xml) {
        xml.text("imageId", &self.image);
        xml.optional("instanceType", self.kind.as_deref());
        xml.optional("keyName", self.key_name.as_deref());
        xml.optional("userData", self.script.as_deref());
        xml.optional("subnetId", self.subnet.as_deref());
        xml.optional("ebsOptimized", self.ebs_optimized);
        xml.optional("spotPrice", self.price.as_deref());
        if !self.devices.is_empty() {
            xml.items("blockDeviceMapping", &self.devices, write_device);
        }
    }
}
