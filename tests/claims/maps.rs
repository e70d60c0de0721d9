//! Maps as custom claims.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::read;

/// Reads the members as a map with serde_json alone, and as custom claims.
#[track_caller]
fn check_map<K>(members: &str)
where
    K: DeserializeOwned + Ord + Debug,
{
    // From bytes: serde_json 1.0.154 makes an invalid `str` of a name that is not ASCII when it reads
    // a `bool` key from text.
    let plain = serde_json::from_slice::<BTreeMap<K, u8>>(format!("{{{members}}}").as_bytes());
    let custom = read::<BTreeMap<K, u8>>(members);
    let name = std::any::type_name::<K>();
    match (plain, custom) {
        (Ok(plain), Ok(custom)) => assert_eq!(custom, plain, "{members}: {name}"),
        (Err(_), Err(error)) => assert_eq!(error.code(), "custom_claims", "{members}: {name}"),
        (plain, custom) => panic!("{members}: {name}: {plain:?} and {custom:?}"),
    }
}

#[test]
fn a_map_may_have_the_keys_that_serde_json_reads() {
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Role {
        Admin,
        Guest,
    }
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
    struct Id<T>(T);

    let levels = BTreeMap::from([(Role::Guest, 1), (Role::Admin, 2)]);
    assert_eq!(read(r#""guest":1,"admin":2"#), Ok(levels));
    let flags = BTreeMap::from([(true, 1), (false, 0)]);
    assert_eq!(read(r#""true":1,"false":0"#), Ok(flags));
    let numbers = BTreeMap::from([(Id(-7_i64), 1), (Id(1), 2)]);
    assert_eq!(read(r#""-7":1,"1":2"#), Ok(numbers));
    for members in [
        "",
        r#""1":1,"2":2"#,
        r#""\u0031":1"#,
        r#""\u0061dmin":1"#,
        r#""tr\u0075e":1"#,
        r#""-1":1"#,
        r#""255":1,"256":1"#,
        r#""340282366920938463463374607431768211455":1"#,
        r#""01":1"#,
        r#""+1":1"#,
        r#""1.0":1"#,
        r#""1e0":1"#,
        r#""x":1"#,
        r#""":1"#,
        r#""true":1"#,
        r#""True":1"#,
        r#""admin":1"#,
        r#""admin":1,"owner":1"#,
        r#""null":1"#,
        r#""é":1"#,
    ] {
        check_map::<String>(members);
        check_map::<char>(members);
        check_map::<bool>(members);
        check_map::<u8>(members);
        check_map::<i64>(members);
        check_map::<u128>(members);
        check_map::<i128>(members);
        check_map::<Role>(members);
        check_map::<Id<u64>>(members);
        check_map::<Id<String>>(members);
        check_map::<Option<String>>(members);
        check_map::<()>(members);
    }
}

/// Two names must not become one key.
#[test]
fn a_key_that_is_a_number_has_no_white_space() {
    for members in [r#"" 1":1"#, r#""1 ":1"#, r#""1":1," 1":2"#, r#""1\t":1"#] {
        check_map::<u8>(members);
        check_map::<i128>(members);
        check_map::<bool>(&members.replace('1', "true"));
    }
}
