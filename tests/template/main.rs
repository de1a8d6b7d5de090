//! What the templates promise, read from them: what CloudFormation, Lambda and IAM would only tell after a deployment, and
//! what no local cloud can prove.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails right there")]

mod alarms;
mod copying;
mod environment;
mod functions;
mod hygiene;
mod pattern;
mod permissions;
mod policy;
mod pruning;
mod restoring;
mod retained;
mod security_page;
mod source;
mod statement_text;
mod trimming;
mod wakes;
mod yaml;
