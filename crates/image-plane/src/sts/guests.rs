//! Callers that somebody outside knows and judges: in a local cloud, IAM is another server's.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Map, Value, json};

use super::access::{Access, Refusal, Resource};
use super::errors::denied_by_policy;
use super::{expired, not_validated};
use crate::ids::AccountId;
use crate::region::Region;
use crate::wire::call::{Envelope, Service};
use crate::wire::error::ApiError;
use crate::world::World;

/// Who a guest is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Guest {
    pub(super) account: AccountId,
    pub(super) arn: String,
}

/// The sender of a request that nobody here knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Stranger {
    service: Service,
    region: Region,
    access_key: String,
    token: Option<String>,
}

/// Something to be asked outside: whether a guest may do this.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Question {
    action: String,
    resource: Option<String>,
    pub(crate) json: Value,
}

impl Stranger {
    /// The sender, unless it is an account's root or a session of a role of ours.
    pub(crate) fn of(world: &World, request: &Request<Bytes>) -> Option<Self> {
        let Envelope {
            service,
            region,
            access_key,
            session_token,
        } = Envelope::read(request).ok()?;
        let ours = access_key.parse::<AccountId>().is_ok() || world.roles.sessions.get(&access_key).is_some();
        (!ours).then_some(Self {
            service,
            region,
            access_key,
            token: session_token,
        })
    }

    /// The question who it is.
    pub(crate) fn who(&self) -> Value {
        json!({ "access_key": self.access_key, "session_token": self.token })
    }

    /// Lets it in as who it is said to be, or says why not.
    pub(crate) fn admit(&self, world: &mut World, answer: &Value) -> Result<(), Box<Response<Bytes>>> {
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        let account = text("account").and_then(|account| account.parse().ok());
        let (Some(account), Some(arn)) = (account, text("arn")) else {
            let refusal = match text("refused") {
                Some("ExpiredTokenException") => expired(self.service),
                _ => not_validated(self.service),
            };
            return Err(self.refuse(world, &refusal));
        };
        let guest = Guest {
            account,
            arn: arn.to_owned(),
        };
        world.roles.guests.insert(self.access_key.clone(), guest);
        Ok(())
    }

    /// Everything it must be allowed for this request.
    pub(crate) fn questions(&self, world: &mut World, request: &Request<Bytes>) -> Vec<Question> {
        let needs = world.needs(request).into_iter();
        needs.flat_map(|(action, access)| self.ask(&action, &access)).collect()
    }

    fn ask(&self, action: &str, access: &Access) -> Vec<Question> {
        let Access {
            resources,
            request_tags,
            passed_to,
            key_use,
            called_via,
            create_action,
        } = access;
        let mut request = Map::new();
        if !request_tags.is_empty() {
            let keys: Vec<&String> = request_tags.keys().collect();
            request.insert(String::from("aws:TagKeys"), json!(keys));
        }
        for (key, value) in request_tags {
            if let Some(value) = value {
                request.insert(format!("aws:RequestTag/{key}"), json!(value));
            }
        }
        if let Some(service) = passed_to {
            request.insert(String::from("iam:PassedToService"), json!(service));
        }
        if let Some(service) = &key_use.via {
            request.insert(String::from("kms:ViaService"), json!(service));
        }
        if let Some(it) = key_use.for_aws_resource {
            request.insert(String::from("kms:GrantIsForAWSResource"), json!(it.to_string()));
        }
        if let Some(service) = called_via {
            request.insert(String::from("aws:CalledVia"), json!([service]));
        }
        if let Some(call) = create_action {
            request.insert(String::from("ec2:CreateAction"), json!(call));
        }
        let one = |resource: Option<&Resource>| {
            let mut context = request.clone();
            for (key, value) in resource.iter().flat_map(|resource| &resource.tags) {
                context.insert(format!("aws:ResourceTag/{key}"), json!(value));
                context.insert(format!("ec2:ResourceTag/{key}"), json!(value));
            }
            if let Some(owner) = resource.and_then(|resource| resource.owner.as_ref()) {
                context.insert(String::from("ec2:Owner"), json!(owner));
            }
            let arn = resource.map(|resource| resource.arn.clone());
            Question {
                action: action.to_owned(),
                json: json!({
                    "access_key": self.access_key, "region": self.region.name(), "action": action, "resource": arn,
                    "context": context,
                }),
                resource: arn,
            }
        };
        if resources.is_empty() {
            vec![one(None)]
        } else {
            resources.iter().map(Some).map(one).collect()
        }
    }

    /// The refusal of a request for the first question that was not answered with leave; none if it was.
    pub(crate) fn refusal(
        &self,
        world: &mut World,
        question: &Question,
        answer: &Value,
    ) -> Option<Box<Response<Bytes>>> {
        let refusal = match answer.get("decision").and_then(Value::as_str) {
            Some("Allow") => return None,
            Some("Deny") => Refusal::DeniedByRole,
            _ => Refusal::NotAllowedByRole,
        };
        let identified = super::identify(
            world,
            self.service,
            self.region,
            &self.access_key,
            self.token.as_deref(),
        );
        let error = match identified {
            Ok(caller) => denied_by_policy(
                self.service,
                &caller,
                &question.action,
                question.resource.as_deref(),
                refusal,
            ),
            Err(error) => error,
        };
        Some(self.refuse(world, &error))
    }

    fn refuse(&self, world: &mut World, error: &ApiError) -> Box<Response<Bytes>> {
        let request_id = world.random.uuid();
        Box::new(error.render(self.service, &request_id))
    }
}
