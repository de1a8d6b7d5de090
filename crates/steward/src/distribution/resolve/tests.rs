use super::*;
use crate::manifest::ManifestFile;
use crate::organization::{AccountPath, ListedAccount};

const HUB: &str = "111122223333";
const MANAGEMENT: &str = "999900001111";
const MEMBER: &str = "222233334444";
const NESTED: &str = "222233335555";
const PARTNER: &str = "666677778888";
const OUTER: &str = "arn:aws:organizations::999900001111:ou/o-exampleorgid/ou-ab12-11111111";
const INNER: &str = "arn:aws:organizations::999900001111:ou/o-exampleorgid/ou-ab12-22222222";
const OURS: &str = "arn:aws:organizations::999900001111:organization/o-exampleorgid";
const THEIRS: &str = "arn:aws:organizations::999900002222:organization/o-anotherorgid";

fn audience(share_with: &str) -> Audience {
    let text = format!(
        "family: web\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ \
         instance_types: [t3.medium], instance_profile: P }}\ndistribute: {{ share_with: {{ {share_with} }} }}\n"
    );
    let read = ManifestFile::read("web.yaml", text.as_bytes());
    let file = read.file.unwrap();
    file.manifest().distribute.share_with.clone()
}

fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

fn listed(id: &str, state: AccountState, units: &str) -> ListedAccount {
    let path = format!("o-exampleorgid/r-ab12/{units}{id}/");
    ListedAccount {
        id: account(id),
        state,
        path: path.parse::<AccountPath>().unwrap(),
    }
}

/// The hub and a member in a unit, one more account in the unit within it, and the accounts of a test beside.
fn organization(more: Vec<ListedAccount>) -> OrganizationSeen {
    use AccountState::Active;
    let outer = "ou-ab12-11111111/";
    let accounts = [
        listed(HUB, Active, outer),
        listed(MANAGEMENT, Active, ""),
        listed(MEMBER, Active, outer),
        listed(NESTED, Active, "ou-ab12-11111111/ou-ab12-22222222/"),
    ];
    let as_of = "2026-01-18T17:50:56Z".parse().unwrap();
    let accounts = accounts.into_iter().chain(more);
    OrganizationSeen::of(OURS.parse().unwrap(), account(HUB), accounts, [], as_of).unwrap()
}

fn resolved(share_with: &str, more: Vec<ListedAccount>) -> ResolvedAudience {
    resolve_audience(&audience(share_with), account(HUB), Ok(&organization(more)))
}

fn unread(share_with: &str) -> ResolvedAudience {
    let why = Words::from("nobody may read it");
    resolve_audience(&audience(share_with), account(HUB), Err(&why))
}

fn images(resolved: &ResolvedAudience) -> Vec<String> {
    resolved.images.iter().map(Grantee::to_string).collect()
}

#[track_caller]
fn copiers(resolved: &ResolvedAudience) -> Vec<String> {
    match &resolved.snapshots {
        SnapshotAudience::Known(copiers) => copiers.iter().map(Copier::to_string).collect(),
        SnapshotAudience::Unknown(why) => panic!("not known: {why}"),
    }
}

#[track_caller]
fn unknown(resolved: &ResolvedAudience) -> &str {
    match &resolved.snapshots {
        SnapshotAudience::Unknown(why) => why.as_str(),
        SnapshotAudience::Known(copiers) => panic!("known: {copiers:?}"),
    }
}

#[test]
fn units_stay_units_for_images_and_are_spelt_out_for_snapshots() {
    let both = resolved(
        &format!("accounts: [\"{PARTNER}\"], units: [\"{OUTER}\"], may_copy: true"),
        vec![],
    );
    assert_eq!(images(&both), [PARTNER, OUTER]);
    assert_eq!(copiers(&both), [MEMBER, NESTED, PARTNER]);
    let inner = resolved(&format!("units: [\"{INNER}\"], may_copy: true"), vec![]);
    assert_eq!(copiers(&inner), [NESTED]);
}

#[test]
fn who_may_not_copy_gets_no_snapshots_and_needs_no_organization() {
    let share_with = format!("accounts: [\"{PARTNER}\"], units: [\"{OUTER}\"], organizations: [\"{THEIRS}\"]");
    for found in [resolved(&share_with, vec![]), unread(&share_with)] {
        assert_eq!(images(&found), [PARTNER, OUTER, THEIRS]);
        assert!(copiers(&found).is_empty());
    }
}

#[test]
fn an_organization_that_could_not_be_read_is_said_and_no_empty_list() {
    for of in [format!("units: [\"{OUTER}\"]"), format!("organizations: [\"{OURS}\"]")] {
        let found = unread(&format!("accounts: [\"{PARTNER}\"], {of}, may_copy: true"));
        assert_eq!(unknown(&found), "nobody may read it");
        assert_eq!(found.images.len(), 2);
    }
    let without = unread(&format!("accounts: [\"{PARTNER}\"], may_copy: true"));
    assert_eq!(copiers(&without), [PARTNER], "accounts need no organization");
}

