use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::json;

use super::{Published, Subscriptions, TopicError};
use crate::sts::tests::{HUB, Key, MEMBER, TRUSTS_HUB, account, assume, field, region, request, root, world};
use crate::world::events::{Channel, EventFaults};
use crate::world::{Target, World};

const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:notices";

fn at(digits: &str) -> Target {
    Target {
        account: account(digits),
        region: region("eu-west-1"),
    }
}

/// A world with a topic of the hub's.
fn with_topic() -> World {
    let mut world = world();
    assert_eq!(world.create_topic(at(HUB), "notices").as_deref(), Ok(TOPIC));
    world
}

/// Calls SNS, and gives back the XML, or the status, the code and the message of the error.
fn call_as(world: &mut World, key: &Key, pairs: &[(&str, &str)]) -> Result<String, (u16, String, String)> {
    let mut body = String::from("Version=2010-03-31");
    for (name, value) in pairs {
        write!(body, "&{name}=").unwrap();
        for byte in value.bytes() {
            write!(body, "%{byte:02X}").unwrap();
        }
    }
    let response = world.call(world.now(), request(key, "eu-west-1", "sns", &body));
    assert_eq!(response.headers()["content-type"], "text/xml");
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    if response.status() == 200 {
        return Ok(text);
    }
    Err((
        response.status().as_u16(),
        field(&text, "Code"),
        field(&text, "Message"),
    ))
}

/// Publishes with these parameters besides the topic, and gives back the id, or the code of the error.
fn publish(world: &mut World, further: &[(&str, &str)]) -> Result<String, String> {
    let mut pairs = vec![("Action", "Publish"), ("TopicArn", TOPIC)];
    pairs.extend_from_slice(further);
    let answer = call_as(world, &root(HUB), &pairs);
    answer
        .map(|xml| field(&xml, "MessageId"))
        .map_err(|(_, code, message)| format!("{code}: {message}"))
}

#[test]
fn a_topic_says_how_many_are_subscribed_to_its_own_account_and_to_who_may_ask() {
    let mut world = with_topic();
    let ask = [("Action", "GetTopicAttributes"), ("TopicArn", TOPIC)];
    let said = |xml: &str, key: &str| xml.contains(key);
    let answer = call_as(&mut world, &root(HUB), &ask).unwrap();
    let confirmed = |n: u64| format!("<entry><key>SubscriptionsConfirmed</key><value>{n}</value></entry>");
    assert!(said(&answer, &confirmed(0)), "{answer}");
    let some = Subscriptions {
        confirmed: 2,
        pending: 1,
        deleted: 0,
    };
    assert!(world.set_subscriptions(TOPIC, some));
    assert!(!world.set_subscriptions("arn:aws:sns:eu-west-1:111122223333:none", some));
    let answer = call_as(&mut world, &root(HUB), &ask).unwrap();
    assert!(said(&answer, &confirmed(2)), "{answer}");
    let none = [ask[0], ("TopicArn", "arn:aws:sns:eu-west-1:111122223333:none")];
    let refused = call_as(&mut world, &root(HUB), &none).unwrap_err();
    assert_eq!((refused.0, refused.1.as_str()), (404, "NotFound"));
    let refused = call_as(&mut world, &root(MEMBER), &ask).unwrap_err();
    assert_eq!(refused.1, "AuthorizationError");
}

#[test]
fn what_is_published_is_kept_once_whole_and_goes_out_to_listeners() {
    let mut world = with_topic();
    let id = publish(
        &mut world,
        &[
            ("Message", "web 1.2.0 is usable"),
            ("Subject", "Image Steward: web"),
            ("MessageAttributes.entry.1.Name", "family"),
            ("MessageAttributes.entry.1.Value.DataType", "String"),
            ("MessageAttributes.entry.1.Value.StringValue", "web"),
            ("MessageAttributes.entry.2.Name", "mark"),
            ("MessageAttributes.entry.2.Value.DataType", "Binary"),
            ("MessageAttributes.entry.2.Value.BinaryValue", "AQI="),
        ],
    );
    let attribute = |name: &str, data_type: &str, value: &str| (name.into(), (data_type.into(), value.into()));
    assert_eq!(
        world.take_published(),
        [Published {
            at: world.now(),
            topic: TOPIC.into(),
            by: "arn:aws:iam::111122223333:root".into(),
            message_id: Some(id.unwrap()),
            subject: Some("Image Steward: web".into()),
            message: "web 1.2.0 is usable".into(),
            by_protocol: BTreeMap::new(),
            attributes: [
                attribute("family", "String", "web"),
                attribute("mark", "Binary", "AQI=")
            ]
            .into(),
        }]
    );
    assert_eq!(world.take_published(), []);
    let now = world.now();
    world.settle(now);
    let [delivery] = world.take_deliveries().try_into().unwrap();
    assert_eq!(
        (delivery.channel, delivery.body, delivery.account),
        (
            Channel::Sns { topic: TOPIC.into() },
            json!("web 1.2.0 is usable"),
            account(HUB)
        )
    );
}

