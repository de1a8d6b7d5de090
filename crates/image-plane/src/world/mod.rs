//! The world: every account and Region, and the one road each call takes through it.

pub(crate) mod accounts;
pub(crate) mod agenda;
pub(crate) mod buckets;
mod caller;
pub(crate) mod events;
pub(crate) mod faults;
pub(crate) mod judged;
pub(crate) mod ledger;
#[cfg(test)]
pub(crate) mod properties;
mod reach;
mod refusal;
pub(crate) mod settings;
pub(crate) mod versioned;
pub(crate) mod words;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use crate::autoscaling::{self, AutoScaling};
use crate::bus;
use crate::dynamo;
use crate::ec2::{self, Ec2};
use crate::ecr::{self, Registries};
use crate::imagebuilder::{self, ImageBuilder};
use crate::kms::{self, Keys};
use crate::organizations::{self, Organization};
use crate::random::Random;
use crate::rbin;
use crate::s3::{self, Store};
use crate::sns::{self, Topics};
use crate::sqs::{self, Queues};
use crate::ssm::{self, Parameters};
use crate::sts::{self, Access, Roles};
use crate::time::Time;
use crate::wire::call::{Envelope, Service};
use crate::wire::error::{ApiError, respond};
use crate::wire::target;
use accounts::Accounts;
use agenda::Agenda;
use buckets::{Buckets, Rate};
pub(crate) use caller::Caller;
pub use caller::Target;
use events::{Channel, Delivery, Outbox};
use faults::{Effect, Faults};
use ledger::{Answered, Ledger, Mutation};
use refusal::{broken, throttled};
use settings::Settings;
use words::Words;

/// What the world knows of an operation before it runs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) mutates: bool,
    pub(crate) rate: Rate,
}

/// A call that has arrived: parsed, its caller known, the fault that hits it drawn. Not yet carried out.
#[derive(Debug)]
pub(crate) struct Arrived {
    request: Request<Bytes>,
    service: Service,
    routed: Result<Routed, ApiError>,
    pub(crate) effect: Option<Effect>,
}

#[derive(Debug)]
struct Routed {
    caller: Caller,
    operation: Operation,
    run: Run,
}

/// Each service reads its own requests.
#[derive(Debug)]
enum Run {
    Ec2(ec2::Call),
    ImageBuilder(imagebuilder::Call),
    AutoScaling(autoscaling::Call),
    Sts(sts::Call),
    Judged(judged::Call),
    Sns(sns::Call),
    S3(s3::Call),
    RecycleBin(rbin::Call),
    EventBridge(bus::Call),
    Kms(kms::Call),
    Organizations(organizations::Call),
}

/// Something that happens without a call.
#[derive(Debug)]
pub(crate) enum Due {
    Ec2(ec2::Due),
    ImageBuilder(imagebuilder::Due),
    AutoScaling(autoscaling::Due),
    Ssm(ssm::Due),
    Kms(kms::Due),
    Organizations(organizations::Due),
}

/// A model of AWS's image plane. Pure: the same seed, settings and calls at the same times give the same history.
#[derive(Debug)]
pub struct World {
    pub(crate) now: Time,
    pub(crate) random: Random,
    pub(crate) settings: Settings,
    pub(crate) accounts: Accounts,
    /// The one organization of all accounts that are in one, where somebody founded it.
    pub(crate) organization: Option<Organization>,
    pub(crate) keys: Keys,
    pub(crate) parameters: Parameters,
    pub(crate) registries: Registries,
    pub(crate) queues: Queues,
    pub(crate) topics: Topics,
    pub(crate) objects: Store,
    pub(crate) roles: Roles,
    pub(crate) ec2: Ec2,
    pub(crate) words: Words,
    pub(crate) builder: ImageBuilder,
    pub(crate) scaling: AutoScaling,
    agenda: Agenda<Due>,
    outbox: Outbox,
    ledger: Ledger,
    faults: Faults,
    buckets: Buckets,
}

