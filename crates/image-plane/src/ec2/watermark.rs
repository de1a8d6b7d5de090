//! Watermarks: names that an image keeps through copies, and that images of its instances carry on.

use std::sync::Arc;

use super::{Ctx, errors, lookup, retire};
use crate::ids::{AccountId, ImageId};
use crate::region::Region;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

/// Of one image.
pub(crate) const MOST_WATERMARKS: usize = 5;

/// A mark, and the image it was first put on.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Watermark {
    /// `111122223333:ProductionV1`.
    key: String,
    region: Region,
    image: ImageId,
    image_created: Time,
    created: Time,
}

/// The marks of an image, in the order in which it got them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Watermarks(Option<Arc<[Watermark]>>);

impl Watermarks {
    fn all(&self) -> &[Watermark] {
        self.0.as_deref().unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all().is_empty()
    }

    /// How many there would be with these of an account. One that is there already stays as it is; AWS does not say.
    pub(crate) fn with(&self, account: AccountId, names: &[String]) -> usize {
        let new = names.iter().filter(|name| !self.holds(&key(account, name)));
        self.all().len() + new.count()
    }

    fn holds(&self, key: &str) -> bool {
        self.all().iter().any(|mark| mark.key == key)
    }

    /// What a filter of this name looks at.
    pub(crate) fn values(&self, filter: &str) -> Vec<String> {
        let pick = |mark: &Watermark| {
            Some(match filter {
                "image-watermark.source-image-creation-time" => mark.image_created.to_string(),
                "image-watermark.source-image-id" => mark.image.to_string(),
                "image-watermark.source-image-region" => mark.region.to_string(),
                "image-watermark.watermark-creation-time" => mark.created.to_string(),
                "image-watermark.watermark-key" => mark.key.clone(),
                _ => return None,
            })
        };
        self.all().iter().filter_map(pick).collect()
    }

    pub(crate) fn write(&self, xml: &mut Xml) {
        if self.is_empty() {
            return;
        }
        xml.items("imageWatermarkSet", self.all(), |xml, mark| {
            xml.text("watermarkKey", &mark.key);
            xml.text("sourceImageRegion", mark.region);
            xml.text("sourceImageId", mark.image);
            xml.text("sourceImageCreationTime", mark.image_created);
            xml.text("watermarkCreationTime", mark.created);
        });
    }
}

fn key(account: AccountId, name: &str) -> String {
    format!("{account}:{name}")
}

/// Whether a mark may be called so. Image Builder and EC2 document the same rule.
pub(crate) fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "()[]./-'@_ ".contains(c);
    (3..=128).contains(&name.len()) && name.chars().all(allowed) && name.trim() == name
}

/// Marks an image of the target's account.
pub(crate) fn attach(world: &mut World, target: Target, id: ImageId, names: &[String]) {
    let (now, lag) = (world.now, world.settings.read_lag);
    if names.is_empty() {
        return;
    }
    let Some(image) = world.ec2.plane(target.region).edit_image(id, now, lag) else {
        return;
    };
    let keys = names.iter().map(|name| key(target.account, name));
    let new = keys.filter(|key| !image.watermarks.holds(key)).map(|key| Watermark {
        key,
        region: target.region,
        image: id,
        image_created: image.created,
        created: now,
    });
    let marks = image.watermarks.all().iter().cloned().chain(new).collect();
    image.watermarks = Watermarks(Some(marks));
}

pub(crate) fn attach_by_call(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let id = lookup::image_id(&params.required("ImageId")?)?;
    let name = params.required("WatermarkName")?;
    params.finish()?;
    if !is_name(&name) {
        return Err(errors::invalid("WatermarkName", &name));
    }
    let names = [name];
    let image = lookup::own_image(world, ctx, id)?;
    if image.is_public() {
        return Err(errors::not_permitted("A public image can't have watermarks"));
    }
    // AWS documents the limit, and not what it answers.
    if image.watermarks.with(ctx.target().account, &names) > MOST_WATERMARKS {
        let why = format!("An image can't have more than {MOST_WATERMARKS} watermarks");
        return Err(ApiError::client("ResourceLimitExceeded", why));
    }
    ctx.commit()?;
    attach(world, ctx.target(), id, &names);
    xml.text("watermarkKey", key(ctx.target().account, &names[0]));
    Ok(())
}

/// What was copied or made from the image keeps the mark.
pub(crate) fn detach_by_call(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let id = lookup::image_id(&params.required("ImageId")?)?;
    let gone = params.required("WatermarkKey")?;
    params.finish()?;
    lookup::own_image(world, ctx, id)?;
    ctx.commit()?;
    retire::change(world, ctx, id, |image| {
        let left = image.watermarks.all().iter().filter(|mark| mark.key != gone);
        image.watermarks = Watermarks(Some(left.cloned().collect()));
    });
    xml.text("return", true);
    Ok(())
}

#[cfg(test)]
mod tests;
