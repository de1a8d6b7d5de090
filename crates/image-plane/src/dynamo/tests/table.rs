use super::*;

#[test]
fn a_table_says_whose_it_is_where_and_since_when() {
    let mut tables = Tables::new(7, TableSettings::calm());
    done(&mut tables, at(1500), "CreateTable", &definition());
    let described = done(&mut tables, at(2000), "DescribeTable", &json!({ "TableName": TABLE }));
    assert_eq!(
        described["Table"]["TableArn"],
        "arn:aws:dynamodb:eu-west-1:111122223333:table/record"
    );
    assert_eq!(described["Table"]["CreationDateTime"], json!(1_768_694_401.5));
    assert_eq!(described["Table"]["TableStatus"], "ACTIVE");
}

#[test]
fn each_account_and_region_has_tables_of_its_own() {
    let mut tables = calm();
    put(&mut tables, at(1), &item("a", "b", 1));
    let elsewhere = Target {
        region: "us-east-1".parse().unwrap(),
        ..hub()
    };
    let scan = || request("Scan", json!({ "TableName": TABLE }).to_string());
    assert_eq!(tables.call(at(2), hub(), scan()).status(), 200);
    let response = tables.call(at(2), elsewhere, scan());
    assert!(
        String::from_utf8_lossy(response.body()).contains("ResourceNotFoundException"),
        "{response:?}"
    );
    assert_eq!(
        (tables.items(hub(), TABLE).len(), tables.items(elsewhere, TABLE).len()),
        (1, 0)
    );
}

#[test]
fn a_table_is_made_once_and_is_gone_when_deleted_for_stale_readers_too() {
    let mut tables = with_table(1, TableSettings::default());
    assert_eq!(
        refused(&mut tables, at(1), "CreateTable", &definition()).1,
        "ResourceInUseException"
    );
    put(&mut tables, at(2), &item("a", "b", 1));
    done(&mut tables, at(3), "DeleteTable", &json!({ "TableName": TABLE }));
    for _ in 0..10 {
        assert_eq!(
            refused(&mut tables, at(4), "Scan", &json!({ "TableName": TABLE })).1,
            "ResourceNotFoundException"
        );
    }
    done(&mut tables, at(5), "CreateTable", &definition());
    for millis in [5, 5000] {
        assert_eq!(
            done(&mut tables, at(millis), "Scan", &json!({ "TableName": TABLE }))["Count"],
            0
        );
    }
}

#[test]
fn a_protected_table_is_not_deleted() {
    let mut tables = Tables::new(1, TableSettings::calm());
    let mut definition = definition();
    definition["DeletionProtectionEnabled"] = json!(true);
    done(&mut tables, at(0), "CreateTable", &definition);
    assert_eq!(
        refused(&mut tables, at(1), "DeleteTable", &json!({ "TableName": TABLE })).1,
        "ValidationException"
    );
}

fn expire_by(tables: &mut Tables, now: Time, enabled: bool) -> Response<Bytes> {
    let specification = json!({ "AttributeName": "until", "Enabled": enabled });
    send(
        tables,
        now,
        "UpdateTimeToLive",
        &json!({ "TableName": TABLE, "TimeToLiveSpecification": specification }),
    )
}

fn until(sk: &str, time: Time) -> Value {
    json!({ "pk": { "S": "a" }, "sk": { "S": sk }, "until": { "N": (time.millis() / 1000).to_string() } })
}

#[test]
fn what_expires_goes_late_each_item_at_a_moment_of_its_own() {
    const HOUR: i64 = 3_600_000;
    let mut tables = with_table(3, TableSettings::default());
    put(&mut tables, at(0), &until("before", at(HOUR)));
    assert_eq!(expire_by(&mut tables, at(0), true).status(), 200);
    for n in 0..20 {
        put(&mut tables, at(0), &until(&n.to_string(), at(HOUR)));
    }
    let mut left = |hours: i64| {
        tables.settle(at(hours * HOUR));
        tables.items(hub(), TABLE).len()
    };
    assert_eq!(left(1), 21);
    let halfway = left(25);
    assert!(halfway > 3 && halfway < 18, "{halfway}");
    assert_eq!(left(49), 0);
}

#[test]
fn without_a_lag_what_expires_goes_on_time_and_late_readers_see_it_gone() {
    let mut tables = with_table(
        3,
        TableSettings {
            read_lag: Duration::from_secs(1),
            expiry_lag: Duration::ZERO,
        },
    );
    expire_by(&mut tables, at(0), true);
    put(&mut tables, at(0), &until("b", at(10_000)));
    assert!(get(&mut tables, at(9_999), &key("a", "b"), true).is_some());
    assert!(get(&mut tables, at(10_000), &key("a", "b"), true).is_none());
    for _ in 0..10 {
        assert!(get(&mut tables, at(11_000), &key("a", "b"), false).is_none());
    }
}

#[test]
fn an_item_written_again_with_a_later_time_or_none_stays() {
    let mut tables = calm();
    expire_by(&mut tables, at(0), true);
    for sk in ["later", "never", "not a number", "deleted"] {
        put(&mut tables, at(0), &until(sk, at(10_000)));
    }
    put(&mut tables, at(5), &until("later", at(20_000)));
    put(&mut tables, at(5), &item("a", "never", 1));
    put(
        &mut tables,
        at(5),
        &json!({ "pk": { "S": "a" }, "sk": { "S": "not a number" }, "until": { "S": "1" } }),
    );
    tables.settle(at(15_000));
    assert_eq!(tables.items(hub(), TABLE).len(), 3);
}

#[test]
fn a_time_of_more_than_five_years_ago_expires_nothing() {
    let mut tables = calm();
    expire_by(&mut tables, at(0), true);
    put(
        &mut tables,
        at(0),
        &until("b", Time::parse("2020-12-31T00:00:00Z").unwrap()),
    );
    tables.settle(at(1_000_000));
    assert_eq!(tables.items(hub(), TABLE).len(), 1);
}

#[test]
fn nothing_expires_once_expiry_is_off() {
    let mut tables = calm();
    expire_by(&mut tables, at(0), true);
    put(&mut tables, at(0), &until("b", at(10_000)));
    assert_eq!(expire_by(&mut tables, at(1), true).status(), 400);
    assert_eq!(expire_by(&mut tables, at(1), false).status(), 200);
    tables.settle(at(20_000));
    assert_eq!(tables.items(hub(), TABLE).len(), 1);
}
