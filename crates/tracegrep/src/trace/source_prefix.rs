/// Returns the length of the prefix with which `docker compose logs` and `kubectl logs --prefix` begin each line, or 0: `shop-1  | ` or
/// `[pod/shop-a/app] `.
pub(crate) fn source_prefix(line: &[u8]) -> usize {
    of_compose(line).or_else(|| of_kubectl(line)).unwrap_or(0)
}

fn of_compose(line: &[u8]) -> Option<usize> {
    let name = name_length(line);
    let rest = line.get(name..)?;
    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
    let is_bar = rest.get(spaces..)?.starts_with(b"|");
    let bar = name + spaces + 1;
    // An empty line may end with the bar.
    let is_end = matches!(line.get(bar), None | Some(b' '));
    (name > 0 && spaces > 0 && is_bar && is_end).then_some((bar + 1).min(line.len()))
}

fn of_kubectl(line: &[u8]) -> Option<usize> {
    let start = b"[pod/".len();
    let pod = start + name_length(line.strip_prefix(b"[pod/")?);
    let container = line.get(pod..)?.strip_prefix(b"/")?;
    let end = pod + 1 + name_length(container);
    let is_end = line.get(end) == Some(&b']') && matches!(line.get(end + 1), None | Some(b' '));
    is_end.then_some((end + 2).min(line.len()))
}

/// How many first bytes can be the name of a container. Capital letters are those of a level, as in `ERROR | text`.
fn name_length(text: &[u8]) -> usize {
    let is_of_name =
        |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(byte);
    text.iter().take_while(|byte| is_of_name(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefixes_of_compose_and_kubectl_are_recognized() {
        for (prefix, rest) in [
            ("shop-1   | ", "2026-11-29T16:00:00Z text"),
            ("shop_1 | ", "  at x"),
            ("shop-1 |", ""),
            ("[pod/shop-a.b/app] ", "text"),
            ("[pod/shop-a/app]", ""),
            ("", "2026-11-29 16:00:00 | text"),
            ("", "ERROR | text"),
            ("", "a|b"),
            ("", "[pod/shop] text"),
            ("", ""),
        ] {
            let line = format!("{prefix}{rest}");
            assert_eq!(source_prefix(line.as_bytes()), prefix.len(), "{line}");
        }
    }
}
