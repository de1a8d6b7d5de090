//! AssumeRole: a role's permissions, for a while, to whom the role trusts.

use std::time::Duration;

use bytes::Bytes;

use super::access::{Access, Holder, Resource, is_root};
use super::answer;
use super::errors::may_not_assume;
use super::judgement::Judgement;
use super::policy::document::Document;
use super::policy::evaluate::Request;
use super::roles::Role;
use super::sessions::{Secrets, Session};
use crate::ids::AccountId;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::world::{Caller, World};

const SHORTEST: Duration = Duration::from_mins(15);
const LONGEST: Duration = Duration::from_hours(12);
/// What a session lasts where the caller does not say, and the most for a role assumed from another role's session.
const HOUR: Duration = Duration::from_hours(1);
/// Characters a session policy may have.
const LONGEST_POLICY: usize = 2048;

/// Parameters that would change what the session is or may do.
const NOT_MODELLED: [&str; 8] = [
    "PolicyArns",
    "Tags",
    "TransitiveTagKeys",
    "SourceIdentity",
    "SerialNumber",
    "TokenCode",
    "ProvidedContexts",
    "MinimumSessionTokenSize",
];

/// The request.
#[derive(Debug)]
pub(crate) struct AssumeRole {
    role_arn: String,
    session_name: String,
    external_id: Option<String>,
    policy: Option<SessionPolicy>,
    duration: Duration,
}

#[derive(Debug)]
struct SessionPolicy {
    length: usize,
    document: Document,
}

impl AssumeRole {
    pub(super) fn read(params: &mut Params) -> Result<Self, ApiError> {
        for name in NOT_MODELLED {
            // The Query protocol writes an empty list as an empty value.
            if !matches!(params.text(name).as_ref().map(Option::as_deref), Ok(None | Some(""))) {
                return Err(ApiError::not_modelled(format_args!("{name} of sts:AssumeRole")));
            }
        }
        let role_arn = text(params, "RoleArn", "roleArn", 20..=2048, None)?.ok_or_else(|| missing("roleArn"))?;
        if !is_role_arn(&role_arn) {
            return Err(invalid(format!("{role_arn} is invalid")));
        }
        let session_name = text(params, "RoleSessionName", "roleSessionName", 2..=64, Some("+=,.@-"))?;
        Ok(Self {
            role_arn,
            session_name: session_name.ok_or_else(|| missing("roleSessionName"))?,
            external_id: text(params, "ExternalId", "externalId", 2..=1224, Some("+=,.@:/-"))?,
            policy: params.text("Policy")?.as_deref().map(SessionPolicy::read).transpose()?,
            duration: read_duration(params)?,
        })
    }

    pub(super) fn run(self, world: &mut World, caller: &Caller, request_id: &str) -> Result<Bytes, ApiError> {
        let refused = || may_not_assume(caller, &self.role_arn);
        let role = world.roles.get(&self.role_arn).ok_or_else(refused)?;
        let home = world.accounts.get(role.account);
        // AWS documents neither case; it does not say more than this of any other role one may not have.
        if role.partition != caller.target.region.partition() || home.is_some_and(|account| !account.state.usable()) {
            return Err(refused());
        }
        if !self.permitted(world, caller, role) {
            return Err(refused());
        }
        self.check_duration(caller, role)?;
        if !world.accounts.enabled(role.account, caller.target.region) {
            let account = role.account;
            let message = format!(
                "STS is not activated in this region for account:{account}. \
                 Your account administrator can activate STS in this region using the IAM Console."
            );
            return Err(ApiError::with_status(403, "RegionDisabledException", message));
        }
        let (account, partition, role_id) = (role.account, role.partition.clone(), role.id.clone());
        let arn = format!(
            "arn:{partition}:sts::{account}:assumed-role/{}/{}",
            role.name, self.session_name
        );
        let secrets = Secrets::draw(&mut world.random);
        let size = self.policy.as_ref().map(SessionPolicy::packed_size);
        let session = Session {
            account,
            partition,
            role_arn: self.role_arn,
            role_id,
            arn,
            name: self.session_name,
            token: secrets.token.clone(),
            expires: whole_seconds(world.now + self.duration),
            policy: self.policy.map(|policy| policy.document),
        };
        let body = answer("AssumeRole", request_id, |xml| {
            xml.element("AssumedRoleUser", |xml| {
                xml.text("AssumedRoleId", session.user_id());
                xml.text("Arn", &session.arn);
            });
            xml.element("Credentials", |xml| {
                xml.text("AccessKeyId", &secrets.access_key);
                xml.text("SecretAccessKey", &secrets.secret);
                xml.text("SessionToken", &secrets.token);
                xml.text("Expiration", session.expires.to_seconds());
            });
            xml.optional("PackedPolicySize", size);
        });
        world.roles.sessions.insert(secrets.access_key, session, world.now);
        Ok(body)
    }

