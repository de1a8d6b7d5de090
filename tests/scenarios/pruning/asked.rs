use stage::aws::{hours, minutes};

use super::{RETAIN, Yard};
use crate::evidence::gather;

#[tokio::test(start_paused = true)]
async fn a_person_sees_what_the_planner_decides_and_what_becomes_of_each_image() {
    let yard = Yard::new(3, RETAIN).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    let told = yard.hub.steward(&["plan", "prune", "web"]).await;
    assert_eq!(told.code, 2, "{told:?}");
    assert!(
        told.out
            .contains("the evidence of 111122223333/eu-west-1 was never read"),
        "{}",
        told.out
    );
    gather(&yard.hub).await.unwrap();
    let told = yard.hub.says(&["plan", "prune", "web"]).await;
    for image in &yard.images[..2] {
        assert!(told.contains(image.as_str()), "{told}");
    }
    let explained = yard.hub.says(&["explain", &yard.images[0]]).await;
    assert!(explained.contains("    goes: no rule keeps it since"), "{explained}");
    let explained = yard.hub.says(&["explain", &yard.images[2]]).await;
    assert!(
        explained.contains("    stays: the newest, of 1 that stay"),
        "{explained}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_more_than_allowed_goes_once_a_person_accepts_just_that() {
    let yard = Yard::new(4, &RETAIN.replace("100%", "25%")).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    yard.plan_later().await;
    let shown = yard.hub.steward(&["prune", "--family", "web", "--yes"]).await;
    assert_eq!(shown.code, 2);
    let (_, digest) = shown.out.rsplit_once("--accept ").unwrap();
    let digest = digest.split_whitespace().next().unwrap().trim_matches('`').to_owned();
    let wrong = yard
        .hub
        .steward(&["prune", "--family", "web", "--accept", "0123456789ab", "--yes"])
        .await;
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.err.contains(&format!("accept {digest} if that is meant")),
        "{}",
        wrong.err
    );
    yard.hub.shop.aws.pass(minutes(1)).await;
    yard.hub
        .says(&["prune", "--family", "web", "--accept", &digest, "--yes"])
        .await;
    let planned = yard.plan().await.unwrap();
    assert_eq!((planned.expendable, planned.blocked, planned.messages), (3, 0, 1));
    let nothing = yard
        .hub
        .steward(&["prune", "--family", "web", "--accept", &digest, "--yes"])
        .await;
    assert!(nothing.err.contains("there is nothing to accept"), "{}", nothing.err);
}

