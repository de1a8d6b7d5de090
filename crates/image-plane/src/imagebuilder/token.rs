//! Client tokens: the same request under the same token is answered again, and carried out once.

use serde_json::Value;

use super::Handler;
use super::check;
use super::errors::{request, token_mismatch};
use super::request::Input;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

/// A call that carried a token before. AWS does not say how long a token lives; here it lives forever.
#[derive(Clone, Debug)]
pub(crate) struct TokenUse {
    parameters: String,
    answer: Value,
}

/// Runs an operation unless its token was used, and answers a repetition with what the first call was answered.
///
/// A refused call leaves its token unused. The token is looked up before anything else is checked, so a repetition is
/// answered although the resource exists by now, and although the build it started has failed.
pub(crate) fn once(
    world: &mut World,
    caller: &Caller,
    operation: &'static str,
    run: Handler,
    input: &Input,
) -> Result<Value, ApiError> {
    let mut parameters = input.members()?;
    let token = match parameters.remove("clientToken") {
        Some(Value::String(token)) => token,
        Some(Value::Null) | None => return Err(request("The required parameter 'clientToken' is missing.")),
        Some(_) => {
            return Err(ApiError::client(
                "SerializationException",
                "clientToken is not a string",
            ));
        }
    };
    check::length("clientToken", &token, 1..=64)?;
    let parameters = Value::Object(parameters).to_string();
    let key = (operation, token.clone());
    if let Some(used) = world.builder.shelf(caller.target).tokens.get(&key) {
        return if used.parameters == parameters {
            Ok(used.answer.clone())
        } else {
            Err(token_mismatch())
        };
    }
    let mut answer = run(world, caller, input)?;
    // The one operation that takes a token and does not give it back.
    if operation != "StartResourceStateUpdate" {
        answer["clientToken"] = Value::from(token);
    }
    world.builder.shelf_mut(caller.target).tokens.insert(
        key,
        TokenUse {
            parameters,
            answer: answer.clone(),
        },
    );
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::Bench;

    fn component(token: &str, data: &str) -> serde_json::Value {
        json!({ "name": "nginx", "semanticVersion": "1.0.0", "platform": "Linux", "data": data, "clientToken": token })
    }

    const DATA: &str = "name: a\nschemaVersion: 1.0\nphases:\n  - name: build\n    steps: []\n";

    #[test]
    fn a_repeated_request_with_its_token_is_answered_again_and_does_nothing() {
        let mut bench = Bench::new();
        let first = bench.ok("CreateComponent", component("t1", DATA));
        let again = bench.ok("CreateComponent", component("t1", DATA));
        assert_eq!(first["componentBuildVersionArn"], again["componentBuildVersionArn"]);
        assert_eq!(again["clientToken"], "t1");
        let builds = bench.post("ListComponentBuildVersions", json!({}));
        assert_eq!(builds["componentSummaryList"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn a_token_used_with_other_parameters_is_refused() {
        let mut bench = Bench::new();
        bench.ok("CreateComponent", component("t1", DATA));
        let other = format!("{DATA}# changed");
        assert_eq!(
            bench.refused("CreateComponent", component("t1", &other)),
            (400, "IdempotentParameterMismatchException".into())
        );
    }

    #[test]
    fn the_token_is_required_and_ends_at_64_characters() {
        let mut bench = Bench::new();
        let mut without = component("", DATA);
        assert_eq!(
            bench.refused("CreateComponent", without.clone()).1,
            "InvalidParameterValueException"
        );
        without.as_object_mut().unwrap().remove("clientToken");
        assert_eq!(
            bench.send("PUT", "/CreateComponent", &without.to_string()).kind,
            "InvalidRequestException"
        );
        assert_eq!(
            bench.refused("CreateComponent", component(&"t".repeat(65), DATA)).1,
            "InvalidParameterValueException"
        );
    }

    #[test]
    fn a_refused_call_leaves_its_token_unused() {
        let mut bench = Bench::new();
        assert_eq!(bench.refused("CreateComponent", component("t1", "nothing")).0, 400);
        bench.ok("CreateComponent", component("t1", DATA));
    }
}
