//! The life the Rust SDK walks: the same calls, in the same order, at the same times, as `walk.py` makes.

use serde_json::Value;

use crate::diary::Diary;
use crate::{builder, by_hand, callers, image, world};

/// Walks the life in a world of its own, with or without its side stories.
pub(crate) fn walked(asides: bool) -> Value {
    world::runtime().block_on(async {
        let (plane, _) = world::open();
        let mut diary = Diary::new(plane, asides);
        callers::callers(&mut diary).await;
        by_hand::listings(&mut diary).await;
        if asides {
            by_hand::image_by_hand(&mut diary).await;
        }
        let image = builder::image_by_builder(&mut diary).await;
        image::image_life(&mut diary, &image).await;
        diary.document()
    })
}
