//! A manifest that says all there is to say.

use aws_sdk_imagebuilder::types::Platform;
use stage::aws::{HUB, IRELAND};

use super::Bench;

const ALL: &str = include_str!("../../../crates/steward/tests/manifests/good/all/all.yaml");
const NGINX: &str = include_str!("../../../crates/steward/tests/manifests/good/all/components/nginx.yaml");
const AGENT: &str = "name: agent\nschemaVersion: 1.0\nparameters:\n  - Level:\n      type: string\n  - Empty:\n      type: string\nphases:\n  - name: build\n    steps:\n      - name: install\n        action: ExecuteBash\n        inputs:\n          commands:\n            - echo '{{ Level }}'\n";

#[tokio::test(start_paused = true)]
async fn every_key_of_a_manifest_is_applied_and_read_back_as_it_was_said() {
    let mut bench = Bench::new().await;
    let parent = bench.world.image(HUB, IRELAND, "parent");
    let agent = bench.ib().create_component().name("agent").semantic_version("1.2.3");
    let agent = agent.platform(Platform::Linux).data(AGENT);
    agent.send().await.unwrap();
    bench.manifest = ALL
        .replace("ami-0123456789abcdef0", &parent)
        .replace("\"family\": all", "family: web");
    bench.files.insert("components/nginx.yaml", NGINX.to_owned());
    bench.apply().await.unwrap();
    let plan = bench.fleet_plan().await;
    assert!(plan.is_empty(), "{}", plan.text());
}
