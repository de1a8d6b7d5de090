//! What publishes channels in a target: parameters and launch templates, read and written.

mod act;
mod parameters;
mod templates;
