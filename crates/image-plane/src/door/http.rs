//! The door over HTTP, on 127.0.0.1: for the AWS CLI, other SDKs, and a local cloud. Beside the services it answers
//! under `/_image-plane/`, where no AWS API lives.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::authorizer::Authorizer;
use super::plane::{Ending, ImagePlane};
use crate::time::TokioClock;
use crate::wire::call::Envelope;
use crate::wire::error::ApiError;
use crate::world::Target;
use crate::world::events::{Channel, Delivery};

/// Larger than any request of these APIs.
const MOST_BYTES: usize = 8 << 20;

/// A world that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    plane: ImagePlane,
    clock: Arc<TokioClock>,
    authorizer: Option<Authorizer>,
}

impl Server {
    /// Listens on 127.0.0.1; port 0 picks a free one.
    pub async fn bind(port: u16, plane: ImagePlane, clock: Arc<TokioClock>) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(("127.0.0.1", port)).await?,
            plane,
            clock,
            authorizer: None,
        })
    }

    /// Lets callers in that this server knows, and no further than it says.
    #[must_use]
    pub fn judged_by(mut self, authorizer: Option<Authorizer>) -> Self {
        self.authorizer = authorizer;
        self
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Answers requests until the task is dropped.
pub async fn serve(server: Server) -> io::Result<Infallible> {
    let Server {
        listener,
        plane,
        clock,
        authorizer,
    } = server;
    loop {
        let (stream, _) = listener.accept().await?;
        let (plane, clock, authorizer) = (plane.clone(), Arc::clone(&clock), authorizer.clone());
        tokio::spawn(async move {
            let service =
                service_fn(move |request| answer(plane.clone(), Arc::clone(&clock), authorizer.clone(), request));
            // A connection that ends badly is the caller's affair; the next one is served all the same.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    plane: ImagePlane,
    clock: Arc<TokioClock>,
    authorizer: Option<Authorizer>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, io::Error> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MOST_BYTES).collect().await else {
        return Ok(plain(
            StatusCode::PAYLOAD_TOO_LARGE,
            &json!({ "message": format!("a request has at most {MOST_BYTES} bytes") }),
        ));
    };
    let request = Request::from_parts(parts, body.to_bytes());
    if let Some(command) = request.uri().path().strip_prefix("/_image-plane/") {
        return Ok(control(&plane, &clock, command, request.body()));
    }
    if let Some(authorizer) = authorizer
        && let Err(refusal) = authorizer.admit(&plane, &request).await
    {
        return Ok(dated(&plane, *refusal).map(Full::new));
    }
    if let Ok(Envelope { service, .. }) = Envelope::read(&request)
        && service.only_in_process()
    {
        let request_id = plane.with(|world| world.random.uuid());
        let refusal = ApiError::not_modelled(format_args!("{service} over HTTP, where a local cloud has its own"));
        return Ok(dated(&plane, refusal.render(service, &request_id)).map(Full::new));
    }
    match plane.take(request, tokio::time::sleep).await {
        Ending::Answer(response) => Ok(dated(&plane, response).map(Full::new)),
        // hyper closes the connection when a service fails.
        Ending::Reset | Ending::Crash => Err(io::ErrorKind::ConnectionReset.into()),
    }
}

/// The world's time, not the computer's: from a refusal dated otherwise the SDK concludes that its own clock is wrong, and
/// tries again and again to set it right.
fn dated(plane: &ImagePlane, mut response: Response<Bytes>) -> Response<Bytes> {
    if let Ok(date) = http::HeaderValue::from_str(&plane.now().http_style()) {
        response.headers_mut().insert(http::header::DATE, date);
    }
    response
}

/// What a person or a test does past every API.
fn control(plane: &ImagePlane, clock: &TokioClock, command: &str, body: &Bytes) -> Response<Full<Bytes>> {
    match command {
        "clock" => {
            if !body.is_empty() {
                let input: Option<Value> = serde_json::from_slice(body).ok();
                let Some(seconds) = input.and_then(|input| input.get("advance_seconds")?.as_u64()) else {
                    let message = "the clock takes no body, or {\"advance_seconds\": 600} with a whole number";
                    return plain(StatusCode::BAD_REQUEST, &json!({ "message": message }));
                };
                clock.jump(Duration::from_secs(seconds));
            }
            let now = plane.with(|world| world.now());
            plain(StatusCode::OK, &json!({ "now": now.to_string() }))
        }
        "distribution_role" => {
            let input: Option<Value> = serde_json::from_slice(body).ok();
            let account = input
                .as_ref()
                .and_then(|input| input.get("account")?.as_str()?.parse().ok());
            let Some(account) = account else {
                let message = "the role that takes copies needs {\"account\": \"222233334444\"}";
                return plain(StatusCode::BAD_REQUEST, &json!({ "message": message }));
            };
            plane.with(|world| world.allow_distribution(account));
            plain(StatusCode::OK, &json!({}))
        }
        "repository" => {
            let input: Option<Value> = serde_json::from_slice(body).ok();
            let text = |name: &str| input.as_ref()?.get(name)?.as_str();
            let (account, region) = (text("account").map(str::parse), text("region").map(str::parse));
            let (Some(Ok(account)), Some(Ok(region)), Some(name)) = (account, region, text("name")) else {
                let message = "a repository needs {\"account\": \"111122223333\", \"region\": \"eu-west-1\", \"name\": \"tools\"}";
                return plain(StatusCode::BAD_REQUEST, &json!({ "message": message }));
            };
            plane.with(|world| world.create_repository(Target { account, region }, name));
            plain(StatusCode::OK, &json!({}))
        }
        "parameter" => {
            let input: Option<Value> = serde_json::from_slice(body).ok();
            let text = |name: &str| input.as_ref()?.get(name)?.as_str();
            let (account, region) = (text("account").map(str::parse), text("region").map(str::parse));
            let (Some(Ok(account)), Some(Ok(region)), Some(name)) = (account, region, text("name")) else {
                let message = "a parameter needs {\"account\": \"111122223333\", \"region\": \"eu-west-1\", \"name\": \"/golden/web\"}, \
                               and a \"value\" to be set";
                return plain(StatusCode::BAD_REQUEST, &json!({ "message": message }));
            };
            let value = plane.with(|world| {
                let target = Target { account, region };
                if let Some(value) = text("value") {
                    world.put_parameter(target, name, value);
                }
                world.parameter(target, name).map(str::to_owned)
            });
            plain(StatusCode::OK, &json!({ "value": value }))
        }
        "deliveries" => {
            let deliveries = plane.with(crate::World::take_deliveries);
            plain(StatusCode::OK, &Value::Array(deliveries.iter().map(delivery).collect()))
        }
        "ledger" => {
            let counts = plane.with(|world| {
                let counts = world.ledger().counts();
                counts
                    .map(|(service, action, target, counts)| {
                        json!({
                            "service": service.scope(), "action": action, "account": target.account.to_string(),
                            "region": target.region.name(), "done": counts.done, "refused": counts.refused,
                            "throttled": counts.throttled,
                        })
                    })
                    .collect()
            });
            plain(StatusCode::OK, &Value::Array(counts))
        }
        other => plain(
            StatusCode::NOT_FOUND,
            &json!({ "message": format!("no command {other:?}; there are clock, deliveries, distribution_role, ledger, parameter, repository") }),
        ),
    }
}

fn delivery(delivery: &Delivery) -> Value {
    let Delivery {
        at,
        account,
        region,
        channel,
        body,
    } = delivery;
    let channel = match channel {
        Channel::EventBridge => json!({ "event_bridge": {} }),
        Channel::Sns { topic } => json!({ "sns": { "topic": topic } }),
    };
    json!({ "at": at.to_string(), "account": account.to_string(), "region": region.name(), "channel": channel, "body": body })
}

fn plain(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/json"),
    );
    response
}