impl World {
    /// An empty world at this time.
    #[must_use]
    pub fn new(seed: u64, now: Time, settings: Settings) -> Self {
        Self {
            now,
            random: Random::new(seed),
            settings,
            accounts: Accounts::default(),
            organization: None,
            keys: Keys::default(),
            parameters: Parameters::default(),
            registries: Registries::default(),
            queues: Queues::default(),
            topics: Topics::default(),
            objects: Store::default(),
            roles: Roles::default(),
            ec2: Ec2::default(),
            words: Words::default(),
            builder: ImageBuilder::default(),
            scaling: AutoScaling::default(),
            agenda: Agenda::default(),
            outbox: Outbox::default(),
            ledger: Ledger::default(),
            faults: Faults::default(),
            buckets: Buckets::default(),
        }
    }

    /// Lets everything happen that falls due up to this time. Time never goes back: an earlier one changes nothing.
    pub fn settle(&mut self, now: Time) {
        while let Some((at, due)) = self.agenda.pop_due(now) {
            self.now = self.now.max(at);
            match due {
                Due::Ec2(due) => ec2::fall_due(self, due),
                Due::ImageBuilder(due) => imagebuilder::fall_due(self, due),
                Due::AutoScaling(due) => autoscaling::fall_due(self, due),
                Due::Ssm(due) => ssm::fall_due(self, due),
                Due::Kms(due) => kms::fall_due(self, &due),
                Due::Organizations(due) => organizations::fall_due(self, due),
            }
        }
        self.now = self.now.max(now);
        self.outbox.settle(self.now);
    }

    /// When something happens next without a call.
    #[must_use]
    pub fn next_due(&self) -> Option<Time> {
        [self.agenda.next(), self.outbox.next()].into_iter().flatten().min()
    }

    /// Answers one request as AWS would, at this time. Faults that need a connection to break are the door's to play.
    pub fn call(&mut self, now: Time, request: Request<Bytes>) -> Response<Bytes> {
        self.settle(now);
        let arrived = self.arrive(request);
        self.answer(arrived)
    }

    /// Reads a request and draws the fault that hits it.
    pub(crate) fn arrive(&mut self, request: Request<Bytes>) -> Arrived {
        let (service, routed) = match Envelope::read(&request) {
            Ok(envelope) => (envelope.service, self.route(&envelope, &request)),
            // Nobody can say which service was meant; XML is what most of them speak.
            Err(error) => (Service::Ec2, Err(error)),
        };
        let effect = routed
            .as_ref()
            .ok()
            .and_then(|routed| self.faults.hit(service, routed.operation.name, routed.caller.target));
        Arrived {
            request,
            service,
            routed,
            effect,
        }
    }

    /// Carries out a call that has arrived, and writes the ledger.
    pub(crate) fn answer(&mut self, arrived: Arrived) -> Response<Bytes> {
        let Arrived {
            request,
            service,
            routed,
            effect,
        } = arrived;
        let request_id = self.random.uuid();
        let response = match routed {
            Err(error) => error.render(service, &request_id),
            Ok(Routed { caller, operation, run }) => {
                let applied = self.carry_out(&caller, service, operation, run, effect, &request_id);
                let answered = effect.is_none_or(Effect::lets_answer);
                self.write_down(&caller, service, operation, &request, (&applied, answered));
                let told = match effect {
                    Some(Effect::ServerErrorAfterApply(status)) => applied.and_then(|_| Err(broken(service, status))),
                    _ => applied,
                };
                told.unwrap_or_else(|error| error.render(service, &request_id))
            }
        };
        self.ledger.mix(&self.now.millis().to_le_bytes());
        self.ledger.mix(request.uri().to_string().as_bytes());
        self.ledger.mix(request.body());
        self.ledger.mix(&response.status().as_u16().to_le_bytes());
        self.ledger.mix(response.body());
        response
    }

    /// Who calls DynamoDB, which answers beside the world: the target, the caller's ARN, or the refusal.
    pub(crate) fn caller_of_tables(
        &mut self,
        request: &Request<Bytes>,
    ) -> Result<(Target, String), Box<Response<Bytes>>> {
        let caller = Envelope::read(request).and_then(|envelope| self.identify(&envelope));
        let permitted = caller.and_then(|caller| {
            if !sts::is_root(&caller) {
                for (action, access) in dynamo::needs(request, caller.target) {
                    sts::authorize_named(self, &caller, Service::DynamoDb, &action, &access)?;
                }
            }
            Ok((caller.target, caller.arn))
        });
        permitted.map_err(|error| Box::new(error.render(Service::DynamoDb, &self.random.uuid())))
    }

