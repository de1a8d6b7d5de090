//! JSON 1.1: the operation stands in a header behind its service's name, everything else in a JSON body.

use bytes::Bytes;
use http::{Method, Request};

use super::error::ApiError;

/// What such a service answers with.
pub(crate) const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// `PutParameter` of `AmazonSSM.PutParameter`.
pub(crate) fn operation<'a>(request: &'a Request<Bytes>, service: &str) -> Result<&'a str, ApiError> {
    let header = request.headers().get("x-amz-target");
    header
        .filter(|_| request.method() == Method::POST)
        .and_then(|target| target.to_str().ok())
        .and_then(|target| target.strip_prefix(service)?.strip_prefix('.'))
        .ok_or_else(|| ApiError::client("UnknownOperationException", "The operation is not known"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(method: &str, header: &str) -> Result<String, String> {
        let request = Request::builder().method(method).header("x-amz-target", header);
        let request = request.body(Bytes::new()).unwrap();
        operation(&request, "AmazonSSM")
            .map(str::to_owned)
            .map_err(|error| error.code.into_owned())
    }

    #[test]
    fn the_operation_stands_behind_the_name_of_its_service() {
        assert_eq!(read("POST", "AmazonSSM.GetParameter"), Ok("GetParameter".into()));
        for (method, header) in [
            ("GET", "AmazonSSM.GetParameter"),
            ("POST", "AWSEvents.PutEvents"),
            ("POST", "AmazonSSMGetParameter"),
            ("POST", ""),
        ] {
            assert_eq!(read(method, header), Err("UnknownOperationException".into()));
        }
    }
}
