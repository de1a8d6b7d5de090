//! A lineage as one page that needs nothing else: a picture whose cards and lines are placed here, or a table where there
//! is too much for a picture.
//!
//! The picture is text first: headings, lists and links in reading order, which a style lays out over the lines. Narrow
//! screens, paper and screen readers get the same text as a list.

mod card;
mod document;
mod facts;
mod html;
mod kin;
mod layers;
mod layout;
mod legend;
mod look;
mod picture;
mod policy;
mod route;
mod scope;
mod style;
mod summary;
mod table;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use document::{MOST_IN_A_PICTURE, Page};
pub use facts::{Facts, PlacedImage};
pub use scope::MOST_CHILDREN;
