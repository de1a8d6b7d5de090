use std::collections::{BTreeMap, BTreeSet};

use super::document::{Condition, KeyPolicy, Principal, Statement};
use crate::distribution::audience::Grantee;
use crate::organization::UnitPath;
use crate::{AccountId, OrganizationId, OrganizationalUnitArn, Region, Words};

/// Without these nobody launches from what a key encrypts, as AWS documents.
const NEEDED: [&str; 4] = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:ReEncryptFrom"];
/// Whoever has these besides surely does. Without them a launch that encrypts anew, by another key, may do.
const ENOUGH: [&str; 2] = ["kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptTo"];

/// Where accounts of an audience are in their organization, as far as that is known.
pub type Places = BTreeMap<AccountId, UnitPath>;

/// The accounts that a key's grants let use it, somebody of them at least: a grant needs no policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Granted {
    /// Nobody looked.
    Unknown,
    /// These, and no others.
    To(BTreeSet<AccountId>),
}

/// Who of an audience may use a key, as far as that can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyAudience {
    /// Its policy was read. Whom neither names, it surely lets.
    Read {
        /// Whom it surely does not let.
        shuts_out: BTreeSet<Grantee>,
        /// Of whom that cannot be told.
        unclear: BTreeSet<Grantee>,
    },
    /// It could not be read, and why.
    Unread(Words),
}

/// Whether a statement holds for all of somebody's calls, or for none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holds {
    Never,
    Perhaps,
    Always,
}

/// Judges who of an audience may launch in a Region what a key of this account encrypts. Everybody may not: what is encrypted is
/// never public.
pub fn judge_key(
    policy: &KeyPolicy,
    (owner, region): (AccountId, Region),
    granted: &Granted,
    audience: &BTreeSet<Grantee>,
    places: &Places,
) -> KeyAudience {
    let (mut shuts_out, mut unclear) = (BTreeSet::new(), BTreeSet::new());
    for grantee in audience {
        let Some(who) = Who::of(grantee, owner, places) else {
            continue;
        };
        let may = |actions: &[&str]| actions.iter().map(|action| may(policy, &who, region, action)).min();
        let needed = may(&NEEDED).unwrap_or(Holds::Never);
        let rest = may(&ENOUGH).unwrap_or(Holds::Never);
        if needed == Holds::Never && who.has_no_grant(granted) {
            shuts_out.insert(grantee.clone());
        } else if needed < Holds::Always || rest < Holds::Always {
            unclear.insert(grantee.clone());
        }
    }
    KeyAudience::Read { shuts_out, unclear }
}

/// Whether a policy lets somebody do something: not where it denies that, or says nothing of it.
fn may(policy: &KeyPolicy, who: &Who<'_>, region: Region, action: &str) -> Holds {
    let strongest = |allows: bool| {
        let of_effect = policy.statements.iter().filter(|statement| statement.allows == allows);
        of_effect.map(|statement| holds(statement, who, region, action)).max()
    };
    match (strongest(true), strongest(false)) {
        (None | Some(Holds::Never), _) | (_, Some(Holds::Always)) => Holds::Never,
        (Some(Holds::Always), None | Some(Holds::Never)) => Holds::Always,
        (Some(Holds::Perhaps | Holds::Always), _) => Holds::Perhaps,
    }
}

fn holds(statement: &Statement, who: &Who<'_>, region: Region, action: &str) -> Holds {
    let Statement {
        allows,
        principals,
        actions,
        conditions,
        is_odd,
    } = statement;
    let is_about = |action: &str, pattern: &String| matches(&pattern.to_lowercase(), &action.to_lowercase());
    let of_actions = match actions {
        None => Holds::Perhaps,
        Some(patterns) if patterns.iter().any(|pattern| is_about(action, pattern)) => Holds::Always,
        Some(_) => Holds::Never,
    };
    let of_principals = principals.iter().map(|principal| who.is(principal, *allows)).max();
    let of_conditions = conditions
        .iter()
        .map(|condition| who.meets(condition, region, action))
        .min();
    let odd = if *is_odd { Holds::Perhaps } else { Holds::Always };
    of_actions
        .min(of_principals.unwrap_or(Holds::Never))
        .min(of_conditions.unwrap_or(Holds::Always))
        .min(odd)
}

