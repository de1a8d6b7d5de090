//! The functions against the model of AWS, on virtual time: each test is a scenario, named as a sentence.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails right there")]

mod adopting;
mod answers;
mod apply;
mod asking;
mod building;
mod channels;
mod counted;
mod crash;
mod distribution;
mod doctor;
mod doubts;
mod evidence;
mod histories;
mod hub;
mod lineage;
mod marks;
mod messages;
mod organization;
mod own_events;
mod placed;
mod pruning;
mod rebuild;
mod record;
mod settled;
mod standing;
mod switch;
mod tagging;
mod units;
mod verdicts;
mod wakes;