    /// What the caller of a request must be allowed; nothing where the request cannot be read, which its answer will say.
    pub(crate) fn needs(&mut self, request: &Request<Bytes>) -> Vec<(String, Access)> {
        let routed = Envelope::read(request).and_then(|envelope| {
            if envelope.service == Service::DynamoDb {
                let caller = self.identify(&envelope)?;
                return Ok(dynamo::needs(request, caller.target));
            }
            let Routed { caller, run, .. } = self.route(&envelope, request)?;
            Ok(match run {
                Run::Ec2(call) => call.needs(self, &caller),
                Run::ImageBuilder(call) => call.needs(self, &caller),
                Run::AutoScaling(call) => call.needs(self, &caller),
                Run::Sts(_) => Vec::new(),
                Run::Judged(call) => call.needs(self, &caller),
                Run::Sns(call) => call.needs(),
                Run::S3(call) => call.needs(&caller),
                Run::RecycleBin(call) => call.needs(&caller),
                Run::EventBridge(call) => call.needs(&caller),
                Run::Kms(call) => call.needs(self, &caller),
                Run::Organizations(call) => call.needs(self),
            })
        });
        routed.unwrap_or_default()
    }

    fn identify(&self, envelope: &Envelope) -> Result<Caller, ApiError> {
        let Envelope {
            service,
            region,
            access_key,
            session_token,
        } = envelope;
        let caller = sts::identify(self, *service, *region, access_key, session_token.as_deref())?;
        let account = self.accounts.get(caller.target.account);
        if account.is_some_and(|account| !account.state.usable())
            || !self.accounts.enabled(caller.target.account, *region)
        {
            return Err(sts::not_validated(*service));
        }
        Ok(caller)
    }

    fn route(&mut self, envelope: &Envelope, request: &Request<Bytes>) -> Result<Routed, ApiError> {
        let caller = self.identify(envelope)?;
        let (operation, run) = match envelope.service {
            Service::Ec2 => ec2::read(request).map(|(operation, call)| (operation, Run::Ec2(call)))?,
            Service::ImageBuilder => {
                imagebuilder::read(request).map(|(operation, call)| (operation, Run::ImageBuilder(call)))?
            }
            Service::AutoScaling => {
                autoscaling::read(request).map(|(operation, call)| (operation, Run::AutoScaling(call)))?
            }
            Service::Sts => sts::read(request).map(|(operation, call)| (operation, Run::Sts(call)))?,
            Service::Ssm => ssm::PARAMETER_STORE
                .read(request)
                .map(|(operation, call)| (operation, Run::Judged(call)))?,
            Service::Ecr => ecr::REGISTRY
                .read(request)
                .map(|(operation, call)| (operation, Run::Judged(call)))?,
            Service::Sqs => sqs::QUEUES
                .read(request)
                .map(|(operation, call)| (operation, Run::Judged(call)))?,
            Service::Sns => sns::read(request).map(|(operation, call)| (operation, Run::Sns(call)))?,
            Service::S3 => s3::read(request).map(|(operation, call)| (operation, Run::S3(call)))?,
            Service::RecycleBin => rbin::read(request).map(|(operation, call)| (operation, Run::RecycleBin(call)))?,
            Service::EventBridge => {
                bus::read(request, caller.target.region).map(|(operation, call)| (operation, Run::EventBridge(call)))?
            }
            Service::Kms => {
                kms::read(request, caller.target.region).map(|(operation, call)| (operation, Run::Kms(call)))?
            }
            Service::Organizations => organizations::read(request, caller.target.region)
                .map(|(operation, call)| (operation, Run::Organizations(call)))?,
            Service::DynamoDb => return Err(ApiError::not_modelled("DynamoDB at this door; it has one of its own")),
        };
        Ok(Routed { caller, operation, run })
    }

