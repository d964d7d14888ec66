use time::macros::datetime;

use super::*;

fn problems(text: &str) -> Vec<String> {
    let wrong = read(text).expect_err("is wrong");
    wrong.iter().map(ToString::to_string).collect()
}

#[test]
fn a_list_as_carriers_send_it_is_read() {
    let text = "\u{feff}Dial Code,Destination,Rate,Initial Increment,Next Increment,Effective Date,Remark\n\
                +52,Mexico,0.0125,60,6,2026-12-01,\n\
                521,\"Mexico, mobile\",0.02,,,2026-12-01T06:00:00Z,new\n\
                1900,United States premium,3,60,60,,\n";
    let listed = read(text).unwrap();
    assert_eq!(listed.len(), 3);
    assert_eq!(listed[0].rate.prefix, "52");
    assert_eq!(listed[0].rate.kind, RateKind::Landline);
    assert_eq!(listed[0].rate.pricing.increment_seconds(), 6);
    assert_eq!(listed[0].effective, Some(datetime!(2026-12-01 0:00 UTC)));
    assert_eq!(listed[1].rate.destination, "Mexico, mobile");
    assert_eq!(listed[1].rate.kind, RateKind::Mobile);
    assert_eq!(listed[1].rate.pricing.initial_seconds(), 1);
    assert_eq!(listed[1].effective, Some(datetime!(2026-12-01 6:00 UTC)));
    assert_eq!(listed[2].rate.kind, RateKind::Special);
    assert_eq!(listed[2].effective, None);
}

#[test]
fn every_bad_line_is_named() {
    let text = "prefix,destination,kind,per_minute,connection_fee,initial,increment,max_seconds,blocked,effective\n\
                52,Mexico,landline,0.01,,,,,,\n\
                052,Mexico,landline,0.01,,,,,,\n\
                52x,Mexico,landline,0.01,,,,,,\n\
                ,Mexico,landline,0.01,,,,,,\n\
                53,,landline,0.01,,,,,,\n\
                54,Argentina,fixed,0.01,,,,,,\n\
                54,Argentina,landline,,,,,,,\n\
                54,Argentina,landline,1e3,,,,,,\n\
                54,Argentina,landline,-1,,,,,,\n\
                54,Argentina,landline,0.0000001,,,,,,\n\
                54,Argentina,landline,1001,,,,,,\n\
                54,Argentina,landline,0.01,0.00001,,,,,\n\
                54,Argentina,landline,0.01,,0,,,,\n\
                54,Argentina,landline,0.01,,1,6s,,,\n\
                54,Argentina,landline,0.01,,1,6,86401,,\n\
                54,Argentina,landline,0.01,,1,6,,maybe,\n\
                54,Argentina,landline,0.01,,1,6,,,01/12/2026\n\
                52,Mexico,landline,0.02,,,,,,\n";
    assert_eq!(
        problems(text),
        [
            "line 3: \"052\" is not a prefix: 1 to 15 digits, the first not 0",
            "line 4: \"52x\" is not a prefix: 1 to 15 digits, the first not 0",
            "line 5: the prefix is missing",
            "line 6: the destination is missing",
            "line 7: \"fixed\" is not a kind: landline, mobile or special",
            "line 8: the price is missing",
            "line 9: \"1e3\" is not a price like 0.0125",
            "line 10: \"-1\" is not a price like 0.0125",
            "line 11: more than 6 decimals",
            "line 12: must be from 0 to 1000 dollars a minute",
            "line 13: \"0.00001\" has more than four decimals",
            "line 14: steps must be from 1 to 3600 seconds",
            "line 15: increment \"6s\" is not a number of seconds",
            "line 16: the longest call must be from 1 to 86400 seconds",
            "line 17: blocked \"maybe\" is neither yes nor no",
            "line 18: \"01/12/2026\" is not a date like 2026-12-01",
            "line 19: prefix 52 is on line 2 already",
        ]
    );
}

#[test]
fn a_list_without_names_or_prices_is_refused() {
    assert_eq!(
        problems("prefix,rate\n1,2\n"),
        ["line 1: there is no column destination"]
    );
    assert_eq!(
        problems("prefix,destination,rate,price\n"),
        ["line 1: two columns say per_minute"]
    );
    assert_eq!(
        problems("prefix,destination,rate\n"),
        ["line 1: there is no price below the names"]
    );
    assert_eq!(problems(""), ["line 1: there is no column prefix"]);
}

#[test]
fn one_prefix_may_change_at_two_moments() {
    let text = "prefix,destination,rate,effective\n52,Mexico,0.01,\n52,Mexico,0.02,2026-12-01\n";
    assert_eq!(read(text).unwrap().len(), 2);
}

#[test]
fn a_comma_in_a_price_is_no_price_of_nothing() {
    let text = "prefix,destination,rate\n52,Mexico,0,80\n53,Cuba,\"0,80\"\n54,Argentina,0.80,,\n";
    assert_eq!(
        problems(text),
        [
            "line 2: there are more fields than names: is a comma in one of them?",
            "line 3: \"0,80\" is not a price like 0.0125",
        ]
    );
}

#[test]
fn a_list_in_another_currency_is_refused() {
    let text = "prefix,destination,rate,Currency\n52,Mexico,0.80,usd\n53,Cuba,0.80,\n54,Argentina,0.80,EUR\n";
    assert_eq!(
        problems(text),
        ["line 4: the price is in \"EUR\", not in USD"]
    );
}

#[test]
fn lines_end_as_any_system_ends_them_and_quotes_may_hold_quotes() {
    let text = "prefix,destination,rate\r\n52,\"The \"\"big\"\" one\",0.01\r\n\r\n53,Cuba,abc\r\n";
    assert_eq!(
        problems(text),
        ["line 4: \"abc\" is not a price like 0.0125"]
    );
    let listed = read(&text.replace("abc", "0.8")).unwrap();
    assert_eq!(listed[0].rate.destination, "The \"big\" one");
    // A quote that never ends takes the rest of the file with it, and is no destination.
    assert_eq!(
        problems("prefix,destination,rate\n52,\"Mexico,0.01\n53,Cuba,0.02\n"),
        ["line 2: the destination must be plain text of at most 120 letters"]
    );
}

#[test]
fn a_date_is_a_moment_of_our_calendar() {
    for text in [
        "9999-12-31T23:59:59-23:59",
        "2026-02-29",
        "2026-12-1",
        "1 Dec 2026",
    ] {
        assert!(moment(text).is_err(), "{text}");
    }
    assert_eq!(
        moment("2026-12-01T01:00:00+02:00"),
        Ok(datetime!(2026-11-30 23:00 UTC))
    );
}
