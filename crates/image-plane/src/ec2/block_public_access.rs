//! Get-, Enable- and DisableImageBlockPublicAccess: whether an account may make images of a Region public. What is public
//! already stays so.
//!
//! It begins late, and shows as unblocked until then; of its end AWS says no such thing any more. Declarative policies are not
//! modelled, so that every account manages it itself.

use std::collections::btree_map::Entry;

use super::{Ctx, Due, errors};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{self, Target, World};

const BLOCKED: &str = "block-new-sharing";
const UNBLOCKED: &str = "unblocked";

pub(super) fn get(world: &mut World, ctx: &Ctx<'_>, params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    params.finish()?;
    ctx.commit()?;
    let state = if is_blocked(world, ctx.target()) {
        BLOCKED
    } else {
        UNBLOCKED
    };
    xml.text("imageBlockPublicAccessState", state);
    xml.text("managedBy", "account");
    Ok(())
}

/// GetSnapshotBlockPublicAccessState. How it is switched is not modelled.
pub(super) fn get_of_snapshots(
    world: &mut World,
    ctx: &Ctx<'_>,
    params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    params.finish()?;
    ctx.commit()?;
    let is_blocked = are_snapshots_blocked(world, ctx.target());
    xml.text("state", if is_blocked { BLOCKED } else { UNBLOCKED });
    xml.text("managedBy", "account");
    Ok(())
}

pub(super) fn enable(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let wanted = params.required("ImageBlockPublicAccessState")?;
    params.finish()?;
    if wanted != BLOCKED {
        return Err(errors::invalid("ImageBlockPublicAccessState", &wanted));
    }
    ctx.commit()?;
    let (target, asked) = (ctx.target(), world.now);
    // Who asked before waits no longer for asking again.
    if let Entry::Vacant(place) = world.ec2.plane(target.region).public_blocks.entry(target.account) {
        place.insert(asked);
        let lag = world.draw_up_to(world.settings.public_block_lag);
        world.plan(lag, world::Due::Ec2(Due::PublicImagesAreBlocked { target, asked }));
    }
    xml.text("imageBlockPublicAccessState", BLOCKED);
    Ok(())
}

pub(super) fn disable(world: &mut World, ctx: &Ctx<'_>, params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    params.finish()?;
    ctx.commit()?;
    let Target { account, region } = ctx.target();
    world.ec2.plane(region).public_blocks.remove(&account);
    world.accounts.entry(account).block_public_images.remove(&region);
    xml.text("imageBlockPublicAccessState", UNBLOCKED);
    Ok(())
}

/// Blocks what was asked for at this time, if nobody took it back.
pub(super) fn takes_effect(world: &mut World, target: Target, asked: Time) {
    let Target { account, region } = target;
    let blocks = &mut world.ec2.plane(region).public_blocks;
    if blocks.get(&account) == Some(&asked) {
        blocks.remove(&account);
        world.accounts.entry(account).block_public_images.insert(region);
    }
}

/// Whether an account may make no more images of a Region public.
pub(super) fn is_blocked(world: &World, target: Target) -> bool {
    let account = world.accounts.get(target.account);
    account.is_some_and(|account| account.block_public_images.contains(&target.region))
}

/// Whether an account may make no more snapshots of a Region public.
pub(super) fn are_snapshots_blocked(world: &World, target: Target) -> bool {
    let account = world.accounts.get(target.account);
    account.is_some_and(|account| account.block_public_snapshots.contains(&target.region))
}

#[cfg(test)]
mod tests;
