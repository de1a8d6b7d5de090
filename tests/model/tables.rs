//! DynamoDB beside the world, through the same door.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use image_plane::{Crashed, Effect, Fault};

use stage::aws::{Aws, HUB, IRELAND, MEMBER, code, target};
use stage::table::{TABLE, create_table};

fn tables(aws: &Aws) -> aws_sdk_dynamodb::Client {
    aws_sdk_dynamodb::Client::new(&aws.config(HUB, IRELAND))
}
fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

async fn put(db: &aws_sdk_dynamodb::Client, sk: &str) -> String {
    let put = db
        .put_item()
        .table_name(TABLE)
        .item("pk", text("R#1"))
        .item("sk", text(sk));
    code(&put.condition_expression("attribute_not_exists(pk)").send().await)
}

async fn count(db: &aws_sdk_dynamodb::Client, consistent: bool) -> i32 {
    let query = db
        .query()
        .table_name(TABLE)
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", text("R#1"));
    query.consistent_read(consistent).send().await.unwrap().count()
}

#[tokio::test(start_paused = true)]
async fn a_conditional_put_lands_once() {
    let aws = Aws::calm();
    let db = tables(&aws);
    create_table(&aws).await;
    assert_eq!(put(&db, "META").await, "done");
    assert_eq!(put(&db, "META").await, "ConditionalCheckFailedException");
    assert_eq!(count(&db, true).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_read_that_is_not_consistent_may_be_stale_and_a_consistent_one_is_not() {
    let aws = Aws::calm();
    let db = tables(&aws);
    create_table(&aws).await;
    aws.plane
        .with_tables(|tables| tables.settings_mut().read_lag = Duration::from_secs(1));
    let mut stale = 0;
    for n in 0..40 {
        put(&db, &format!("P#{n}")).await;
        assert_eq!(count(&db, true).await, n + 1);
        stale += i32::from(count(&db, false).await < n + 1);
    }
    assert!(stale > 5, "{stale} of 40");
    aws.pass(Duration::from_secs(2)).await;
    assert_eq!(count(&db, false).await, 40);
}

#[tokio::test(start_paused = true)]
async fn a_crash_after_a_put_leaves_the_item_and_another_process_finds_it() {
    let aws = Aws::calm();
    let db = tables(&aws);
    create_table(&aws).await;
    aws.plane
        .with_tables(|tables| tables.inject(Fault::new(Effect::CrashAfter).on("PutItem")));
    assert_eq!(aws.process.run(Box::pin(put(&db, "META"))).await, Err(Crashed));
    let other = aws.another_process();
    assert_eq!(count(&tables(&other), true).await, 1);
}

#[tokio::test(start_paused = true)]
async fn each_account_has_tables_of_its_own() {
    let aws = Aws::calm();
    create_table(&aws).await;
    let theirs = aws_sdk_dynamodb::Client::new(&aws.config(MEMBER, IRELAND));
    assert_eq!(
        code(&theirs.describe_table().table_name(TABLE).send().await),
        "ResourceNotFoundException"
    );
    let rows = aws
        .plane
        .with_tables(|tables| tables.items(target(HUB, IRELAND), TABLE).len());
    assert_eq!(rows, 0);
}
