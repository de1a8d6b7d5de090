//! What consumers see of images that are shared with them, and what their Auto Scaling may launch: read and put right in
//! their accounts.

mod act;
mod read;