/// One of an audience, as policies see it.
struct Who<'a> {
    kind: Kind<'a>,
    /// The key's own account.
    owner: AccountId,
}

enum Kind<'a> {
    Account(AccountId, Option<&'a UnitPath>),
    Unit(&'a OrganizationalUnitArn),
    Organization(&'a OrganizationId),
}

impl<'a> Who<'a> {
    fn of(grantee: &'a Grantee, owner: AccountId, places: &'a Places) -> Option<Self> {
        let kind = match grantee {
            Grantee::Account(account) => Kind::Account(*account, places.get(account)),
            Grantee::Unit(unit) => Kind::Unit(unit),
            Grantee::Organization(organization) => Kind::Organization(organization.organization()),
            Grantee::Everybody => return None,
        };
        Some(Self { kind, owner })
    }

    /// Whether no grant lets any of them. Whose accounts are not all known here, may have any that another account has.
    fn has_no_grant(&self, granted: &Granted) -> bool {
        match (granted, &self.kind) {
            (Granted::Unknown, _) => false,
            (Granted::To(accounts), Kind::Account(account, _)) => !accounts.contains(account),
            (Granted::To(accounts), Kind::Unit(_) | Kind::Organization(_)) => {
                accounts.iter().all(|account| *account == self.owner)
            }
        }
    }

    fn is(&self, principal: &Principal, allows: bool) -> Holds {
        let named = match principal {
            Principal::Anybody => return Holds::Always,
            Principal::Service => return Holds::Never,
            Principal::Odd => return Holds::Perhaps,
            Principal::Account(account) | Principal::Of(account) => *account,
        };
        match &self.kind {
            Kind::Account(account, _) if named != *account => Holds::Never,
            // To hand on as it likes. What is denied to an account may yet be let to some of it.
            Kind::Account(..) if allows && matches!(principal, Principal::Account(_)) => Holds::Always,
            Kind::Unit(_) | Kind::Organization(_) if named == self.owner => Holds::Never,
            Kind::Account(..) | Kind::Unit(_) | Kind::Organization(_) => Holds::Perhaps,
        }
    }

    fn meets(&self, condition: &Condition, region: Region, action: &str) -> Holds {
        let Condition { operator, key, values } = condition;
        let Some(values) = values else { return Holds::Perhaps };
        let is_plain = |value: &String| !value.contains("${");
        if !values.iter().all(is_plain) {
            return Holds::Perhaps;
        }
        let any =
            |meets: &dyn Fn(&str) -> Holds| values.iter().map(|value| meets(value)).max().unwrap_or(Holds::Perhaps);
        match (operator.as_str(), key.as_str()) {
            ("StringEquals" | "StringLike", "kms:calleraccount" | "aws:principalaccount") => {
                any(&|value| self.is_of_account(operator, value))
            }
            ("StringNotEquals" | "StringNotLike", "kms:calleraccount" | "aws:principalaccount") => {
                not(any(&|value| self.is_of_account(&operator.replace("Not", ""), value)))
            }
            ("StringEquals" | "StringLike", "aws:principalorgid") => {
                any(&|value| self.is_of_organization(operator, value))
            }
            ("StringNotEquals" | "StringNotLike", "aws:principalorgid") => not(any(&|value| {
                self.is_of_organization(&operator.replace("Not", ""), value)
            })),
            ("ForAnyValue:StringLike" | "ForAnyValue:StringEquals", "aws:principalorgpaths") => {
                any(&|value| self.is_at(operator.ends_with("Like"), value))
            }
            // EC2 launches in its caller's name.
            ("StringEquals" | "StringLike", "kms:viaservice") => any(&|value| {
                let ec2 = format!("ec2.{region}.amazonaws.com");
                let is_met = if operator == "StringLike" {
                    matches(value, &ec2)
                } else {
                    value == ec2
                };
                if is_met { Holds::Always } else { Holds::Perhaps }
            }),
            // Grants of a launch are for EC2's volumes. It is said of nothing but grants.
            ("Bool", "kms:grantisforawsresource") if action == "kms:CreateGrant" => any(&|value| truth(value)),
            // All calls of EC2's are encrypted.
            ("Bool", "aws:securetransport") => any(&|value| match truth(value) {
                Holds::Never => Holds::Never,
                Holds::Perhaps | Holds::Always => Holds::Perhaps,
            }),
            _ => Holds::Perhaps,
        }
    }

    fn is_of_account(&self, operator: &str, value: &str) -> Holds {
        match &self.kind {
            Kind::Account(account, _) => compare(operator, value, &account.to_string()),
            Kind::Unit(_) | Kind::Organization(_) if value == self.owner.to_string() => Holds::Never,
            Kind::Unit(_) | Kind::Organization(_) if value == "*" && operator == "StringLike" => Holds::Always,
            Kind::Unit(_) | Kind::Organization(_) => Holds::Perhaps,
        }
    }

    fn is_of_organization(&self, operator: &str, value: &str) -> Holds {
        self.organization().map_or(Holds::Perhaps, |organization| {
            compare(operator, value, organization.as_str())
        })
    }

    fn organization(&self) -> Option<&OrganizationId> {
        match &self.kind {
            Kind::Account(_, place) => place.map(|place| &place.organization),
            Kind::Unit(unit) => Some(unit.organization()),
            Kind::Organization(organization) => Some(organization),
        }
    }

    /// Whether the way of each of them through their organization is as a condition says.
    fn is_at(&self, is_pattern: bool, value: &str) -> Holds {
        let Some(organization) = self.organization() else {
            return Holds::Perhaps;
        };
        let whole = [String::from("*"), format!("{organization}/*")];
        let is_elsewhere = |(named, _): (&str, &str)| !named.contains(['*', '?']) && named != organization.as_str();
        match &self.kind {
            Kind::Account(_, Some(place)) => {
                let way = place.to_string();
                compare(if is_pattern { "StringLike" } else { "StringEquals" }, value, &way)
            }
            Kind::Unit(_) | Kind::Organization(_) if value.split_once('/').is_some_and(is_elsewhere) => Holds::Never,
            Kind::Unit(_) | Kind::Organization(_) if !is_pattern => Holds::Perhaps,
            Kind::Organization(_) if whole.iter().any(|whole| whole == value) => Holds::Always,
            Kind::Unit(unit) => {
                let below = format!("{organization}/*/{}/*", unit.unit());
                let is_met = value == below || whole.iter().any(|whole| whole == value);
                if is_met { Holds::Always } else { Holds::Perhaps }
            }
            Kind::Account(_, None) | Kind::Organization(_) => Holds::Perhaps,
        }
    }
}

const fn not(holds: Holds) -> Holds {
    match holds {
        Holds::Never => Holds::Always,
        Holds::Perhaps => Holds::Perhaps,
        Holds::Always => Holds::Never,
    }
}

fn truth(value: &str) -> Holds {
    match value {
        "true" => Holds::Always,
        "false" => Holds::Never,
        _ => Holds::Perhaps,
    }
}

/// One value of a condition with what a call has. What looks like a pattern where none is read is nobody's meaning.
fn compare(operator: &str, value: &str, had: &str) -> Holds {
    let is_met = match operator {
        "StringLike" => matches(value, had),
        _ if value.contains(['*', '?']) => return Holds::Perhaps,
        _ => value == had,
    };
    if is_met { Holds::Always } else { Holds::Never }
}

/// Whether a text is as a pattern says: `*` is any characters, `?` is one.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut within, mut star) = (0, 0, None);
    while within < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, within));
                at += 1;
            }
            Some(c) if *c == '?' || *c == text[within] => {
                at += 1;
                within += 1;
            }
            // The last star takes one more.
            _ => match &mut star {
                Some((star, from)) => {
                    *from += 1;
                    (at, within) = (*star + 1, *from);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}
