//! Macros, functions and methods of the user's code that define a metric, as `reduse.toml` declares them.

use std::fmt;

use super::MetricType;

/// A declared wrapper.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrapper {
    /// What is called.
    pub called: Called,
    /// The type of the metric that a call defines.
    pub kind: MetricType,
    /// The exposed name.
    pub name: Template,
    /// The help text.
    pub help: Option<Template>,
    /// The names of the labels; not known where this is `None`.
    pub labels: Option<Given<String>>,
    /// The bounds of a histogram's buckets; not known where this is `None`.
    pub buckets: Option<Given<f64>>,
}

/// What a wrapper is called as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called {
    /// `name!(..)`
    Macro(String),
    /// `name(..)`, or `module::name(..)` where the path is given.
    Function(Vec<String>),
    /// `value.name(..)`
    Method(String),
}

impl Called {
    /// How a call is written, as far as it is always written so.
    pub fn word(&self) -> String {
        match self {
            Called::Macro(name) => format!("{name}!"),
            Called::Function(path) => format!("{}(", path.last().map_or("", String::as_str)),
            Called::Method(name) => format!(".{name}("),
        }
    }
}

/// Which argument of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// By position, from 0; the receiver of a method does not count.
    Position(usize),
    /// `key: value`, `key = value` or `key => value` of a macro.
    Key(String),
}

/// A text with places for arguments, such as `app_{subsystem}_{0}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(pub Vec<Piece>);

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Text(String),
    /// What the call gives.
    Argument(Argument),
}

/// Something that is the same for every call, or that the call gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Given<T> {
    /// The same for every call.
    Fixed(Vec<T>),
    /// An expression in the call.
    Argument(Argument),
}

/// Why a template cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError(String);

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Template {
    /// Reads `app_{subsystem}_{0}`.
    ///
    /// # Errors
    /// A brace without its other half, or an empty or odd name between them.
    pub fn parse(text: &str) -> Result<Template, TemplateError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, after) = after.split_once('}').ok_or_else(|| TemplateError(format!("`{text}` has a `{{` without its `}}`")))?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Argument(argument(inside)?));
            rest = after;
        }
        if rest.contains('}') || pieces.iter().any(|p| matches!(p, Piece::Text(t) if t.contains('}'))) {
            return Err(TemplateError(format!("`{text}` has a `}}` without its `{{`")));
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Template(pieces))
    }

    /// The argument that the whole template is, if it is one.
    pub fn as_argument(&self) -> Option<&Argument> {
        match self.0.as_slice() {
            [Piece::Argument(argument)] => Some(argument),
            _ => None,
        }
    }
}

fn argument(text: &str) -> Result<Argument, TemplateError> {
    if let Ok(position) = text.parse::<usize>() {
        return Ok(Argument::Position(position));
    }
    let is_name = text.starts_with(|c: char| c.is_alphabetic() || c == '_') && text.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !is_name {
        return Err(TemplateError(format!(
            "`{{{text}}}` is neither a position, such as `{{0}}`, nor the key of an argument, such as `{{name}}`"
        )));
    }
    Ok(Argument::Key(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates() {
        let key = |k: &str| Piece::Argument(Argument::Key(k.to_owned()));
        assert_eq!(
            Template::parse("app_{subsystem}_{0}").map(|t| t.0),
            Ok(vec![Piece::Text("app_".into()), key("subsystem"), Piece::Text("_".into()), Piece::Argument(Argument::Position(0))])
        );
        assert_eq!(Template::parse("{labels}").unwrap_or(Template(Vec::new())).as_argument(), Some(&Argument::Key("labels".into())));
        for bad in ["a{", "a}", "{}", "{a b}", "{-1}", "}{a}"] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }
}
