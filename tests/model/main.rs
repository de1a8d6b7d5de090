//! The model of AWS, driven by the real SDK on virtual time: each test states one fact about AWS.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails right there")]

mod bin_rules;
mod build_details;
mod building;
mod bus;
mod copying;
mod determinism;
mod events;
mod faults;
mod fleets;
mod images;
mod instances;
mod launching;
mod parameters;
mod permissions;
mod reading;
mod retiring;
mod samples;
mod scaling;
mod sharing;
mod snapshots;
mod survey;
mod tables;