#[tokio::test(start_paused = true)]
async fn without_anybody_to_ask_nothing_is_asked_for() {
    let yard = Yard::new(2, RETAIN).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    yard.plan_later().await;
    let told = yard.hub.steward(&["prune", "--family", "web"]).await;
    assert_eq!((told.code, told.out.as_str()), (2, ""));
    assert!(told.err.contains("add --yes"), "{}", told.err);
    let family = "web".parse().unwrap();
    assert_eq!(yard.hub.record().let_through(&family).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn where_there_is_nothing_to_do_or_the_family_is_blocked_nothing_is_asked_for() {
    let yard = Yard::new(2, RETAIN).await;
    let ask = ["prune", "--family", "web", "--yes"];
    // Never gathered, then too young.
    for _ in 0..2 {
        let told = yard.hub.steward(&ask).await;
        assert_eq!(told.code, 2, "{}", told.err);
        assert!(told.out.contains("there is nothing to ask for"), "{}", told.out);
        gather(&yard.hub).await.unwrap();
    }
    let family = "web".parse().unwrap();
    assert_eq!(yard.hub.record().let_through(&family).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn what_changed_since_a_person_asked_is_said_and_the_rest_goes_as_it_would_have() {
    let yard = Yard::new(4, RETAIN).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    yard.plan_later().await;
    let ask = ["prune", "--family", "web", "--yes"];
    yard.hub.says(&ask).await;
    let hold = ["hold", &yard.images[0], "--until", "2027-01-31", "--because", "a test"];
    yard.hub.says(&hold).await;
    yard.hub.shop.aws.pass(minutes(1)).await;
    let planned = yard.plan().await.unwrap();
    assert_eq!((planned.expendable, planned.steps, planned.not_asked.len()), (2, 2, 1));
    let history = yard.hub.says(&["history", "web"]).await;
    assert!(history.contains("plan-pruning: asked for the plan"), "{history}");
    // Where nothing changed it is the very plan.
    let asked = yard.hub.says(&ask).await;
    yard.hub.shop.aws.pass(minutes(1)).await;
    let planned = yard.plan().await.unwrap();
    assert_eq!((planned.steps, planned.not_asked.len()), (2, 0));
    let (_, number) = asked.split_once("by the plan ").unwrap();
    let number = number.split('.').next().unwrap();
    assert_eq!(number.len(), 12, "{asked}");
}

#[tokio::test(start_paused = true)]
async fn a_waiver_does_without_a_targets_evidence_until_its_end_and_each_plan_shows_it() {
    let yard = Yard::new(3, RETAIN).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    let target = "111122223333/eu-west-1";
    let waive = ["waive", target, "--until", "2027-01-31", "--because", "a test"];
    let mut elsewhere = waive;
    elsewhere[1] = "222233334444/eu-west-1";
    let unknown = yard.hub.steward(&elsewhere).await;
    assert!(unknown.err.contains("nobody asks in"), "{}", unknown.err);
    gather(&yard.hub).await.unwrap();
    yard.hub.shop.aws.pass(hours(2)).await;
    let blocked = yard.plan().await.unwrap();
    assert_eq!((blocked.expendable, blocked.blocked), (0, 3));
    let until = yard
        .hub
        .moment()
        .now
        .checked_add(steward::Duration::hours(2))
        .unwrap()
        .to_string();
    yard.hub
        .says(&["waive", target, "--until", &until, "--because", "a test"])
        .await;
    let told = yard.hub.says(&["plan", "prune", "web"]).await;
    assert!(told.contains("WITHOUT EVIDENCE") && told.contains("a test"), "{told}");
    yard.hub.shop.aws.pass(minutes(61)).await;
    let planned = yard.plan().await.unwrap();
    assert_eq!((planned.expendable, planned.blocked), (2, 0));
    yard.hub.shop.aws.pass(minutes(61)).await;
    let planned = yard.plan().await.unwrap();
    assert_eq!((planned.expendable, planned.blocked), (0, 3));
}

#[tokio::test(start_paused = true)]
async fn what_a_person_accepts_holds_for_a_day_and_for_the_manifest_that_it_was_asked_of() {
    let policy = RETAIN.replace("100%", "25%");
    let yard = Yard::new(4, &policy).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    yard.plan_later().await;
    let accept = async || {
        let shown = yard.hub.steward(&["prune", "--family", "web", "--yes"]).await;
        let (_, digest) = shown.out.rsplit_once("--accept ").unwrap();
        let digest = digest.split_whitespace().next().unwrap().trim_matches('`').to_owned();
        let said = yard
            .hub
            .says(&["prune", "--family", "web", "--accept", &digest, "--yes"])
            .await;
        assert!(
            said.contains("It holds for a day, and for this version of the manifest."),
            "{said}"
        );
        yard.hub
            .record()
            .let_through(&"web".parse().unwrap())
            .await
            .unwrap()
            .unwrap()
    };
    let given = accept().await;
    assert_eq!(given.manifest, 1);
    // Nobody planned for a day.
    yard.hub.shop.aws.pass(hours(24)).await;
    assert_eq!(yard.plan_later().await.blocked, 3);
    // The very same releases, by another manifest.
    accept().await;
    yard.want(&policy.replace("disable: 14d", "disable: 13d")).await;
    assert_eq!(yard.plan().await.unwrap().blocked, 3);
    let given = accept().await;
    assert_eq!(given.manifest, 2);
    let planned = yard.plan().await.unwrap();
    assert_eq!((planned.expendable, planned.blocked), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn what_a_person_asks_is_planned_at_once_whatever_their_clock_says() {
    let yard = Yard::new(2, RETAIN).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    yard.plan_later().await;
    assert_eq!(yard.plan().await.unwrap().families, 0);
    let family = "web".parse().unwrap();
    for behind in [3, 2] {
        let request = steward::pruning::LetThrough {
            digest: String::from("0123456789ab"),
            who: String::from("ann"),
            at: yard
                .hub
                .moment()
                .now
                .checked_sub(steward::Duration::hours(behind))
                .unwrap(),
            manifest: 1,
            plan: None,
        };
        yard.hub.record().write_let_through(&family, &request).await.unwrap();
        assert_eq!(yard.plan().await.unwrap().families, 1, "{behind}");
        assert_eq!(yard.plan().await.unwrap().families, 0, "{behind}");
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_family_that_no_sweep_planned_nobody_says_that_the_stack_only_looks() {
    let yard = Yard::new(2, RETAIN).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    gather(&yard.hub).await.unwrap();
    let ask = ["prune", "--family", "web", "--yes"];
    let told = yard.hub.says(&ask).await;
    assert!(
        told.contains("No sweep has planned this family yet") && !told.contains("only looks"),
        "{told}"
    );
    yard.observe().await;
    yard.hub.shop.aws.pass(minutes(1)).await;
    let told = yard.hub.says(&ask).await;
    assert!(told.contains("But this stack only looks"), "{told}");
    yard.hub.shop.aws.pass(minutes(5)).await;
    yard.plan().await.unwrap();
    let told = yard.hub.says(&ask).await;
    assert!(told.contains("The next sweep plans it anew"), "{told}");
}
