//! Asking another server who a caller is and what it may do: `POST /_local/identify` and `/_local/authorize`.

use std::io;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::plane::ImagePlane;
use crate::sts::Stranger;

/// The server that has IAM.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Authorizer {
    /// `127.0.0.1:4566`.
    authority: String,
}

impl Authorizer {
    /// The server at `http://HOST:PORT`.
    pub fn at(url: &str) -> Result<Self, String> {
        let authority = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
        match authority {
            Some(authority) if authority.contains(':') && !authority.contains('/') => Ok(Self {
                authority: authority.to_owned(),
            }),
            _ => Err(format!("{url:?} is not http://HOST:PORT")),
        }
    }

    /// Lets a request through whose sender is ours, or is known outside and may do all that it asks for.
    pub(super) async fn admit(&self, plane: &ImagePlane, request: &Request<Bytes>) -> Result<(), Box<Response<Bytes>>> {
        let Some(stranger) = plane.with(|world| Stranger::of(world, request)) else {
            return Ok(());
        };
        let answer = self.ask("identify", &stranger.who()).await?;
        plane.with(|world| stranger.admit(world, &answer))?;
        for question in plane.with(|world| stranger.questions(world, request)) {
            let answer = self.ask("authorize", &question.json).await?;
            if let Some(refusal) = plane.with(|world| stranger.refusal(world, &question, &answer)) {
                return Err(refusal);
            }
        }
        Ok(())
    }

    async fn ask(&self, command: &str, question: &Value) -> Result<Value, Box<Response<Bytes>>> {
        self.post(command, question).await.map_err(|error| {
            let message = format!("nobody at {} says who may do what: {error}", self.authority);
            let mut response = Response::new(Bytes::from(json!({ "message": message }).to_string()));
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            Box::new(response)
        })
    }

    async fn post(&self, command: &str, question: &Value) -> io::Result<Value> {
        let stream = TcpStream::connect(&self.authority).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        tokio::spawn(connection);
        let request = Request::post(format!("/_local/{command}"))
            .header("host", &self.authority)
            .body(Full::new(Bytes::from(question.to_string())))
            .map_err(io::Error::other)?;
        let response = sender.send_request(request).await.map_err(io::Error::other)?;
        let body = response.into_body().collect().await.map_err(io::Error::other)?;
        serde_json::from_slice(&body.to_bytes()).map_err(io::Error::other)
    }
}