#[test]
fn what_is_lost_on_its_way_was_published_all_the_same() {
    let mut world = with_topic();
    world.set_event_faults(EventFaults {
        lose_per_mille: 1000,
        ..EventFaults::default()
    });
    publish(&mut world, &[("Message", "a")]).unwrap();
    let now = world.now();
    world.settle(now);
    assert_eq!((world.take_deliveries().len(), world.take_published().len()), (0, 1));
}

#[test]
fn a_message_with_its_attributes_has_at_most_256_kib() {
    let mut world = with_topic();
    let long = "x".repeat(256 << 10);
    assert!(publish(&mut world, &[("Message", &long)]).is_ok());
    let longer = format!("{long}x");
    let too_long = Err(String::from("InvalidParameter: Invalid parameter: Message too long"));
    assert_eq!(publish(&mut world, &[("Message", &longer)]), too_long);
    let attributed = [
        ("Message", long.as_str()),
        ("MessageAttributes.entry.1.Name", "a"),
        ("MessageAttributes.entry.1.Value.DataType", "String"),
        ("MessageAttributes.entry.1.Value.StringValue", "b"),
    ];
    assert_eq!(publish(&mut world, &attributed), too_long);
    let empty = Err(String::from("InvalidParameter: Invalid parameter: Empty message"));
    assert_eq!(publish(&mut world, &[("Message", "")]), empty);
    assert_eq!(publish(&mut world, &[]), empty);
}

#[test]
fn a_subject_is_one_line_of_less_than_a_hundred_characters() {
    let mut world = with_topic();
    let mut with = |subject: &str| publish(&mut world, &[("Message", "a"), ("Subject", subject)]);
    for good in ["x", "web 1.2.0 – usable", &"ü".repeat(99)] {
        assert!(with(good).is_ok(), "{good}");
    }
    for bad in ["", "two\nlines", "bell\u{7}", &"x".repeat(100)] {
        let refused = Err(String::from("InvalidParameter: Invalid parameter: Subject"));
        assert_eq!(with(bad), refused, "{bad:?}");
    }
}

