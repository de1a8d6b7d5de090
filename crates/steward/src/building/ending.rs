use super::state::Ending;
use crate::lineage::Card;
use crate::{BuildFailure, BuildState, Words};

/// What EC2, Image Builder and its agent say of what passes by itself.
const PASSING: [&str; 12] = [
    "InsufficientInstanceCapacity",
    "InsufficientHostCapacity",
    "insufficient capacity",
    "InstanceLimitExceeded",
    "VcpuLimitExceeded",
    "RequestLimitExceeded",
    "Throttling",
    "TooManyRequests",
    "ServiceUnavailable",
    "InternalError",
    "SSM agent",
    "ResourceLimitExceeded",
];

/// How a build ended, by what the record has of it; none: it goes on.
pub fn ending_of(card: &Card) -> Option<Ending> {
    let state = card.state?;
    match state {
        BuildState::Pending
        | BuildState::Creating
        | BuildState::Building
        | BuildState::Testing
        | BuildState::Distributing
        | BuildState::Integrating => None,
        BuildState::Available | BuildState::Deprecated | BuildState::Disabled | BuildState::Deleted => {
            Some(Ending::Made)
        }
        BuildState::Cancelled => Some(Ending::Cancelled),
        BuildState::Failed => Some(failure(card.reason.as_ref(), card.failure.as_ref())),
    }
}

/// A component that failed fails again; of what else failed, what is known to pass may come through.
fn failure(reason: Option<&Words>, failure: Option<&BuildFailure>) -> Ending {
    let component = failure.and_then(|failure| failure.component.as_ref());
    let said = [
        reason,
        failure.and_then(|failure| failure.distribution.as_ref()),
        component.and_then(|component| component.message.as_ref()),
    ];
    let regions = failure.into_iter().flat_map(|failure| &failure.regions);
    let mut said = said
        .into_iter()
        .flatten()
        .chain(regions.filter_map(|region| region.message.as_ref()));
    let why = reason
        .cloned()
        .unwrap_or_else(|| Words::from("Image Builder does not say why"));
    let passes = |text: &Words| PASSING.iter().any(|passing| text.as_str().contains(passing));
    if component.is_none() && said.any(passes) {
        Ending::Passing(why)
    } else {
        Ending::Failed(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ComponentFailure;
    use crate::testing::built;

    fn failed(reason: &str, component: bool) -> Card {
        let component = component.then(|| ComponentFailure {
            component: None,
            phase: None,
            step: None,
            action: None,
            message: Some("Throttling of the mirror".into()),
        });
        Card {
            state: Some(BuildState::Failed),
            reason: Some(reason.into()),
            failure: Some(BuildFailure {
                during: None,
                step: None,
                component,
                distribution: None,
                regions: Vec::new(),
            }),
            ..built("web/1.4.2/1")
        }
    }

    #[test]
    fn what_passes_by_itself_is_told_from_what_fails_again() {
        let passing =
            |reason: &str| assert_eq!(ending_of(&failed(reason, false)), Some(Ending::Passing(reason.into())));
        passing("EC2 Client Error: 'InsufficientInstanceCapacity: no capacity in eu-west-1a'");
        passing("Rate exceeded (Throttling)");
        passing("The SSM agent of the build instance did not answer");
        let failed_again = |reason: &str, component| {
            assert_eq!(
                ending_of(&failed(reason, component)),
                Some(Ending::Failed(reason.into()))
            );
        };
        failed_again("SSM execution failed with status Failed", false);
        failed_again("Throttling in a component's own words", true);
    }

    #[test]
    fn each_state_of_a_build_goes_on_or_has_ended() {
        for state in BuildState::ALL {
            let card = Card {
                state: Some(state),
                ..built("web/1.4.2/1")
            };
            assert_eq!(ending_of(&card).is_some(), state.ended(), "{state}");
        }
    }
}
