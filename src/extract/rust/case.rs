//! Names in another case, as derive macros make them.

use heck::{ToKebabCase, ToLowerCamelCase, ToShoutyKebabCase, ToShoutySnakeCase, ToSnakeCase, ToTitleCase, ToTrainCase, ToUpperCamelCase};

/// The name in a case by its usual word (`snake_case`, `kebab-case` …); `None` for one that is not known.
pub(super) fn renamed(name: &str, case: &str) -> Option<String> {
    Some(match case {
        "snake_case" => name.to_snake_case(),
        "kebab-case" => name.to_kebab_case(),
        "SHOUTY_SNAKE_CASE" | "SCREAMING_SNAKE_CASE" => name.to_shouty_snake_case(),
        "SHOUTY-KEBAB-CASE" | "SCREAMING-KEBAB-CASE" => name.to_shouty_kebab_case(),
        "UpperCamelCase" | "PascalCase" => name.to_upper_camel_case(),
        "lowerCamelCase" | "camelCase" => name.to_lower_camel_case(),
        "Title Case" => name.to_title_case(),
        "Train-Case" => name.to_train_case(),
        "lowercase" => name.to_lowercase(),
        "UPPERCASE" => name.to_uppercase(),
        _ => return None,
    })
}

/// The same, where a word begins at every capital letter, as serde and others have it.
pub(super) fn by_capitals(name: &str, case: &str) -> Option<String> {
    if matches!(case, "lowercase" | "UPPERCASE") {
        return renamed(name, case);
    }
    let mut apart = String::with_capacity(name.len() + 4);
    for (i, c) in name.chars().enumerate() {
        if c.is_uppercase() && i > 0 {
            apart.push('_');
        }
        apart.extend(c.to_lowercase());
    }
    renamed(&apart, case)
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
