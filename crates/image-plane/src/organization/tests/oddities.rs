//! Over many seeds everything odd happens, and every kind of user comes.

use std::collections::BTreeSet;

use super::super::{Account, Chosen, GroupSource, InstanceStanding, Oddity, Odds, SpotStanding, State, User, Who};
use super::*;

fn kind(user: &User) -> &'static str {
    match &user.who {
        Who::Instance { standing, from, .. } => match (standing, from) {
            (_, Some(_)) => "instance by a template",
            (InstanceStanding::Running, _) => "running instance",
            (InstanceStanding::Stopped, _) => "stopped instance",
            (InstanceStanding::Terminated, _) => "terminated instance",
        },
        Who::TemplateVersion(version) => match (version.is_default, version.is_latest, user.counts) {
            _ if version.parameter.as_ref().is_some_and(|name| name.contains(':')) => "template by a selector",
            _ if version.parameter.is_some() => "template by a parameter",
            (true, true, _) => "default and latest version",
            (true, false, _) => "default version",
            (false, true, _) => "latest version",
            (false, false, true) => "old version that is named",
            (false, false, false) => "old version",
        },
        Who::Configuration { group: Some(_), .. } => "configuration with a group",
        Who::Configuration { group: None, .. } => "configuration without a group",
        Who::Group { source, .. } => match source {
            GroupSource::Configuration(_) => "group by configuration",
            GroupSource::Template(named) => match named.version {
                Chosen::Latest => "group by latest",
                Chosen::Default => "group by default",
                Chosen::Number(_) => "group by number",
            },
            GroupSource::Mixed(_) => "mixed group",
            GroupSource::OverrideTemplate(_) => "override by template",
            GroupSource::OverrideImage => "override by image",
        },
        Who::Fleet { ended: false, .. } => "fleet",
        Who::Fleet { ended: true, .. } => "deleted fleet",
        Who::SpotFleet { ended: false, .. } => "Spot Fleet",
        Who::SpotFleet { ended: true, .. } => "cancelled Spot Fleet",
        Who::SpotRequest { standing, .. } => match standing {
            SpotStanding::Active => "active request",
            SpotStanding::Open => "open request",
            SpotStanding::Closed => "closed request",
            SpotStanding::Cancelled => "cancelled request",
        },
        Who::Parameter(version) => match (version.is_current, &version.label, user.counts) {
            (true, ..) => "present value",
            (false, Some(_), true) => "labelled value that is named",
            (false, Some(_), false) => "labelled value",
            (false, None, true) => "past value that is named",
            (false, None, false) => "past value",
        },
        Who::Pipeline { parent, .. } => match parent.split_once(':') {
            None => "pipeline on an image",
            Some(("ssm", _)) => "pipeline on a parameter",
            Some(_) if parent.ends_with("x.x.x") => "pipeline on the newest release",
            Some(_) => "pipeline on a release",
        },
        Who::Recipe { .. } => "recipe alone",
    }
}

#[test]
fn over_fifty_seeds_every_oddity_happens_and_every_kind_of_user_comes() {
    let mut oddities = BTreeSet::new();
    let mut kinds = BTreeSet::new();
    let mut accounts: Vec<Account> = Vec::new();
    let mut states = [0; 7];
    for seed in 0..50 {
        let it = Founded::new(&OrganizationSettings::of_seed(seed)).it;
        oddities.extend(it.strange.iter().map(|strange| strange.oddity));
        kinds.extend(it.users.iter().map(kind));
        for placement in &it.placements {
            let state = match placement.state {
                State::Pending => 0,
                State::Failed => 1,
                State::Available => 2,
                State::Deprecated { .. } => 3,
                State::Disabled => 4,
                State::InBin { .. } => 5,
                State::Deregistered => 6,
            };
            states[state] += 1;
        }
        accounts.extend(it.accounts);
    }
    assert_eq!(oddities, BTreeSet::from(Oddity::ALL));
    assert_eq!(kinds.len(), 38, "{kinds:#?}");
    assert!(states.iter().all(|count| *count > 0), "{states:?}");
    assert!(accounts.iter().any(|account| account.suspended));
    assert!(accounts.iter().any(|account| !account.switched_off.is_empty()));
    assert!(accounts.iter().any(|account| account.id.to_string().starts_with('0')));
}

#[test]
fn a_sure_oddity_happens_to_every_family_and_one_without_odds_to_none() {
    for oddity in Oddity::ALL {
        let only = OrganizationSettings {
            odds: Odds::all(0).with(oddity, 1000),
            suspended: 0,
            ..OrganizationSettings::of_seed(1)
        };
        let it = Founded::new(&only).it;
        let happened: BTreeSet<usize> = it.strange.iter().map(|strange| strange.family).collect();
        assert!(
            it.strange.iter().all(|strange| strange.oddity == oddity),
            "{:?}",
            it.strange
        );
        assert_eq!(happened.len(), it.families.len(), "{oddity:?}");
        assert!(it.strange.iter().all(|strange| !strange.about.is_empty()));
    }
}

#[test]
fn one_more_oddity_changes_no_release_and_no_other_oddity() {
    let without = OrganizationSettings::of_seed(5);
    let with = OrganizationSettings {
        odds: without.odds.clone().with(Oddity::Legacy, 1000),
        ..without.clone()
    };
    let (without, with) = (Founded::new(&without).it, Founded::new(&with).it);
    assert_eq!(without.releases, with.releases);
    let others = |it: &Organization| {
        let others = it.strange.iter().filter(|strange| strange.oddity != Oddity::Legacy);
        others
            .map(|strange| (strange.oddity, strange.family))
            .collect::<Vec<_>>()
    };
    assert_eq!(others(&without), others(&with));
}

#[test]
fn a_swarm_is_of_one_image() {
    let settings = OrganizationSettings {
        odds: Odds::all(0).with(Oddity::Swarm, 1000),
        families: 1,
        swarm: 500,
        suspended: 0,
        ..OrganizationSettings::default()
    };
    let it = Founded::new(&settings).it;
    let image = it.strange[0].about[0].parse().unwrap();
    assert!(it.users_of(image).count() >= 500);
}