#[test]
fn one_unit_that_is_not_there_leaves_all_of_it_unknown() {
    let strange = [
        OUTER.replace("11111111", "33333333"),
        OUTER.replace("o-exampleorgid", "o-anotherorgid"),
        OUTER.replace("arn:aws:", "arn:aws-cn:"),
    ];
    let sentences = [
        String::from("the organization o-exampleorgid has no unit ou-ab12-33333333"),
        format!(
            "{} is not of the organization {OURS}, and the accounts of another cannot be listed",
            strange[1]
        ),
        format!(
            "{} is in the partition aws-cn, and this organization in aws",
            strange[2]
        ),
    ];
    for (unit, sentence) in strange.iter().zip(&sentences) {
        // No manifest names what is in two partitions.
        let there = [OUTER, unit];
        let there = if unit.contains("aws-cn") { &there[1..] } else { &there };
        let found = resolved(&format!("units: {there:?}, may_copy: true"), vec![]);
        assert_eq!(unknown(&found), sentence);
        assert!(images(&found).contains(unit), "it stays declared");
    }
    let two = format!("units: [\"{}\", \"{}\"], may_copy: true", strange[0], strange[1]);
    assert_eq!(
        unknown(&resolved(&two, vec![])),
        format!("{}; {}", sentences[0], sentences[1])
    );
}

#[test]
fn our_own_organization_is_its_accounts_and_anothers_is_not_known() {
    let ours = resolved(&format!("organizations: [\"{OURS}\"], may_copy: true"), vec![]);
    assert_eq!(images(&ours), [OURS]);
    assert_eq!(copiers(&ours), [MEMBER, NESTED, MANAGEMENT]);
    let theirs = resolved(
        &format!("organizations: [\"{OURS}\", \"{THEIRS}\"], may_copy: true"),
        vec![],
    );
    assert_eq!(images(&theirs), [OURS, THEIRS]);
    assert_eq!(
        unknown(&theirs),
        format!("{THEIRS} is not of the organization {OURS}, and the accounts of another cannot be listed")
    );
}

#[test]
fn the_hub_is_in_no_audience() {
    let named = resolved(&format!("accounts: [\"{HUB}\", \"{PARTNER}\"], may_copy: true"), vec![]);
    assert_eq!(
        (images(&named), copiers(&named)),
        (vec![PARTNER.to_owned()], vec![PARTNER.to_owned()])
    );
    let by_unit = resolved(&format!("units: [\"{OUTER}\"], may_copy: true"), vec![]);
    assert!(!copiers(&by_unit).contains(&HUB.to_owned()));
    assert!(images(&unread(&format!("accounts: [\"{HUB}\"]"))).is_empty());
}

#[test]
fn of_a_unit_only_accounts_that_work_may_copy() {
    let state = |id: &str, state| listed(id, state, "ou-ab12-11111111/");
    let more = vec![
        state("333300000001", AccountState::Suspended),
        state("333300000002", AccountState::PendingClosure),
        state("333300000003", AccountState::Closed),
        state("333300000004", AccountState::PendingActivation),
    ];
    for of in [format!("units: [\"{OUTER}\"]"), format!("organizations: [\"{OURS}\"]")] {
        let found = resolved(&format!("{of}, may_copy: true"), more.clone());
        assert!(
            !copiers(&found).iter().any(|account| account.starts_with("3333")),
            "{found:?}"
        );
    }
}

#[test]
fn a_named_account_that_is_closed_is_dropped_and_said_and_every_other_stays() {
    let states = [
        ("333300000001", AccountState::Suspended),
        ("333300000002", AccountState::PendingClosure),
        ("333300000003", AccountState::Closed),
        ("333300000004", AccountState::PendingActivation),
    ];
    let more: Vec<ListedAccount> = states.iter().map(|(id, state)| listed(id, *state, "")).collect();
    let share_with = "accounts: [\"333300000001\", \"333300000002\", \"333300000003\", \"333300000004\", \
                      \"666677778888\"], may_copy: true";
    let left = ["333300000001", "333300000002", "333300000004", PARTNER];
    let found = resolved(share_with, more.clone());
    assert_eq!(
        (images(&found), copiers(&found)),
        (left.map(String::from).to_vec(), left.map(String::from).to_vec())
    );
    assert_eq!(
        audience_notes(&audience(share_with), &organization(more)),
        [Finding::AccountClosed("333300000003".parse().unwrap())]
    );
    assert_eq!(unread(share_with).images.len(), 5, "nobody said that it is closed");
    assert!(audience_notes(&audience(share_with), &organization(vec![])).is_empty());
}

#[test]
fn everybody_may_launch_and_copy_where_it_is_declared() {
    let found = resolved("public: true, everybody_may_use: web", vec![]);
    assert_eq!(images(&found), ["everybody"]);
    assert!(copiers(&found).is_empty());
    let found = resolved("public: true, everybody_may_use: web, may_copy: true", vec![]);
    assert_eq!(
        (images(&found), copiers(&found)),
        (vec!["everybody".to_owned()], vec!["everybody".to_owned()])
    );
}

