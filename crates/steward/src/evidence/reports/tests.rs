use super::*;
use crate::evidence::{FamilyReach, decide_reach};
use crate::manifest::ManifestFile;

fn at(time: &str) -> Timestamp {
    format!("2026-01-{time}Z").parse().unwrap()
}

fn ami(n: u64) -> AmiId {
    format!("ami-{n:017x}").parse().unwrap()
}

fn report(image: u64, time: &str, state: ReportState) -> ReportSeen {
    ReportSeen {
        id: format!("amiur-{image}-{time}").into(),
        ami: ami(image),
        requested: at(time),
        state,
        whole: true,
    }
}

fn image(n: u64, disabled: Option<&str>) -> Reportable {
    Reportable {
        ami: ami(n),
        disabled: disabled.map(at),
    }
}

/// Why a report of this one image is asked for.
fn why(disabled: Option<&str>, reports: &[ReportSeen], now: &str) -> Option<AskCause> {
    let asking = decide_reports(&[image(1, disabled)], reports, at(now));
    asking.first().map(|asking| asking.cause)
}

use ReportState::{Available, Error, Pending};

#[test]
fn an_image_without_a_report_gets_one_and_while_that_is_made_no_other() {
    assert_eq!(why(None, &[], "01T00:00:00"), Some(AskCause::First));
    let pending = [report(1, "01T00:00:00", Pending)];
    assert_eq!(why(None, &pending, "20T00:00:00"), None);
    assert_eq!(why(Some("02T00:00:00"), &pending, "20T00:00:00"), None);
}

#[test]
fn a_report_is_asked_for_again_after_a_week_and_after_an_error_once_an_hour_has_passed() {
    let done = [report(1, "01T00:00:00", Available)];
    assert_eq!(why(None, &done, "07T23:59:59.999"), None);
    assert_eq!(why(None, &done, "08T00:00:00"), Some(AskCause::Old));
    let failed = [report(1, "01T00:00:00", Available), report(1, "08T00:00:00", Error)];
    assert_eq!(why(None, &failed, "08T00:59:59.999"), None);
    assert_eq!(why(None, &failed, "08T01:00:00"), Some(AskCause::Failed));
}

#[test]
fn four_days_after_an_image_was_disabled_a_report_is_asked_for_that_tells_of_all_before() {
    let done = [report(1, "09T00:00:00", Available)];
    let disabled = Some("06T00:00:00");
    assert_eq!(why(disabled, &done, "09T23:59:59.999"), None);
    assert_eq!(why(disabled, &done, "10T00:00:00"), Some(AskCause::Disabled));
    let told = [report(1, "10T00:00:00", Available)];
    assert_eq!(why(disabled, &told, "10T00:00:00"), None);
    assert_eq!(why(disabled, &told, "17T00:00:00"), Some(AskCause::Old));
    // One that was not made tells nothing, and is tried again as any other is.
    let failed = [report(1, "10T00:00:00", Error)];
    assert_eq!(why(disabled, &failed, "10T00:30:00"), None);
    assert_eq!(why(disabled, &failed, "10T01:00:00"), Some(AskCause::Failed));
}

#[test]
fn what_a_person_asked_less_of_is_no_answer_yet_but_holds_up_the_next_while_it_is_made() {
    let part = |state| ReportSeen {
        whole: false,
        ..report(1, "01T00:00:00", state)
    };
    assert_eq!(why(None, &[part(Available)], "01T00:10:00"), Some(AskCause::First));
    assert_eq!(why(None, &[part(Error)], "01T00:10:00"), Some(AskCause::First));
    assert_eq!(why(None, &[part(Pending)], "01T00:10:00"), None);
}

#[test]
fn of_many_the_twenty_that_wait_longest_are_asked_for() {
    let images: Vec<Reportable> = (1..=30).map(|n| image(n, None)).collect();
    let mut reports: Vec<ReportSeen> = (1..=25)
        .map(|n| report(n, &format!("01T{:02}:00:00", 24 - n.min(24)), Available))
        .collect();
    reports.push(report(26, "12T00:00:00", Available));
    let asking = decide_reports(&images, &reports, at("12T00:00:00"));
    let asked: Vec<AmiId> = asking.iter().map(|asking| asking.ami).collect();
    // First those that nobody ever asked for, then those whose report is the oldest.
    let expected: Vec<AmiId> = (27..=30).chain([24, 25]).chain((10..=23).rev()).map(ami).collect();
    assert_eq!(asked, expected);
}

