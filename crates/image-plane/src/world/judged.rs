//! Services of JSON 1.0 and 1.1 whose operations are judged by what a request names, and answered with what a handler says.

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use super::{Caller, Operation, World};
use crate::sts::{Access, authorize_named, is_root};
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::wire::{json, target};

/// What answers an operation, from the body of its request.
pub(crate) type Handler = fn(&mut World, &Caller, &[u8]) -> Result<Value, ApiError>;

/// What the caller of an operation must be allowed: each action, and on what.
type Needs = fn(&World, &Caller, &str, &[u8]) -> Vec<(String, Access)>;

/// Such a service, and what it has.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) service: Service,
    /// Before the operation in the request's header: `AmazonSSM`.
    pub(crate) prefix: &'static str,
    /// Before it where it is not modelled: `ssm`.
    pub(crate) name: &'static str,
    /// Of its answers, which says the version of JSON.
    pub(crate) content_type: &'static str,
    pub(crate) operations: &'static [(Operation, Handler)],
    pub(crate) needs: Needs,
}

/// A request and the operation that will answer it.
#[derive(Debug)]
pub(crate) struct Call {
    of: &'static Judged,
    operation: Operation,
    run: Handler,
    body: Bytes,
}

impl Judged {
    /// Finds the operation of a request.
    pub(crate) fn read(&'static self, request: &Request<Bytes>) -> Result<(Operation, Call), ApiError> {
        let name = target::operation(request, self.prefix)?;
        let (operation, run) = *self
            .operations
            .iter()
            .find(|(operation, _)| operation.name == name)
            .ok_or_else(|| ApiError::not_modelled(format_args!("{}:{name}", self.name)))?;
        let body = request.body().clone();
        let call = Call {
            of: self,
            operation,
            run,
            body,
        };
        Ok((operation, call))
    }
}

impl Call {
    /// What the caller must be allowed.
    pub(crate) fn needs(&self, world: &World, caller: &Caller) -> Vec<(String, Access)> {
        (self.of.needs)(world, caller, self.operation.name, &self.body)
    }

    pub(crate) const fn content_type(&self) -> &'static str {
        self.of.content_type
    }

    pub(crate) fn run(self, world: &mut World, caller: &Caller) -> Result<Bytes, ApiError> {
        if !is_root(caller) {
            for (action, access) in self.needs(world, caller) {
                authorize_named(world, caller, self.of.service, &action, &access)?;
            }
        }
        let answer = (self.run)(world, caller, &self.body)?;
        Ok(Bytes::from(json::without_nulls(answer).to_string()))
    }
}
