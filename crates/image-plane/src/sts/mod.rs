//! STS and the little of IAM it needs: who a key is, which roles there are, and what a session may do.

mod access;
mod assume_role;
mod errors;
mod guests;
mod identity;
mod judgement;
mod linked;
mod named;
mod policy;
mod reach;
mod roles;
mod sessions;
#[cfg(test)]
pub(crate) mod tests;

use bytes::Bytes;
use http::Request;

use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::buckets::Rate;
use crate::world::{Caller, Operation, World};
pub(crate) use access::{Access, Refusal, Resource, authorize_named, authorize_on, is_root};
use assume_role::AssumeRole;
pub(crate) use errors::{denied, denied_by_policy, denied_key_elsewhere, expired, not_validated};
pub(crate) use guests::Stranger;
pub(crate) use identity::{identify, user_id};
pub(crate) use judgement::{Judgement, ResourcePolicy, judge, judge_alone};
pub(crate) use linked::auto_scaling;
pub(crate) use named::Named;
pub use policy::error::PolicyError;
pub(crate) use policy::evaluate::{KeyUse, Trust};
pub use roles::RoleError;
pub(crate) use roles::Roles;

/// Our own choice: AWS publishes no bucket sizes for STS. Wide enough that only a runaway caller meets its end.
const RATE: Rate = Rate::new(600, 600_000);

/// A request that has been read.
#[derive(Debug)]
pub(crate) enum Call {
    AssumeRole(AssumeRole),
    GetCallerIdentity,
}

impl Call {
    pub(crate) fn run(self, world: &mut World, caller: &Caller, request_id: &str) -> Result<Bytes, ApiError> {
        match self {
            Self::AssumeRole(call) => call.run(world, caller, request_id),
            Self::GetCallerIdentity => identity::describe(world, caller, request_id),
        }
    }
}

/// Reads a request of STS's Query protocol.
pub(crate) fn read(request: &Request<Bytes>) -> Result<(Operation, Call), ApiError> {
    let body = std::str::from_utf8(request.body())
        .map_err(|_| ApiError::client("MalformedQueryString", "The query string is not UTF-8"))?;
    let mut params = Params::parse(body)?;
    let action = params
        .text("Action")?
        .ok_or_else(|| ApiError::client("MissingAction", "Missing Action"))?;
    let version = params.text("Version")?.unwrap_or_default();
    if version != "2011-06-15" {
        return Err(ApiError::client(
            "NoSuchVersion",
            format!("The requested version ({version}) is not valid."),
        ));
    }
    // Neither of them mutates: a session changes nothing that lasts, and a plan, which only reads, assumes roles.
    let (name, call) = match action.as_str() {
        "AssumeRole" => ("AssumeRole", Call::AssumeRole(AssumeRole::read(&mut params)?)),
        "GetCallerIdentity" => ("GetCallerIdentity", Call::GetCallerIdentity),
        _ => return Err(ApiError::not_modelled(format_args!("sts:{action}"))),
    };
    params.finish()?;
    Ok((
        Operation {
            name,
            mutates: false,
            rate: RATE,
        },
        call,
    ))
}

/// STS's form of an answer.
fn answer(action: &str, request_id: &str, result: impl FnOnce(&mut Xml)) -> Bytes {
    let mut xml = Xml::document();
    let namespace = "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"";
    xml.element_with(&format!("{action}Response"), namespace, |xml| {
        xml.element(&format!("{action}Result"), result);
        xml.element("ResponseMetadata", |xml| xml.text("RequestId", request_id));
    });
    xml.into_bytes()
}
