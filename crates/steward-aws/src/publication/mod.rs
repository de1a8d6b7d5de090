//! What publishes channels in a target: parameters and launch templates, read and written.

mod act;
mod deleted;
mod parameters;
mod templates;
