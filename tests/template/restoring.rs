//! Who brings back what is disabled.

use serde_json::json;

use crate::policy::{Place, Statement, statements};

/// Whoever restores what a person asks for can disable nothing, and enables nothing but images with our tag.
#[test]
fn what_distributes_in_the_hub_enables_images_and_only_ours_and_disables_none() {
    let statements = statements();
    let retires = ["ApplyPruning", "Prune"];
    let of_hub =
        |statement: &&Statement| statement.place == Place::Permission && !retires.contains(&statement.holder.as_str());
    let own: Vec<_> = statements.iter().filter(of_hub).collect();
    let enables = |statement: &&&Statement| statement.allows() && statement.actions().contains(&"ec2:EnableImage");
    let enabling: Vec<_> = own.iter().filter(enables).collect();
    let [enables] = enabling.as_slice() else {
        panic!("{} statements enable images", enabling.len());
    };
    assert_eq!(enables.holder, "ApplyDistribution");
    assert_eq!(enables.actions(), ["ec2:EnableImage"]);
    let image = json!({ "Fn::Sub": "arn:${AWS::Partition}:ec2:*::image/*" });
    assert_eq!(enables.resources(), [&image]);
    let ours = json!({ "Null": { "aws:ResourceTag/image-steward:family": "false" } });
    assert_eq!(enables.body.get("Condition"), Some(&ours));
    let disables = own
        .iter()
        .find(|statement| statement.actions().contains(&"ec2:DisableImage"));
    assert!(disables.is_none(), "{:?}", disables.map(|statement| statement.name()));
}