#[test]
fn a_question_is_the_same_until_its_answer_is_listed() {
    let target: Target = "111122223333/eu-west-1".parse().unwrap();
    let token = |reports: &[ReportSeen], now: &str| {
        let asking = decide_reports(&[image(1, None)], reports, at(now));
        asking[0].token(target, at(now))
    };
    let first = token(&[], "01T00:00:00");
    assert_eq!(token(&[], "01T23:59:59"), first);
    assert_ne!(token(&[], "31T00:00:00"), first);
    let failed = [report(1, "01T00:00:00", Error)];
    let again = token(&failed, "01T01:00:00");
    assert_ne!(again, first);
    assert_eq!(token(&failed, "01T05:00:00"), again);
    assert_eq!(first.len(), 64);
}

#[test]
fn a_family_reaches_beyond_what_is_read_by_each_account_that_is_not_and_by_all_that_nobody_can_name() {
    let unread = BTreeSet::from(["222233334444".parse().unwrap()]);
    let beyond = |with: &str, left: &[&str], known: bool| {
        let text = format!(
            "family: web\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ \
             instance_types: [t3.medium], instance_profile: P }}\ndistribute: {{ {with} }}\n"
        );
        let read = ManifestFile::read("web.yaml", text.as_bytes());
        let file = read.file.expect("a good manifest");
        let before = FamilyReach {
            accounts: BTreeSet::new(),
            left: left
                .iter()
                .map(|left| (left.parse().unwrap(), at("31T00:00:00")))
                .collect(),
        };
        let (now, nobody) = (at("10T00:00:00"), BTreeSet::new());
        let reaching = Reaching {
            manifest: Some(file.manifest()),
            reach: &decide_reach(&before, file.manifest(), None, (&nobody, &nobody), now),
            known,
        };
        reaches_beyond(&reaching, &unread)
    };
    for (with, is_beyond) in [
        ("", false),
        ("share_with: { accounts: [\"333344445555\"] }", false),
        ("share_with: { accounts: [\"333344445555\", \"222233334444\"] }", true),
        ("regions: { us-east-1: {} }, copy_to: [\"222233334444\"]", true),
        ("share_with: { public: true, everybody_may_use: web }", true),
    ] {
        assert_eq!(beyond(with, &[], true), is_beyond, "{with}");
        assert!(beyond(with, &[], false), "{with}");
        assert!(beyond(with, &["222233334444"], true), "{with}");
        assert_eq!(beyond(with, &["444455556666"], true), is_beyond, "{with}");
    }
    let reaching = Reaching {
        manifest: None,
        reach: &FamilyReach::default(),
        known: true,
    };
    assert!(reaches_beyond(&reaching, &unread));
}

#[test]
fn an_account_is_read_where_all_its_targets_were_lately_and_untried_ones_say_nothing_yet() {
    let hub: Target = "111122223333/eu-west-1".parse().unwrap();
    let member: Target = "222233334444/eu-west-1".parse().unwrap();
    let elsewhere: Target = "222233334444/us-east-1".parse().unwrap();
    let reached = [hub, member, elsewhere].map(|target| (target, Reached::MayUse)).into();
    let asked = |gathered: Option<&str>| Asked {
        gathered: gathered.map(at),
        next: None,
        read: None,
        uses: false,
    };
    let unread = |asked: &[(Target, Asked)]| {
        let unread = unread_accounts(&reached, &asked.iter().copied().collect(), at("10T00:00:00"));
        unread
            .into_iter()
            .map(|account| account.to_string())
            .collect::<Vec<_>>()
    };
    let lately = asked(Some("09T00:00:00"));
    assert!(unread(&[]).is_empty());
    assert!(unread(&[(hub, lately), (member, lately)]).is_empty());
    assert_eq!(
        unread(&[(hub, lately), (member, lately), (elsewhere, asked(None))]),
        ["222233334444"]
    );
    assert_eq!(unread(&[(hub, asked(Some("08T23:59:59")))]), ["111122223333"]);
}
