use steward_aws::Caller;
use steward_cli::{Spoken, Surroundings};

use super::*;
use crate::hub::TABLE;

impl Yard {
    /// What the command says to somebody in the hub.
    pub(crate) async fn steward(&self, words: &[&str]) -> Spoken {
        let caller = Caller::of(self.bench.world.config(HUB, IRELAND)).await.unwrap();
        let surroundings = Surroundings {
            caller,
            now: self.bench.now(),
        };
        let all = ["steward", "--table", TABLE].into_iter().chain(words.iter().copied());
        let all: Vec<String> = all.map(String::from).collect();
        Box::pin(steward_cli::run(all, Some(surroundings))).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_asks_for_a_build_and_sees_that_it_starts_and_why() {
    let yard = Yard::built().await;
    let Spoken { out, err, code } = yard.steward(&["plan", "build"]).await;
    assert_eq!(
        (out.as_str(), err.as_str(), code),
        ("0 builds to start, 1 with nothing to do.\n", "", 0)
    );
    let Spoken { out, err, code } = yard.steward(&["build", "web", "--because", "a new kernel"]).await;
    assert_eq!((err.as_str(), code), ("", 0), "{out}");
    assert!(out.starts_with("Asked for: the next sweep takes it up"), "{out}");
    assert!(
        out.contains("starts") && out.contains("asks for it: a new kernel"),
        "{out}"
    );
    yard.pass(24).await;
    let [_, (_, reason)] = yard.builds().await.try_into().unwrap();
    assert!(reason.ends_with("asks for it: a new kernel"), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn a_manifest_of_another_family_that_cannot_be_read_keeps_nobody_from_asking() {
    let yard = Yard::built().await;
    yard.unreadable(&"another".parse().unwrap(), 1).await;
    let Spoken { out, err, code } = yard.steward(&["build", "web", "--because", "a new kernel"]).await;
    assert_eq!((err.as_str(), code), ("", 0), "{out}");
    let Spoken { out, err, code } = yard.steward(&["plan", "build", "web"]).await;
    assert_eq!((err.as_str(), code), ("", 0), "{out}");
    assert!(out.contains("starts"), "{out}");
    // Of all it is said.
    assert_eq!(yard.steward(&["plan", "build"]).await.code, 2);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_can_build_is_refused_in_a_sentence_and_asks_for_nothing() {
    let yard = Yard::built().await;
    for (words, says) in [
        (
            &["build", "wbe", "--because", "a new kernel"][..],
            "steward: no manifest of wbe was ever applied: `steward families` lists those that were.\n",
        ),
        (
            &["build", "web", "--architecture", "arm64", "--because", "a new kernel"],
            "steward: web is not built for arm64; its manifest says x86_64.\n",
        ),
        (
            &["build", "web", "--because", " "],
            "steward: --because must say why, in 1 to 300 characters.\n",
        ),
    ] {
        let said = yard.steward(words).await;
        assert_eq!((said.err.as_str(), said.code), (says, 2));
    }
    assert!(
        yard.bench
            .run()
            .await
            .record
            .build_requests(&web())
            .await
            .unwrap()
            .is_empty()
    );
}
