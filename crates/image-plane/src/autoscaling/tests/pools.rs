//! Warm pools.

use super::*;

#[test]
fn a_pool_holds_what_the_group_may_still_grow_by() {
    let mut bench = Bench::with_group("1");
    bench.ok("PutWarmPool", &[ITS_NAME]);
    bench.pass(10);
    assert_eq!(bench.pooled(), ["Warmed:Pending"; 3]);
    bench.pass(120);
    assert_eq!(bench.pooled(), ["Warmed:Stopped"; 3]);
    assert_eq!(bench.states(), ["InService"]);
    let xml = bench.described();
    assert_eq!(field(&xml, "WarmPoolSize"), "3");
    assert_eq!(
        field(&xml, "WarmPoolConfiguration"),
        "<MinSize>0</MinSize><PoolState>Stopped</PoolState>"
    );
    bench.ok("PutWarmPool", &[ITS_NAME, ("MaxGroupPreparedCapacity", "2")]);
    bench.pass(120);
    assert_eq!(bench.pooled(), ["Warmed:Stopped"]);
    bench.ok(
        "PutWarmPool",
        &[ITS_NAME, ("MaxGroupPreparedCapacity", "-1"), ("PoolState", "Running")],
    );
    bench.pass(120);
    assert_eq!(
        bench.pooled().iter().filter(|state| *state == "Warmed:Running").count(),
        2
    );
}

#[test]
fn a_group_that_grows_takes_from_its_pool_first() {
    let mut bench = Bench::with_group("0");
    bench.ok("PutWarmPool", &[ITS_NAME, ("MaxGroupPreparedCapacity", "1")]);
    bench.pass(120);
    let warm = fields(&bench.ok("DescribeWarmPool", &[ITS_NAME]), "InstanceId");
    bench.set("1");
    bench.pass(60);
    assert_eq!(bench.instances(), warm);
    assert_eq!(bench.states(), ["InService"]);
    assert!(bench.pooled().is_empty());
}

#[test]
fn a_pool_that_reuses_takes_instances_back() {
    let mut bench = Bench::with_group("1");
    let reuse = ("InstanceReusePolicy.ReuseOnScaleIn", "true");
    bench.ok("PutWarmPool", &[ITS_NAME, ("MaxGroupPreparedCapacity", "1"), reuse]);
    bench.pass(120);
    let instance = bench.instances();
    bench.set("0");
    bench.pass(120);
    assert_eq!(
        fields(&bench.ok("DescribeWarmPool", &[ITS_NAME]), "InstanceId"),
        instance
    );
    assert_eq!(bench.pooled(), ["Warmed:Stopped"]);
}

#[test]
fn a_pool_with_instances_goes_by_force_only() {
    let mut bench = Bench::with_group("0");
    assert_eq!(bench.refused("DeleteWarmPool", &[ITS_NAME]).0, "ValidationError");
    bench.ok("PutWarmPool", &[ITS_NAME, ("MaxGroupPreparedCapacity", "1")]);
    bench.pass(120);
    assert_eq!(bench.refused("DeleteWarmPool", &[ITS_NAME]).0, "ResourceInUse");
    bench.ok("DeleteWarmPool", &[ITS_NAME, ("ForceDelete", "true")]);
    assert_eq!(
        field(&bench.described(), "WarmPoolConfiguration")
            .matches("PendingDelete")
            .count(),
        1
    );
    assert_eq!(bench.pooled(), ["Warmed:Terminating"]);
    bench.pass(60);
    assert!(!bench.described().contains("WarmPool"));
    assert!(bench.pooled().is_empty());
}

#[test]
fn a_pool_goes_with_its_group() {
    let mut bench = Bench::with_group("1");
    bench.ok("PutWarmPool", &[ITS_NAME]);
    bench.pass(120);
    bench.ok("DeleteAutoScalingGroup", &[ITS_NAME, ("ForceDelete", "true")]);
    bench.pass(60);
    assert!(!bench.described().contains("AutoScalingGroupName"));
    let ended = bench
        .ec2
        .found("DescribeInstances", ("instance-state-name", "terminated"), "instanceId");
    assert_eq!(ended.len(), 4);
}

#[test]
fn a_pool_comes_in_pages_and_hibernates_nothing() {
    let mut bench = Bench::with_group("0");
    let hibernated = bench.refused("PutWarmPool", &[ITS_NAME, ("PoolState", "Hibernated")]);
    assert!(hibernated.1.contains("Hibernated"), "{}", hibernated.1);
    bench.ok("PutWarmPool", &[ITS_NAME]);
    bench.pass(120);
    let mut found = Vec::new();
    let mut token = String::new();
    loop {
        let mut pairs = vec![ITS_NAME, ("MaxRecords", "3")];
        if !token.is_empty() {
            pairs.push(("NextToken", &token));
        }
        let xml = bench.ok("DescribeWarmPool", &pairs);
        found.extend(fields(&xml, "InstanceId"));
        token = field(&xml, "NextToken");
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(found.len(), 4);
    assert_eq!(
        bench.refused("DescribeWarmPool", &[ITS_NAME, ("MaxRecords", "51")]).0,
        "ValidationError"
    );
}
