use serde::Serialize;

use super::finding::ViewFinding;
use super::step::ViewStep;

/// What is to be done so that a consumer sees what it should, and what is in the way. No steps: nothing is otherwise than it
/// should be, or the findings say what is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ViewPlan {
    /// The steps, in the order in which they are taken: grants first, as a launch may wait for them, then image by image.
    pub steps: Vec<ViewStep>,
    /// What is not as it should be there.
    pub findings: Vec<ViewFinding>,
}
