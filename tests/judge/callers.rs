//! Who calls: a key, and the session of a role in another account.

use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;
use serde_json::{Value, json};

use crate::diary::Diary;
use crate::ec2_shapes::time;
use crate::world::{HUB, IRELAND, READER};

fn identity(who: &GetCallerIdentityOutput) -> Value {
    json!({ "Account": who.account(), "Arn": who.arn(), "UserId": who.user_id() })
}

pub(crate) async fn callers(diary: &mut Diary) {
    let hub = diary.sts(HUB, IRELAND);
    diary.saw(
        "the key says who calls",
        hub.get_caller_identity().send().await,
        identity,
    );
    let assume = hub.assume_role().role_session_name("judge").role_arn(READER);
    let session = diary.saw("a role in another account", assume.send().await, |session| {
        let user = session
            .assumed_role_user()
            .map(|user| json!({ "Arn": user.arn(), "AssumedRoleId": user.assumed_role_id() }));
        let key = session.credentials().map(|key| {
            json!({
                "AccessKeyId": key.access_key_id(),
                "SecretAccessKey": key.secret_access_key(),
                "SessionToken": key.session_token(),
                "Expiration": time(Some(key.expiration())),
            })
        });
        json!({ "AssumedRoleUser": user, "Credentials": key })
    });
    let key = session.credentials().unwrap();
    let key = (key.access_key_id(), key.secret_access_key(), key.session_token());
    let reader = diary.session(key, IRELAND);
    let who = aws_sdk_sts::Client::new(&reader).get_caller_identity().send().await;
    diary.saw("the session says who calls", who, identity);
    let ec2 = aws_sdk_ec2::Client::new(&reader);
    let own = ec2.describe_images().owners("self").send().await;
    diary.saw("it may read", own, |answer| crate::ec2_shapes::images(answer.images()));
    let denied = ec2.deregister_image().image_id("ami-0123456789abcdef0").send().await;
    diary.refused("and not delete", denied);
    let unknown = hub
        .assume_role()
        .role_session_name("judge")
        .role_arn("arn:aws:iam::222233334444:role/nobody");
    diary.refused("a role that is not there", unknown.send().await);
}
