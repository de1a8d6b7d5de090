//! How fast the model is, under the real SDK and bare, and how much it weighs. Prints a table for docs/performance.md.
//!
//! `cargo bench --workspace --bench model`; with `-- quick` a tenth of everything. The floor is the SDK against an answer
//! that is always the same: what no model could be faster than.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on fails right there")]
#![expect(clippy::print_stdout, reason = "a measurement prints its figures")]

use std::sync::Arc;
use std::time::Instant;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use image_plane::{AccountId, ImagePlane, NewImage, Settings, TableSettings, Tables, Target, Time, TokioClock, World};
use stage::bench::resident;

const HUB: AccountId = AccountId::new(111_122_223_333);

fn main() {
    let quick = std::env::args().any(|argument| argument == "quick");
    let scale = if quick { 10 } else { 1 };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(calls(20_000 / scale));
    runtime.block_on(pages(200 / scale));
    memory(1_000_000 / scale);
}

fn home() -> Target {
    Target {
        account: HUB,
        region: "eu-west-1".parse().unwrap(),
    }
}

fn start() -> Time {
    Time::parse("2026-01-05T08:00:00Z").unwrap()
}

/// A family's image as it usually is: tagged, with two volumes.
fn usual(n: usize) -> NewImage {
    NewImage::named(&format!("web-1.4.{n}-2026-01-05T08-00-00Z"))
        .tag("image-steward:family", "web")
        .tag("image-steward:release", &format!("web/1.4.{n}"))
        .tag("CreatedBy", "EC2 Image Builder")
        .volumes([(10, None), (20, None)])
}

fn filled(count: usize) -> World {
    let mut world = World::new(1, start(), Settings::calm());
    for n in 0..count {
        world.place_image(home(), usual(n));
    }
    world
}

const PAGE: &str = "Action=DescribeImages&Version=2016-11-15&Owner.1=self&MaxResults=1000";

fn request(body: &'static str) -> http::Request<Bytes> {
    let scope = "AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-west-1/ec2/aws4_request";
    http::Request::post("/")
        .header("authorization", scope)
        .body(Bytes::from_static(body.as_bytes()))
        .unwrap()
}

fn client(world: World) -> aws_sdk_ec2::Client {
    let clock = Arc::new(TokioClock::starting_at(start()));
    sdk(ImagePlane::new(world, Tables::new(1, TableSettings::calm()), clock).process())
}

fn sdk(http_client: impl HttpClient + 'static) -> aws_sdk_ec2::Client {
    let key = Credentials::new(HUB.to_string(), "secret", None, None, "bench");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(key))
        .http_client(http_client)
        .sleep_impl(TokioSleep::new())
        .build();
    aws_sdk_ec2::Client::new(&config)
}

/// A connection behind which nothing is: every request gets one and the same answer.
#[derive(Clone, Debug)]
struct Canned(Bytes);

impl Canned {
    fn answering(mut world: World, body: &'static str) -> Self {
        Self(world.call(start(), request(body)).into_body())
    }
}

impl HttpClient for Canned {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Canned {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let response = http::Response::new(SdkBody::from(self.0.clone()));
        HttpConnectorFuture::ready(Ok(HttpResponse::try_from(response).unwrap()))
    }
}

async fn calls(count: usize) {
    let mut world = World::new(1, start(), Settings::calm());
    let id = world.place_image(home(), usual(1)).to_string();
    let ec2 = client(world);
    let began = Instant::now();
    for _ in 0..count {
        ec2.describe_images().image_ids(&id).send().await.unwrap();
    }
    report("DescribeImages of one image, the SDK in process", began, count);
    let floor = sdk(Canned::answering(
        filled(1),
        "Action=DescribeImages&Version=2016-11-15&Owner.1=self",
    ));
    let began = Instant::now();
    for _ in 0..count {
        floor.describe_images().image_ids(&id).send().await.unwrap();
    }
    report("the floor: the same, always the same answer", began, count);
    let began = Instant::now();
    for _ in 0..count / 2 {
        ec2.disable_image().image_id(&id).send().await.unwrap();
        ec2.enable_image().image_id(&id).send().await.unwrap();
    }
    report("DisableImage and EnableImage, the SDK in process", began, count);
}

async fn pages(count: usize) {
    let ec2 = client(filled(1000));
    let began = Instant::now();
    for _ in 0..count {
        let page = ec2
            .describe_images()
            .owners("self")
            .max_results(1000)
            .send()
            .await
            .unwrap();
        assert_eq!(page.images().len(), 1000);
    }
    report("a page of 1,000 images, the SDK in process", began, count);
    let floor = sdk(Canned::answering(filled(1000), PAGE));
    let began = Instant::now();
    for _ in 0..count {
        floor
            .describe_images()
            .owners("self")
            .max_results(1000)
            .send()
            .await
            .unwrap();
    }
    report("the floor: the same page, always the same answer", began, count);

    let mut world = filled(1000);
    let mut bytes = 0;
    let began = Instant::now();
    for _ in 0..count {
        bytes = world.call(start(), request(PAGE)).body().len();
    }
    report(
        &format!("the same page of {bytes} bytes, the model alone"),
        began,
        count,
    );
}

fn memory(count: usize) {
    let before = resident();
    let began = Instant::now();
    let world = filled(count);
    report("an image placed with its two snapshots", began, count);
    let used = resident() - before;
    println!(
        "| memory of {count} images, two snapshots each | {} MB | {} bytes an image |",
        used >> 20,
        used / count
    );
    drop(world);
}

fn report(what: &str, began: Instant, count: usize) {
    let took = began.elapsed();
    let each = took / u32::try_from(count).unwrap();
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let rate = count as f64 / took.as_secs_f64();
    println!("| {what} | {rate:.0} a second | {each:?} each |");
}
