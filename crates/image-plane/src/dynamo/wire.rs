//! The wire protocol, JSON 1.0: the operation in a header, everything else in a JSON body.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response};
use serde_json::Value;

use super::operation::Operation;
use super::refusal::Refusal;
use crate::random::Random;
use crate::wire::error;

const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// Which operation a request asks for.
pub(super) fn operation(request: &Request<Bytes>) -> Result<Operation, Refusal> {
    if request.method() != Method::POST {
        return Err(Refusal::unknown_operation());
    }
    let target = request
        .headers()
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    let name = target
        .and_then(|target| target.strip_prefix("DynamoDB_20120810."))
        .ok_or_else(Refusal::unknown_operation)?;
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Refusal::unknown_operation());
    }
    Operation::named(name).ok_or_else(|| Refusal::not_modelled(name))
}

/// The body as text; whether it is JSON, its reader finds out.
pub(super) fn body(request: &Request<Bytes>) -> Result<&str, Refusal> {
    std::str::from_utf8(request.body()).map_err(|_| Refusal::serialization(None))
}

/// The response, with the headers DynamoDB sends.
pub(super) fn respond(request_id: &str, result: Result<Value, Refusal>) -> Response<Bytes> {
    let (status, body) = result.map_or_else(|refusal| (refusal.status, refusal.body), |body| (200, body));
    let body = Bytes::from(body.to_string());
    let checksum = crc32(&body);
    let mut response = error::respond(status, CONTENT_TYPE, request_id, body);
    response
        .headers_mut()
        .insert("x-amz-crc32", HeaderValue::from(checksum));
    response
}

/// A request id of DynamoDB's form: 52 digits and capital letters.
pub(super) fn request_id(random: &mut Random) -> String {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHIJKLMNOPQRSTUV";
    let mut id = String::with_capacity(52);
    while id.len() < 52 {
        let bits = random.bits();
        id.extend((0..13).map(|place| char::from(LETTERS[usize::try_from(bits >> (5 * place) & 31).unwrap_or(0)])));
    }
    id
}

/// What a byte does to the checksum: CRC-32 as in gzip, polynomial 0xedb88320.
const STEPS: [u32; 256] = {
    let mut steps = [0; 256];
    let (mut place, mut byte) = (0, 0);
    while place < steps.len() {
        let mut step: u32 = byte;
        let mut bit = 0;
        while bit < 8 {
            step = if step & 1 == 1 {
                (step >> 1) ^ 0xedb8_8320
            } else {
                step >> 1
            };
            bit += 1;
        }
        steps[place] = step;
        place += 1;
        byte += 1;
    }
    steps
};

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        let [lowest, ..] = sum.to_le_bytes();
        (sum >> 8) ^ STEPS[usize::from(lowest ^ byte)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_gzip() {
        assert_eq!((crc32(b""), crc32(b"123456789")), (0, 0xcbf4_3926));
    }

    #[test]
    fn a_request_id_has_52_digits_and_capital_letters() {
        let id = request_id(&mut Random::new(1));
        assert!(
            id.len() == 52 && id.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()),
            "{id}"
        );
    }
}
