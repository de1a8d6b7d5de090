//! An error as AWS words it, and how each protocol writes it down.

use std::borrow::Cow;

use bytes::Bytes;
use http::{Response, StatusCode};

use super::call::Service;
use super::target;
use super::xml::Xml;
use crate::sqs;

/// What a caller gets instead of an answer: AWS's code, its message, its HTTP status.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ApiError {
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    pub(crate) status: u16,
    /// A member of the error beside these, with its value: Organizations' `Reason`.
    pub(crate) further: Option<(&'static str, &'static str)>,
}

impl ApiError {
    /// A mistake of the caller's, HTTP 400: what nearly all of EC2's errors are.
    pub(crate) fn client(code: &'static str, message: impl Into<String>) -> Self {
        Self::with_status(400, code, message)
    }

    pub(crate) fn with_status(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code: Cow::Borrowed(code),
            message: message.into(),
            status,
            further: None,
        }
    }

    /// The same with one more member.
    pub(crate) const fn with_member(mut self, name: &'static str, value: &'static str) -> Self {
        self.further = Some((name, value));
        self
    }

    /// An operation or a parameter the model has no faithful answer for. 501 is not retried by any client.
    pub(crate) fn not_modelled(what: impl std::fmt::Display) -> Self {
        Self::with_status(501, "NotModelled", format!("image-plane does not model {what}"))
    }

    /// The response in the service's own error shape.
    pub(crate) fn render(&self, service: Service, request_id: &str) -> Response<Bytes> {
        match service {
            Service::Ec2 => {
                let mut xml = Xml::document();
                xml.element("Response", |xml| {
                    xml.element("Errors", |xml| {
                        xml.element("Error", |xml| {
                            xml.text("Code", &self.code);
                            xml.text("Message", &self.message);
                        });
                    });
                    xml.text("RequestID", request_id);
                });
                respond(self.status, "text/xml;charset=UTF-8", request_id, xml.into_bytes())
            }
            Service::S3 => {
                let mut xml = Xml::document();
                xml.element("Error", |xml| {
                    xml.text("Code", &self.code);
                    xml.text("Message", &self.message);
                    xml.text("RequestId", request_id);
                });
                respond(self.status, "application/xml", request_id, xml.into_bytes())
            }
            Service::Sts | Service::AutoScaling | Service::Sns => {
                let namespace = match service {
                    Service::Sts => "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"",
                    Service::Sns => "xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"",
                    _ => "xmlns=\"http://autoscaling.amazonaws.com/doc/2011-01-01/\"",
                };
                let mut xml = Xml::document();
                xml.element_with("ErrorResponse", namespace, |xml| {
                    xml.element("Error", |xml| {
                        xml.text("Type", if self.status < 500 { "Sender" } else { "Receiver" });
                        xml.text("Code", &self.code);
                        xml.text("Message", &self.message);
                    });
                    xml.text("RequestId", request_id);
                });
                respond(self.status, "text/xml", request_id, xml.into_bytes())
            }
            Service::Ssm | Service::Ecr | Service::EventBridge | Service::Kms => {
                let body = serde_json::json!({ "__type": self.code, "message": self.message }).to_string();
                respond(self.status, target::CONTENT_TYPE, request_id, Bytes::from(body))
            }
            // Its errors' members begin with capitals, as all of its members do.
            Service::Organizations => {
                let mut body = serde_json::json!({ "__type": self.code, "Message": self.message });
                if let Some((name, value)) = self.further {
                    body[name] = value.into();
                }
                respond(
                    self.status,
                    target::CONTENT_TYPE,
                    request_id,
                    Bytes::from(body.to_string()),
                )
            }
            // The code of its old protocol, which SDKs go by, stands in a header.
            Service::Sqs => {
                let kind = format!("com.amazonaws.sqs#{}", sqs::shape(&self.code));
                let body = serde_json::json!({ "__type": kind, "message": self.message }).to_string();
                let mut response = respond(self.status, sqs::CONTENT_TYPE, request_id, Bytes::from(body));
                let fault = if self.status < 500 { "Sender" } else { "Receiver" };
                if let Ok(code) = format!("{};{fault}", self.code).parse() {
                    response.headers_mut().insert("x-amzn-query-error", code);
                }
                response
            }
            Service::RecycleBin => {
                let mut body = serde_json::json!({ "Message": self.message });
                if let Some((name, value)) = self.further {
                    body[name] = value.into();
                }
                let mut response = respond(
                    self.status,
                    "application/json",
                    request_id,
                    Bytes::from(body.to_string()),
                );
                if let Ok(kind) = self.code.parse() {
                    response.headers_mut().insert("x-amzn-errortype", kind);
                }
                response
            }
            Service::ImageBuilder | Service::DynamoDb => {
                let body = serde_json::json!({ "message": self.message }).to_string();
                let mut response = respond(self.status, "application/json", request_id, Bytes::from(body));
                if let Ok(kind) = self.code.parse() {
                    response.headers_mut().insert("x-amzn-errortype", kind);
                }
                response
            }
        }
    }
}

/// An HTTP response with the headers every AWS service sends.
pub(crate) fn respond(status: u16, content_type: &'static str, request_id: &str, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(content_type));
    if let Ok(id) = request_id.parse() {
        headers.insert("x-amzn-requestid", id);
    }
    response
}
