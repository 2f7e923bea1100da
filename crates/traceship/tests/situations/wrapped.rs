//! Lines of containers are unwrapped.

use super::{
    assert_once,
    files::{Folder, append},
    lines::{many, other, own},
    run_once,
    stand::Stand,
};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A line of Kubernetes, in one or two parts.
fn cri(number: u64) -> String {
    let (now, line) = (Timestamp::now(), inner(number));
    match number % 5 {
        0 => {
            let (begin, end) = line.split_at(line.len() / 2);
            format!("{now:.9} stderr P {begin}\n{now:.9} stderr F {end}\n")
        }
        _ => format!("{now:.9} stdout F {line}\n"),
    }
}

/// A line of Docker, in one or two parts.
fn docker(number: u64) -> String {
    let (now, line) = (Timestamp::now(), inner(number));
    let part = |text: &str, stream: &str| {
        json!({ "log": text, "stream": stream, "time": format!("{now:.9}") }).to_string() + "\n"
    };
    match number % 5 {
        0 => {
            let (begin, end) = line.split_at(line.len() / 2);
            part(begin, "stderr") + &part(&format!("{end}\n"), "stderr")
        }
        _ => part(&format!("{line}\n"), "stdout"),
    }
}

/// What the container has written.
fn inner(number: u64) -> String {
    let line = match number % 3 {
        0 => own(number),
        1 => other(number),
        _ => format!("the \"job\" with n={number}; is done"),
    };
    line.trim_end().to_owned()
}

#[test]
fn all_lines_of_containers_are_unwrapped_and_found() {
    for stand in Stand::both() {
        for (round, wrap) in [cri, docker].into_iter().enumerate() {
            let folder = Folder::new();
            let begin = 5_000 * u64::try_from(round).expect("it is small");
            append(&folder.at("0.log"), &many(wrap, begin..begin + 5_000));
            let report = run_once(&stand, &folder.0);
            assert_eq!(
                (report.stats().rejected(), report.unshipped_bytes()),
                (0, 0)
            );
            assert_once(&stand, 0..begin + 5_000);
        }
        for stored in stand.stored() {
            assert!(
                !stored.contains("\"log\":") && !stored.contains("stdout F"),
                "{stored}"
            );
            if stand.name() == "Elasticsearch" {
                let document: Value = serde_json::from_str(&stored).expect("the document is JSON");
                assert!(document["log.iostream"].is_string(), "{stored}");
            }
        }
        let is_inner = |line: &String| line.starts_with('{') || line.starts_with("the \"job\"");
        assert!(stand.stored().iter().all(is_inner));
    }
}

#[test]
fn own_lines_of_a_container_are_stored_once_although_they_are_read_again() {
    for stand in Stand::both() {
        let (folder, again) = (Folder::new(), Folder::new());
        let text = many(cri, (0..300).filter(|number| number % 3 == 0));
        append(&folder.at("0.log"), &text);
        append(&again.at("0.log"), &text);
        run_once(&stand, &folder.0);
        run_once(&stand, &again.0);
        assert_eq!(stand.numbers().len(), 100, "{}", stand.name());
    }
}
