//! What a request of Image Builder carries besides its method: a body, a query, or a resource's ARN in the path.

use bytes::Bytes;
use http::Request;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::errors::{invalid, request as refused};
use super::page::Paging;
use crate::wire::error::ApiError;
use crate::wire::json;
use crate::wire::query::decode_component;

/// The parts of a request, not yet read as the operation wants them.
#[derive(Debug)]
pub(crate) struct Input {
    body: Bytes,
    query: Vec<(String, String)>,
    /// Of `/tags/{resourceArn}`.
    pub(crate) resource: Option<String>,
}

impl Input {
    pub(crate) fn read(request: &Request<Bytes>) -> Result<Self, ApiError> {
        let mut query = Vec::new();
        for pair in request
            .uri()
            .query()
            .unwrap_or("")
            .split('&')
            .filter(|pair| !pair.is_empty())
        {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            query.push((decode_component(name)?, decode_component(value)?));
        }
        let resource = request
            .uri()
            .path()
            .strip_prefix("/tags/")
            .map(decode_component)
            .transpose()?;
        Ok(Self {
            body: request.body().clone(),
            query,
            resource,
        })
    }

    /// The body, every member of which is known.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        self.no_query()?;
        json::read(&self.body)
    }

    /// The body as it came.
    pub(crate) fn members(&self) -> Result<Map<String, Value>, ApiError> {
        json::read(&self.body)
    }

    /// The body of a list: how to page and filter, and what is the operation's own.
    pub(crate) fn listing<T: DeserializeOwned>(&self, filters: &[&str]) -> Result<(Paging, T), ApiError> {
        self.paged(&["filters", "maxResults", "nextToken"], filters)
    }

    /// The body of a list whose paging has these members and no others.
    pub(crate) fn paged<T: DeserializeOwned>(
        &self,
        common: &[&str],
        filters: &[&str],
    ) -> Result<(Paging, T), ApiError> {
        self.no_query()?;
        let mut members: Map<String, Value> = json::read(&self.body)?;
        let scope = Value::Object(
            members
                .iter()
                .filter(|(name, _)| *name != "nextToken")
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        );
        let common = common.iter().filter_map(|name| members.remove_entry(*name)).collect();
        let paging = Paging::new(json::rest(common)?, filters, &scope.to_string())?;
        Ok((paging, json::rest(members)?))
    }

    /// The one parameter of the query.
    pub(crate) fn query(&self, name: &str) -> Result<&str, ApiError> {
        match self.query.as_slice() {
            [(only, value)] if only == name => Ok(value),
            [] => Err(refused(format!("The required parameter '{name}' is missing."))),
            [(other, _), ..] => Err(ApiError::not_modelled(format_args!(
                "the query parameter {other} beside {name}"
            ))),
        }
    }

    /// A parameter that comes as often as it has values.
    pub(crate) fn queries(&self, name: &str) -> Result<Vec<&str>, ApiError> {
        if let Some((other, _)) = self.query.iter().find(|(other, _)| other != name) {
            return Err(ApiError::not_modelled(format_args!("the query parameter {other}")));
        }
        Ok(self.query.iter().map(|(_, value)| value.as_str()).collect())
    }

    /// The resource in the path.
    pub(crate) fn resource(&self) -> Result<&str, ApiError> {
        self.resource
            .as_deref()
            .ok_or_else(|| invalid("resourceArn", "It is missing."))
    }

    fn no_query(&self) -> Result<(), ApiError> {
        self.queries("").map(drop)
    }
}
