use super::{
    members::{Members, key_of},
    names,
};
use serde_json::Value;

/// Appends what others than its logger have added to a line, such as an agent or syslog. What they say about its time, level and the like does
/// not count where the logger says it itself.
pub(super) fn add(members: &mut Members, added: impl IntoIterator<Item = (String, Value)>) {
    let meaning = |key: &str| names::meaning(key).map(|(meaning, _)| meaning);
    let known: Vec<_> = members
        .iter()
        .filter_map(|member| meaning(&member.key))
        .collect();
    let added = added.into_iter().filter(|(name, _)| {
        let meaning = meaning(&key_of(name));
        meaning.is_none_or(|meaning| !known.contains(&meaning))
    });
    members.extend_new(added);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_logger_says_counts() {
        let mut members = Members::default();
        members.push("severity", "warn");
        let added = ["level", "service"].map(|name| (name.to_owned(), "x".into()));
        add(&mut members, added);
        let names: Vec<_> = members.iter().map(|member| &*member.name).collect();
        assert_eq!(names, ["severity", "service"]);
    }
}