    fn carry_out(
        &mut self,
        caller: &Caller,
        service: Service,
        operation: Operation,
        run: Run,
        effect: Option<Effect>,
        request_id: &str,
    ) -> Result<Response<Bytes>, ApiError> {
        match effect {
            Some(Effect::Throttle) => return Err(throttled(service)),
            Some(Effect::Deny) => return Err(sts::denied(service, caller, operation.name)),
            Some(Effect::ServerError(status)) => return Err(broken(service, status)),
            _ => {}
        }
        let mut in_time = self.buckets.take(
            caller.target,
            operation.rate.bucket(operation.name),
            operation.rate,
            self.now,
        );
        if let Run::Organizations(call) = &run
            && in_time
            && let Some((owner, rate)) = call.rate_of_all(self, caller)
        {
            in_time = self.buckets.take(owner, rate.bucket(operation.name), rate, self.now);
        }
        if self.settings.throttling && !in_time {
            return Err(throttled(service));
        }
        let (content_type, body) = match run {
            Run::Ec2(call) => ("text/xml;charset=UTF-8", call.run(self, caller, request_id)?),
            Run::ImageBuilder(call) => ("application/json", call.run(self, caller, request_id)?),
            Run::AutoScaling(call) => ("text/xml", call.run(self, caller, request_id)?),
            Run::Sts(call) => ("text/xml", call.run(self, caller, request_id)?),
            Run::Judged(call) => (call.content_type(), call.run(self, caller)?),
            Run::Sns(call) => ("text/xml", call.run(self, caller, request_id)?),
            Run::S3(call) => ("application/xml", call.run(self, caller)?),
            Run::RecycleBin(call) => ("application/json", call.run(self, caller)?),
            Run::EventBridge(call) => (target::CONTENT_TYPE, call.run(self, caller)?),
            Run::Kms(call) => (target::CONTENT_TYPE, call.run(self, caller)?),
            Run::Organizations(call) => {
                let empty = effect == Some(Effect::Partial);
                (target::CONTENT_TYPE, call.run(self, caller, empty)?)
            }
        };
        Ok(respond(200, content_type, request_id, body))
    }

    fn write_down(
        &mut self,
        caller: &Caller,
        service: Service,
        operation: Operation,
        request: &Request<Bytes>,
        (result, is_answered): (&Result<Response<Bytes>, ApiError>, bool),
    ) {
        let answered = match result {
            Ok(_) => Answered::Done,
            Err(error) if *error == throttled(service) => Answered::Throttled,
            Err(_) => Answered::Refused,
        };
        self.ledger.count(service, operation.name, caller.target, answered);
        if operation.mutates {
            let body = String::from_utf8_lossy(request.body());
            let request = if body.is_empty() {
                request.uri().to_string()
            } else {
                body.into_owned()
            };
            self.ledger.record(Mutation {
                at: self.now,
                who: caller.arn.clone(),
                target: caller.target,
                service,
                action: operation.name,
                request,
                outcome: result.as_ref().map(|_| ()).map_err(|error| error.code.to_string()),
                answered: is_answered,
            });
        }
    }

    /// Plans something for later.
    pub(crate) fn plan(&mut self, after: Duration, due: Due) {
        self.agenda.plan(self.now + after, due);
    }

    /// Sends an event of a service to the default bus of a target.
    pub(crate) fn emit(
        &mut self,
        target: Target,
        source: &str,
        detail_type: &str,
        resources: &[String],
        detail: &serde_json::Value,
    ) {
        self.emit_dated(target, self.now, source, (detail_type, detail), resources);
    }

    /// Sends an event that says it happened at this time, and gives back its id.
    pub(crate) fn emit_dated(
        &mut self,
        target: Target,
        time: Time,
        source: &str,
        (detail_type, detail): (&str, &serde_json::Value),
        resources: &[String],
    ) -> String {
        let id = self.random.uuid();
        let body = serde_json::json!({
            "version": "0",
            "id": id,
            "detail-type": detail_type,
            "source": source,
            "account": target.account.to_string(),
            "time": time.to_seconds(),
            "region": target.region.name(),
            "resources": resources,
            "detail": detail,
        });
        self.send(target, Channel::EventBridge, body);
        id
    }

    /// Sends a message by any channel.
    pub(crate) fn send(&mut self, target: Target, channel: Channel, body: serde_json::Value) {
        let Target { account, region } = target;
        self.outbox.send(
            &Delivery {
                at: self.now,
                account,
                region,
                channel,
                body,
            },
            &mut self.random,
        );
    }

    /// The time whose state a read of EC2 shows: now, or up to the lag ago.
    pub(crate) fn read_as_of(&mut self) -> Time {
        self.now - self.draw_up_to(self.settings.read_lag)
    }

    /// A duration from zero up to this.
    pub(crate) fn draw_up_to(&mut self, most: Duration) -> Duration {
        let millis = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.random.below(millis.saturating_add(1)))
    }
}
