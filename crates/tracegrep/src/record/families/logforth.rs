//! logforth puts the user's fields into `kvs`.

use super::{super::members::Members, adapted::Adapted};

pub(super) fn adapt(members: &mut Members) -> Option<Adapted> {
    let has = |prefix: &str| members.iter().any(|member| member.key.starts_with(prefix));
    if !(has("kvs.") || has("diags.")) {
        return None;
    }
    members.strip_prefix("kvs.");
    Some(Adapted::default())
}
