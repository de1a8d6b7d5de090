//! Client tokens: a call that is repeated with its token makes nothing twice.

use super::errors;
use super::state::{Made, TokenUse};
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::world::{Target, World};

/// A call's token, where it has one, and what it asks for.
#[derive(Debug)]
pub(super) struct Asked {
    token: Option<String>,
    request: String,
}

impl Asked {
    /// Takes the token out of a request; what is left tells a repetition from a mistake.
    pub(super) fn read(params: &mut Params, longest: usize) -> Result<Self, ApiError> {
        let token = params.text("ClientToken")?.filter(|token| !token.is_empty());
        if let Some(token) = token.as_ref().filter(|token| token.len() > longest) {
            return Err(errors::invalid("clientToken", token));
        }
        Ok(Self {
            token,
            request: format!("{params:?}"),
        })
    }

    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// What an earlier call with this token made; `pick` takes what this kind of call makes.
    pub(super) fn made<T>(
        &self,
        world: &World,
        target: Target,
        pick: impl FnOnce(&Made) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        let plane = world.ec2.get(target.region);
        let used = self
            .token
            .as_ref()
            .and_then(|token| plane?.tokens.get(&(target.account, token.clone())));
        match used {
            None => Ok(None),
            Some(TokenUse { request, made }) if *request == self.request => {
                pick(made).map_or_else(|| Err(mismatch()), |made| Ok(Some(made)))
            }
            Some(_) => Err(mismatch()),
        }
    }

    /// Remembers what the call made.
    pub(super) fn note(self, world: &mut World, target: Target, made: Made) {
        let Self { token, request } = self;
        if let Some(token) = token {
            let plane = world.ec2.plane(target.region);
            plane.tokens.insert((target.account, token), TokenUse { request, made });
        }
    }
}

fn mismatch() -> ApiError {
    ApiError::client(
        "IdempotentParameterMismatch",
        "The client token you have provided has already been used with different parameters.",
    )
}
