//! What keys do to those who are to launch: said before anything is copied, and once something is there.

use super::super::*;
use super::stage::*;

fn said_of(case: &Case) -> Vec<Finding> {
    case.plan().findings
}

fn of_key(case: &mut Case, arn: &str, audience: KeyAudience) {
    case.seen.keys.insert(key(arn), audience);
}

/// What of it is asked before its image is named to anybody.
#[test]
fn the_keys_of_what_is_there_are_all_that_its_snapshots_name_but_awss_own() {
    let mut case = there();
    assert_eq!(case.plan().keys, Some([].into()));
    case.snapshot().encryption = Encryption::DefaultKey;
    assert_eq!(case.plan().keys, Some([].into()));
    case.snapshot().encryption = Encryption::Key(key(KEY));
    assert_eq!(case.plan().keys, Some([key(KEY)].into()));
    // Whose it is nobody here could tell: its readers may.
    case.snapshot().encryption = Encryption::Unseen {
        key: key(OTHER_KEY),
        why: "denied".into(),
    };
    let second = SnapshotThere {
        encryption: Encryption::Key(key(KEY)),
        ..plain_snapshot()
    };
    case.image(2).snapshots.insert(snap(3), second);
    assert_eq!(case.plan().keys, Some([key(KEY), key(OTHER_KEY)].into()));
    // What is disabled may come back.
    case.image(2).state = crate::AmiState::Disabled;
    assert_eq!(case.plan().keys, Some([key(KEY), key(OTHER_KEY)].into()));
    case.image(2).state = crate::AmiState::Pending;
    assert_eq!(case.plan().keys, None);
    assert_eq!(nowhere().plan().keys, None);
}

#[test]
fn what_no_key_is_behind_is_told_apart_into_what_aws_encrypts_and_what_nobody_does() {
    let unkeyed = |by_aws, plain| Some(Unkeyed { by_aws, plain });
    let mut case = there();
    assert_eq!(case.plan().unkeyed, unkeyed(false, true));
    case.snapshot().encryption = Encryption::DefaultKey;
    assert_eq!(case.plan().unkeyed, unkeyed(true, false));
    case.image(2).snapshots.insert(snap(3), plain_snapshot());
    assert_eq!(case.plan().unkeyed, unkeyed(true, true));
    for snapshot in case.image(2).snapshots.values_mut() {
        snapshot.encryption = Encryption::Key(key(KEY));
    }
    assert_eq!(case.plan().unkeyed, unkeyed(false, false));
    case.image(2).state = crate::AmiState::Pending;
    assert_eq!(case.plan().unkeyed, None);
}

fn shuts_out(who: &[Grantee]) -> KeyAudience {
    KeyAudience::Read {
        shuts_out: who.iter().cloned().collect(),
        unclear: [].into(),
    }
}

#[test]
fn whom_the_policy_of_a_key_shuts_out_is_said_before_the_copy_with_the_statement_to_add() {
    let mut case = nowhere().with_key().shared_with(&[grantee(1), grantee(2)]);
    of_key(&mut case, KEY, shuts_out(&[grantee(1)]));
    let plan = case.plan();
    assert_eq!(plan.steps.len(), 1);
    let [
        Finding::KeyShutsOut {
            key: of,
            who,
            statement,
        },
    ] = &plan.findings[..]
    else {
        panic!("{:?}", plan.findings);
    };
    assert_eq!((of, who), (&key(KEY), &[grantee(1)].into()));
    assert!(statement.contains("arn:aws:iam::222200000001:root"), "{statement}");
    assert!(!statement.contains("222200000002"), "{statement}");
}

#[test]
fn whom_the_policy_of_a_key_shuts_out_keeps_the_channel_where_it_is_and_in_doubt_nothing_does() {
    let mut case = there().shared_with(&[grantee(1)]);
    case.image(2).grants = Some([grantee(1)].into());
    case.snapshot().encryption = Encryption::Key(key(OTHER_KEY));
    assert_eq!((said_of(&case), case.plan().reach(false)), (vec![], Reach::Usable));
    of_key(&mut case, OTHER_KEY, shuts_out(&[grantee(1)]));
    assert_eq!(case.plan().reach(false), Reach::Coming);
    let unclear = KeyAudience::Read {
        shuts_out: [].into(),
        unclear: [grantee(1)].into(),
    };
    for doubt in [unclear, KeyAudience::Unread("denied".into())] {
        of_key(&mut case, OTHER_KEY, doubt);
        let plan = case.plan();
        assert_eq!((plan.reach(false), plan.findings.len()), (Reach::Usable, 1));
        assert!(plan.findings.iter().all(Finding::is_a_note));
    }
    // Nobody looked.
    case.seen.keys.clear();
    let told = said_of(&case);
    assert!(matches!(&told[..], [Finding::KeyPolicyUnread { .. }]), "{told:?}");
}

#[test]
fn who_may_use_a_key_matters_to_nobody_where_nobody_else_is_declared() {
    let mut case = there();
    case.snapshot().encryption = Encryption::Key(key(OTHER_KEY));
    case.seen.keys.clear();
    assert_eq!(said_of(&case), []);
    case = case.shared_with(&[Grantee::Account(hub())]);
    assert_eq!(said_of(&case), []);
}

#[test]
fn a_copy_that_ebs_would_encrypt_by_awss_own_key_is_not_made_where_it_is_to_be_shared() {
    let mut case = nowhere().shared_with(&[grantee(1)]);
    let defaults = |encrypts, key| Some(Ok(EbsDefaults { encrypts, key }));
    let needs_key = Finding::NeedsKey(away().region());
    case.seen.ebs = defaults(true, DefaultKey::OfAws);
    let plan = case.plan();
    assert_eq!((plan.standing, plan.steps), (TargetStanding::Blocked, vec![]));
    assert_eq!(plan.findings, [needs_key]);
    // Nobody else is to use it, or the manifest names a key.
    assert_eq!(said_of(&case.clone().shared_with(&[])), []);
    assert_eq!(said_of(&case.clone().with_key()), []);
    // The account's own key is one that others may be let use: and whether they are, is said.
    case.seen.ebs = defaults(true, DefaultKey::Customers(key(OTHER_KEY)));
    assert_eq!(case.plan().steps.len(), 1);
    assert_eq!(said_of(&case), []);
    of_key(&mut case, OTHER_KEY, shuts_out(&[grantee(1)]));
    assert!(matches!(&said_of(&case)[..], [Finding::KeyShutsOut { .. }]));
    // What stays as it is needs none.
    case.seen.ebs = defaults(false, DefaultKey::Customers(key(OTHER_KEY)));
    assert_eq!(said_of(&case), []);
}

#[test]
fn what_ebs_does_by_default_is_doubted_where_it_was_not_read() {
    let mut case = nowhere().shared_with(&[grantee(1)]);
    let region = away().region();
    case.seen.ebs = Some(Err("denied".into()));
    let plan = case.plan();
    assert_eq!(plan.steps.len(), 1);
    let why = "denied".into();
    assert_eq!(plan.findings, [Finding::DefaultsUnread { region, why }]);
    // What is encrypted is encrypted anew.
    case.source().snapshots.get_mut(&snap(1)).unwrap().encryption = Encryption::Key(key(OTHER_KEY));
    assert_eq!(said_of(&case), [Finding::NeedsKey(region)]);
    case.seen.ebs = None;
    assert_eq!(said_of(&case), [Finding::NeedsKey(region)]);
}
