use serde::Serialize;

use super::finding::PublicationFinding;
use super::step::PublicationStep;

/// What is to be done to publish a family in a target, and what is in the way. No steps: nothing is otherwise than it should
/// be, or the findings say what is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PublicationPlan {
    /// The steps, in the order in which they are taken: parameters by their names, then templates by their ids.
    pub steps: Vec<PublicationStep>,
    /// What is wrong there, and what would put it right.
    pub findings: Vec<PublicationFinding>,
}
