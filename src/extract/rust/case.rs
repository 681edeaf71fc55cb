//! Names in another case, as the heck crate, which derive macros use, makes them.

/// The words of a name: `PSOk` is `PS`, `Ok`; digits belong to the word before them.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in name.split(|c: char| !c.is_alphanumeric()) {
        let chars: Vec<char> = part.chars().collect();
        let mut word = String::new();
        let mut after_lower = false;
        for (i, &c) in chars.iter().enumerate() {
            let next_is_lower = chars.get(i + 1).is_some_and(|n| n.is_lowercase());
            let after_upper = i > 0 && !after_lower;
            if c.is_uppercase() && !word.is_empty() && (after_lower || (after_upper && next_is_lower)) {
                words.push(std::mem::take(&mut word));
            }
            word.push(c);
            if c.is_lowercase() {
                after_lower = true;
            } else if c.is_uppercase() {
                after_lower = false;
            }
        }
        if !word.is_empty() {
            words.push(word);
        }
    }
    words
}

/// The name in a case by its usual word (`snake_case`, `kebab-case` …); `None` for one that is not known.
pub(super) fn renamed(name: &str, case: &str) -> Option<String> {
    let words = words(name);
    let lower = || words.iter().map(|w| w.to_lowercase());
    let upper = || words.iter().map(|w| w.to_uppercase());
    let title = || words.iter().map(|w| capitalised(w));
    Some(match case {
        "snake_case" => lower().collect::<Vec<_>>().join("_"),
        "kebab-case" => lower().collect::<Vec<_>>().join("-"),
        "SHOUTY_SNAKE_CASE" | "SCREAMING_SNAKE_CASE" => upper().collect::<Vec<_>>().join("_"),
        "SHOUTY-KEBAB-CASE" | "SCREAMING-KEBAB-CASE" => upper().collect::<Vec<_>>().join("-"),
        "UpperCamelCase" | "PascalCase" => title().collect(),
        "lowerCamelCase" | "camelCase" => {
            let mut parts = title();
            parts.next().unwrap_or_default().to_lowercase() + &parts.collect::<String>()
        }
        "Title Case" => title().collect::<Vec<_>>().join(" "),
        "Train-Case" => title().collect::<Vec<_>>().join("-"),
        "lowercase" => name.to_lowercase(),
        "UPPERCASE" => name.to_uppercase(),
        _ => return None,
    })
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().collect::<String>() + &chars.as_str().to_lowercase()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_the_way_derives_split_them() {
        for (name, snake) in
            [("PSOk", "ps_ok"), ("HGet", "h_get"), ("Pbkdf2", "pbkdf2"), ("SniRouter", "sni_router"), ("Http2Stream", "http2_stream")]
        {
            assert_eq!(renamed(name, "snake_case").as_deref(), Some(snake));
        }
        assert_eq!(renamed("ImATeapot", "SHOUTY-KEBAB-CASE").as_deref(), Some("IM-A-TEAPOT"));
        assert_eq!(renamed("two_words", "lowerCamelCase").as_deref(), Some("twoWords"));
        assert_eq!(renamed("x", "odd"), None);
    }
}
