//! The doors of a world: in process for the SDK, and over HTTP for everybody else. One router behind both.

mod authorizer;
pub(crate) mod http;
pub(crate) mod in_process;
mod plane;

pub use authorizer::Authorizer;
pub use http::{Server, serve};
pub use in_process::{Crashed, Process, WorldTime};
pub use plane::ImagePlane;
