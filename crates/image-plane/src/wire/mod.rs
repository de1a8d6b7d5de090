//! The wire protocols: EC2 Query with XML, Image Builder's REST with JSON, STS's Query with XML, JSON 1.1. Nothing here knows a rule of AWS.

pub(crate) mod call;
pub(crate) mod error;
pub(crate) mod json;
pub(crate) mod query;
pub(crate) mod target;
pub(crate) mod xml;