    /// Whether the role trusts the caller, and the caller may ask for it. A root may: AWS refuses roots, but here a
    /// root stands for whatever an account's administrator runs.
    fn permitted(&self, world: &World, caller: &Caller, role: &Role) -> bool {
        let holder = Holder::of(world, caller);
        let resource = Resource {
            arn: self.role_arn.clone(),
            ..Resource::default()
        };
        let unknown = Access::unknown();
        let request = Request {
            action: "sts:assumerole",
            region: caller.target.region,
            principal: &holder.subject,
            resource: Some(&resource),
            tags: &unknown.request_tags,
            external_id: self.external_id.as_deref(),
            passed_to: None,
            key_use: &unknown.key_use,
            called_via: None,
            create_action: None,
        };
        let judgement = Judgement {
            resource: role.trust.trusts(&request),
            own: holder.permits(&request),
        };
        judgement.allows(caller.target.account == role.account)
    }

    fn check_duration(&self, caller: &Caller, role: &Role) -> Result<(), ApiError> {
        let chained = !is_root(caller);
        if chained && self.duration > HOUR {
            return Err(invalid(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
            ));
        }
        if self.duration > role.max_session {
            return Err(invalid(
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            ));
        }
        Ok(())
    }
}

impl SessionPolicy {
    fn read(text: &str) -> Result<Self, ApiError> {
        let length = text.chars().count();
        if !(1..=LONGEST_POLICY).contains(&length) {
            return Err(unfit("policy", &format!("have length between 1 and {LONGEST_POLICY}")));
        }
        match Document::permissions(text) {
            Ok(document) => Ok(Self { length, document }),
            Err(error) if error.only_here => Err(ApiError::with_status(501, "NotModelled", error.to_string())),
            Err(error) => Err(ApiError::client("MalformedPolicyDocument", error.to_string())),
        }
    }

    /// Percent of the room a packed policy has. AWS does not document how it packs; here it does not.
    fn packed_size(&self) -> usize {
        (self.length * 100).div_ceil(LONGEST_POLICY)
    }
}

fn read_duration(params: &mut Params) -> Result<Duration, ApiError> {
    let Some(text) = params.text("DurationSeconds")? else {
        return Ok(HOUR);
    };
    let seconds = text
        .parse()
        .map_err(|_| unfit("durationSeconds", "be a whole number"))?;
    let duration = Duration::from_secs(seconds);
    if duration < SHORTEST {
        return Err(unfit("durationSeconds", "have value greater than or equal to 900"));
    }
    if duration > LONGEST {
        return Err(unfit("durationSeconds", "have value less than or equal to 43200"));
    }
    Ok(duration)
}

/// A text of this length, in letters, digits, `_` and these characters.
fn text(
    params: &mut Params,
    name: &str,
    member: &str,
    length: std::ops::RangeInclusive<usize>,
    besides: Option<&str>,
) -> Result<Option<String>, ApiError> {
    let Some(text) = params.text(name)? else {
        return Ok(None);
    };
    if !length.contains(&text.chars().count()) {
        return Err(unfit(
            member,
            &format!("have length between {} and {}", length.start(), length.end()),
        ));
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || besides.is_none_or(|besides| besides.contains(c));
    if !text.chars().all(fits) {
        let pattern = besides.unwrap_or_default();
        return Err(unfit(
            member,
            &format!("satisfy regular expression pattern: [\\w{pattern}]*"),
        ));
    }
    Ok(Some(text))
}

/// `arn:aws:iam::111122223333:role/path/name`.
fn is_role_arn(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", _, "iam", "", account, role]
        if account.parse::<AccountId>().is_ok() && role.starts_with("role/"))
}

fn missing(member: &str) -> ApiError {
    invalid(format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
    ))
}

fn unfit(member: &str, must: &str) -> ApiError {
    invalid(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must {must}"
    ))
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationError", message)
}

/// STS prints whole seconds, and a session ends when it says.
fn whole_seconds(time: Time) -> Time {
    Time::from_millis(time.millis().div_euclid(1000) * 1000)
}