#[test]
fn a_text_for_each_protocol_needs_one_for_all_others() {
    let mut world = with_topic();
    let mut with = |message: &str| publish(&mut world, &[("Message", message), ("MessageStructure", "json")]);
    for no_json in ["web", "null", "[]", r#"{"default":"a","default":"b"}"#] {
        assert_eq!(
            with(no_json).unwrap_err(),
            "InvalidParameter: Invalid parameter: Message Structure - JSON message body failed to parse",
            "{no_json}"
        );
    }
    for no_default in ["{}", r#"{"default":1}"#, r#"{"email":"a"}"#] {
        assert_eq!(
            with(no_default).unwrap_err(),
            "InvalidParameter: Invalid parameter: Message Structure - No default entry in JSON message body",
            "{no_default}"
        );
    }
    with(r#"{"default":"short","email":"long","lambda":"{}","sqs":7,"pigeon":"coo"}"#).unwrap();
    let [published] = world.take_published().try_into().unwrap();
    assert_eq!(published.message, "short");
    let texts = [("email", "long"), ("lambda", "{}")].map(|(protocol, text)| (protocol.into(), text.into()));
    assert_eq!(published.by_protocol, texts.into());
    let now = world.now();
    world.settle(now);
    assert_eq!(world.take_deliveries()[0].body, json!("{}"));
    assert!(publish(&mut world, &[("Message", "a"), ("MessageStructure", "xml")]).is_err());
}

#[test]
fn an_attribute_has_a_name_a_type_and_a_value_that_fits_it() {
    let mut world = with_topic();
    let mut with = |name: &str, data_type: &str, member: &str, value: &str| {
        let member = format!("MessageAttributes.entry.1.Value.{member}");
        let pairs = [
            ("Message", "a"),
            ("MessageAttributes.entry.1.Name", name),
            ("MessageAttributes.entry.1.Value.DataType", data_type),
            (&member, value),
        ];
        publish(&mut world, &pairs)
            .map(|_| ())
            .map_err(|error| error.split(':').next().unwrap().to_owned())
    };
    assert_eq!(with("a.b-c_1", "String.Array", "StringValue", "[1]"), Ok(()));
    assert_eq!(with("a", "Number", "StringValue", "-1.5"), Ok(()));
    for (name, data_type, member, value) in [
        ("", "String", "StringValue", "a"),
        ("a b", "String", "StringValue", "a"),
        ("aws.x", "String", "StringValue", "a"),
        ("a..b", "String", "StringValue", "a"),
        ("a", "Text", "StringValue", "a"),
        ("a", "", "StringValue", "a"),
        ("a", "String", "StringValue", ""),
        ("a", "String", "BinaryValue", "AQI="),
        ("a", "Number", "StringValue", "one"),
        ("a", "Binary", "BinaryValue", "?"),
    ] {
        let refused = Err("ParameterValueInvalid".into());
        assert_eq!(
            with(name, data_type, member, value),
            refused,
            "{name:?} {data_type:?} {value:?}"
        );
    }
}

#[test]
fn only_a_topic_of_this_account_and_region_that_is_there_is_published_to() {
    let mut world = with_topic();
    let theirs = world.create_topic(at(MEMBER), "notices").unwrap();
    let mut to = |arn: &str| {
        let pairs = [("Action", "Publish"), ("TopicArn", arn), ("Message", "a")];
        let (status, code, _) = call_as(&mut world, &root(HUB), &pairs).unwrap_err();
        (status, code)
    };
    assert_eq!(to(&format!("{TOPIC}x")), (404, "NotFound".into()));
    assert_eq!(to(&theirs), (403, "AuthorizationError".into()));
    assert_eq!(to(&format!("{TOPIC}.fifo")), (501, "NotModelled".into()));
    for malformed in [
        "notices",
        "arn:aws:sns:eu-west-2:111122223333:notices",
        "arn:aws:sqs:eu-west-1:111122223333:notices",
        "arn:aws:sns:eu-west-1:111122223333:a:b",
        "arn:aws:sns:eu-west-1:111122223333:a b",
    ] {
        assert_eq!(to(malformed), (400, "InvalidParameter".into()), "{malformed}");
    }
    assert_eq!(world.take_published(), []);
    assert_eq!(
        world.create_topic(at(HUB), "a.fifo"),
        Err(TopicError::Fifo("a.fifo".into()))
    );
    assert_eq!(world.create_topic(at(HUB), ""), Err(TopicError::Name(String::new())));
}

#[test]
fn parameters_and_operations_nobody_modelled_are_named() {
    let mut world = with_topic();
    for parameter in [
        "TargetArn",
        "PhoneNumber",
        "MessageGroupId",
        "MessageDeduplicationId",
        "Shout",
    ] {
        let error = publish(&mut world, &[("Message", "a"), (parameter, "b")]).unwrap_err();
        assert!(
            error.starts_with(&format!("UnknownParameter: The parameter {parameter} ")),
            "{error}"
        );
    }
    let (status, _, message) = call_as(&mut world, &root(HUB), &[("Action", "Subscribe")]).unwrap_err();
    assert_eq!(
        (status, message.as_str()),
        (501, "image-plane does not model sns:Subscribe")
    );
    assert_eq!(world.take_published(), []);
}

#[test]
fn publishing_needs_the_right_on_the_topic() {
    let mut world = with_topic();
    let mut with = |resource: &str, name: &str| {
        let policy = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sns:Publish", "Resource": resource } });
        let role = world
            .create_role(account(HUB), name, TRUSTS_HUB, &[&policy.to_string()])
            .unwrap();
        let key = assume(&mut world, &root(HUB), &role).unwrap();
        let pairs = [("Action", "Publish"), ("TopicArn", TOPIC), ("Message", "a")];
        call_as(&mut world, &key, &pairs).map(|_| ())
    };
    assert_eq!(with(TOPIC, "a"), Ok(()));
    let message = format!(
        "User: arn:aws:sts::111122223333:assumed-role/b/prune is not authorized to perform: SNS:Publish on resource: {TOPIC} \
         because no identity-based policy allows the SNS:Publish action"
    );
    assert_eq!(
        with(&format!("{TOPIC}-2"), "b"),
        Err((403, "AuthorizationError".into(), message))
    );
    assert_eq!(
        world.take_published()[0].by,
        "arn:aws:sts::111122223333:assumed-role/a/prune"
    );
}

#[test]
fn the_ledger_counts_what_was_published_and_faults_hit_it() {
    use crate::wire::call::Service;
    use crate::world::faults::{Effect, Fault};
    let mut world = with_topic();
    for (effect, code) in [
        (Effect::Throttle, "ThrottlingException"),
        (Effect::ServerError(500), "InternalError"),
        (Effect::ServerErrorAfterApply(503), "ServiceUnavailable"),
        (Effect::Deny, "AuthorizationError"),
    ] {
        world.inject(Fault::new(effect).service(Service::Sns));
        let error = publish(&mut world, &[("Message", "a")]).unwrap_err();
        assert_eq!(error.split(':').next(), Some(code));
    }
    publish(&mut world, &[("Message", "a")]).unwrap();
    let counts = world.ledger().of("Publish");
    assert_eq!((counts.done, counts.refused, counts.throttled), (2, 2, 1));
    assert_eq!(world.take_published().len(), 2);
}
