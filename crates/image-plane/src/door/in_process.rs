//! The door for the SDK in the same process: an HTTP client without sockets, at home under tokio's paused clock.

use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep};

use super::plane::{Ending, ImagePlane};
use crate::time::Clock;

/// A caller: the SDK clients built on it live and crash together. Clones are the same process.
#[derive(Clone)]
pub struct Process {
    plane: ImagePlane,
    crash: Arc<Notify>,
    /// While it is frozen, nothing of it moves: not even its timers are looked at.
    frozen: Arc<Mutex<Option<Instant>>>,
}

/// The process ended in the middle of its work, because a fault said so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Crashed;

impl fmt::Display for Crashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the process crashed")
    }
}

impl std::error::Error for Crashed {}

impl Process {
    pub(crate) fn new(plane: ImagePlane) -> Self {
        Self {
            plane,
            crash: Arc::new(Notify::new()),
            frozen: Arc::default(),
        }
    }

    /// Runs work until it is done, or until a fault ends the process in the middle of it. A frozen process stands
    /// still as a whole, so work that may be frozen must run here.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> Result<T, Crashed> {
        tokio::select! {
            biased;
            () = self.crash.notified() => Err(Crashed),
            result = self.unless_frozen(work) => Ok(result),
        }
    }

    async fn unless_frozen<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let mut thaw: Option<Pin<Box<Sleep>>> = None;
        poll_fn(|context| {
            loop {
                if let Some(waiting) = &mut thaw {
                    std::task::ready!(waiting.as_mut().poll(context));
                    thaw = None;
                }
                match self.frozen_until() {
                    Some(until) => thaw = Some(Box::pin(tokio::time::sleep_until(until))),
                    None => match work.as_mut().poll(context) {
                        Poll::Pending if self.frozen_until().is_some() => {}
                        polled => return polled,
                    },
                }
            }
        })
        .await
    }

    fn frozen_until(&self) -> Option<Instant> {
        let frozen = *self.frozen.lock().unwrap_or_else(PoisonError::into_inner);
        frozen.filter(|until| *until > Instant::now())
    }

    /// Stands still, together with everything else that runs in this process.
    async fn freeze(&self, pause: Duration) {
        let until = Instant::now() + pause;
        *self.frozen.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
        tokio::time::sleep_until(until).await;
    }

    /// The world's time, for the SDK to sign with.
    pub fn time_source(&self) -> WorldTime {
        WorldTime(self.plane.clock())
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").finish_non_exhaustive()
    }
}

impl HttpClient for Process {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Process {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        HttpConnectorFuture::new(async move {
            let request = request
                .try_into_http1x()
                .map_err(|error| ConnectorError::user(error.into()))?;
            let (parts, body) = request.into_parts();
            let bytes = body
                .bytes()
                .ok_or_else(|| ConnectorError::user("the model takes no streamed bodies".into()))?;
            let request = http::Request::from_parts(parts, bytes::Bytes::copy_from_slice(bytes));
            match this.plane.take(request, |pause| this.freeze(pause)).await {
                Ending::Answer(response) => HttpResponse::try_from(response.map(SdkBody::from))
                    .map_err(|error| ConnectorError::other(error.into(), None)),
                Ending::Reset => Err(ConnectorError::io("connection reset by peer".into())),
                Ending::Crash => {
                    this.crash.notify_one();
                    std::future::pending().await
                }
            }
        })
    }
}

/// The world's clock as the SDK asks for it.
#[derive(Clone, Debug)]
pub struct WorldTime(Arc<dyn Clock>);

impl TimeSource for WorldTime {
    fn now(&self) -> SystemTime {
        let millis = u64::try_from(self.0.now().millis()).unwrap_or(0);
        SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(millis)
    }
}