#[test]
fn a_digest_is_the_same_for_the_same_people_and_for_nobody_else() {
    let of = |share_with: &str| resolved(share_with, vec![]).digest();
    assert_eq!(of(""), of("may_copy: true"), "nobody is nobody");
    let all = [
        of(""),
        of("public: true, everybody_may_use: web"),
        of("public: true, everybody_may_use: web, may_copy: true"),
        of(&format!("accounts: [\"{MEMBER}\"]")),
        of(&format!("accounts: [\"{MEMBER}\"], may_copy: true")),
        of(&format!("accounts: [\"{MEMBER}\", \"{PARTNER}\"], may_copy: true")),
        of(&format!("units: [\"{OUTER}\"], may_copy: true")),
        of(&format!("organizations: [\"{THEIRS}\"], may_copy: true")),
    ];
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    assert!(all.iter().all(|digest| digest.len() == 64));

    let share_with = format!("units: [\"{OUTER}\"], may_copy: true");
    let joined = vec![listed("333300000001", AccountState::Active, "ou-ab12-11111111/")];
    assert_ne!(resolved(&share_with, joined).digest(), of(&share_with));
    let elsewhere = vec![listed("333300000001", AccountState::Active, "")];
    assert_eq!(resolved(&share_with, elsewhere).digest(), of(&share_with));
    let other_order = |one: &str, two: &str| of(&format!("accounts: [\"{one}\", \"{two}\"]"));
    assert_eq!(other_order(MEMBER, PARTNER), other_order(PARTNER, MEMBER));

    let unknown = |why: &str| {
        let why = Words::from(why);
        resolve_audience(&audience(&share_with), account(HUB), Err(&why)).digest()
    };
    assert_eq!(unknown("it is throttled"), unknown("it is denied"));
}

#[test]
fn while_an_organization_cannot_be_read_its_families_audiences_stay_as_they_were_last_known() {
    let closed = vec![listed("333300000003", AccountState::Closed, "")];
    let share_with = "accounts: [\"333300000001\", \"333300000003\"], may_copy: true";
    let known = resolved(share_with, closed.clone());
    let digest = known.digest();
    // Nobody says now that it is closed: that lets it in by nothing.
    assert_eq!(unread(share_with).unread((&known, &digest)), (known.clone(), digest));

    let share_with = format!("{share_with}, units: [\"{OUTER}\"]");
    let known = resolved(&share_with, closed);
    let unknown = unread(&share_with);
    let (meanwhile, marked) = unknown.clone().unread((&known, &known.digest()));
    assert_eq!(meanwhile.images, known.images);
    assert_eq!(meanwhile.snapshots, unknown.snapshots);
    // However long it takes.
    assert_eq!(unknown.unread((&meanwhile, &marked)), (meanwhile, marked.clone()));
    let stands_for = super::super::audience::stands_for;
    // What was settled needs no look; what was looked at meanwhile needs one in the end.
    assert!(stands_for(&known.digest(), &marked));
    assert!(stands_for(&marked, &marked));
    assert!(!stands_for(&marked, &known.digest()));
    assert!(!stands_for("another", &marked));
}

#[test]
fn an_account_owns_copies_until_its_organization_says_that_it_is_no_more_and_the_hub_never_does() {
    let text = format!(
        "family: web\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"{HUB}\" }}\n  infrastructure: {{ instance_types: \
         [t3.medium], instance_profile: P }}\ndistribute: {{ regions: {{ us-east-1: {{}} }}, copy_to: [\"{HUB}\", \"{MEMBER}\", \
         \"{PARTNER}\", \"{NESTED}\"] }}\n"
    );
    let read = ManifestFile::read("web.yaml", text.as_bytes());
    let file = read.file.unwrap();
    let distribute = &file.manifest().distribute;
    let closed = organization(vec![listed(PARTNER, AccountState::Closed, "")]);
    let suspended = organization(vec![listed(PARTNER, AccountState::Suspended, "")]);
    let closing = organization(vec![listed(PARTNER, AccountState::PendingClosure, "")]);
    let elsewhere = organization(vec![]);
    let owners = |seen| resolve_owners(distribute, account(HUB), seen);
    for out in [&closed, &suspended, &elsewhere] {
        assert_eq!(owners(Ok(out)), [account(MEMBER), account(NESTED)].into());
    }
    assert!(owners(Ok(&closing)).contains(&account(PARTNER)));
    let why = Words::from("nobody may read it");
    assert_eq!(
        owners(Err(&why)),
        [account(MEMBER), account(PARTNER), account(NESTED)].into()
    );
    let notes = |seen| owner_notes(distribute, account(HUB), seen);
    let is_hub = Finding::from(MemberFinding::IsHub(account(HUB)));
    for (seen, state) in [
        (&closed, Some(AccountState::Closed)),
        (&suspended, Some(AccountState::Suspended)),
        (&elsewhere, None),
    ] {
        let account = account(PARTNER);
        let is_out = Finding::from(MemberFinding::OutOfUse { account, state });
        assert_eq!(notes(Ok(seen)), [is_out, is_hub.clone()]);
    }
    assert_eq!(notes(Ok(&closing)), notes(Err(&why)));
    assert_eq!(notes(Err(&why)), [is_hub]);
}
