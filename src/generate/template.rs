//! Templates: the embedded `templates/` folder, the user's replacements, and how they are rendered.
//!
//! The delimiters are `<< >>`, `<% %>` and `<# #>`: the texts are full of braces that belong to PromQL, Prometheus and Grafana.
//! A name that is not defined is an error. Documents in JSON and YAML are parsed first and rendered scalar by scalar, so that no
//! template can produce a document that does not parse.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};
use serde_json::Value as Json;

use super::number::{decimal, general4, without_noise};
use super::quote;

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Nesting of a template document beyond which it is refused.
const MAX_DEPTH: usize = 64;

/// A template that cannot be used, with its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("template {template}: {message}")]
pub struct TemplateError {
    /// Name below `templates/`.
    pub template: String,
    /// What is wrong.
    pub message: String,
}

impl TemplateError {
    pub(crate) fn new(template: &str, message: impl Into<String>) -> Self {
        TemplateError { template: template.to_owned(), message: message.into() }
    }
}

/// The templates of one run.
pub(crate) struct Templates<'a> {
    replacements: &'a BTreeMap<String, String>,
    text: Environment<'static>,
    yaml: Environment<'static>,
}

/// The names of all embedded templates, sorted.
pub fn names() -> Vec<String> {
    fn collect(dir: &Dir<'_>, into: &mut Vec<String>) {
        into.extend(dir.files().filter_map(|f| f.path().to_str()).map(|p| p.replace('\\', "/")));
        for sub in dir.dirs() {
            collect(sub, into);
        }
    }
    let mut names = Vec::new();
    collect(&TEMPLATES, &mut names);
    names.sort();
    names
}

impl<'a> Templates<'a> {
    pub(crate) fn new(replacements: &'a BTreeMap<String, String>) -> Self {
        let text = environment(|out, _, value| {
            refuse_missing(value)?;
            write_plain(out, value)
        });
        // Every value written into a YAML file goes through the one quoting function, unless a filter has quoted it already.
        let yaml = environment(|out, _, value| {
            refuse_missing(value)?;
            match value.as_str() {
                Some(text) if !value.is_safe() => Ok(out.write_str(&quote::scalar(text))?),
                _ => write_plain(out, value),
            }
        });
        Templates { replacements, text, yaml }
    }

    /// The source of a template.
    pub(crate) fn source(&self, name: &str) -> Result<&str, TemplateError> {
        if let Some(text) = self.replacements.get(name) {
            return Ok(text);
        }
        TEMPLATES.get_file(name).and_then(|f| f.contents_utf8()).ok_or_else(|| TemplateError::new(name, "does not exist"))
    }

    /// Whether a template exists.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.source(name).is_ok()
    }

    /// Renders a text of the template `name`.
    pub(crate) fn text(&self, name: &str, source: &str, context: &Value) -> Result<String, TemplateError> {
        self.text.render_named_str(name, source, context.clone()).map_err(|e| explain(name, &e))
    }

    /// Renders a whole YAML file; every value is quoted as a scalar.
    pub(crate) fn yaml_file(&self, name: &str, context: &Value) -> Result<String, TemplateError> {
        let mut text = self.yaml.render_named_str(name, self.source(name)?, context.clone()).map_err(|e| explain(name, &e))?;
        if !text.ends_with('\n') {
            text.push('\n');
        }
        Ok(text)
    }

    /// Parses a JSON template and renders its strings.
    pub(crate) fn json(&self, name: &str, context: &Value) -> Result<Json, TemplateError> {
        let parsed: Json = serde_json::from_str(self.source(name)?).map_err(|e| TemplateError::new(name, e.to_string()))?;
        Ok(self.json_value(name, parsed, context, 0)?.unwrap_or(Json::Null))
    }

    /// Renders one value; `None` for an object whose `when` is false.
    fn json_value(&self, name: &str, value: Json, context: &Value, depth: usize) -> Result<Option<Json>, TemplateError> {
        if depth > MAX_DEPTH {
            return Err(TemplateError::new(name, format!("nested deeper than {MAX_DEPTH}")));
        }
        Ok(Some(match value {
            Json::String(text) => self.json_string(name, &text, context)?,
            Json::Array(items) => {
                let mut out = Vec::with_capacity(items.len());
                for item in items {
                    out.extend(self.json_value(name, item, context, depth + 1)?);
                }
                Json::Array(out)
            }
            Json::Object(fields) => {
                if let Some(Json::String(condition)) = fields.get("when")
                    && !self.evaluate(name, condition, context)?.is_true()
                {
                    return Ok(None);
                }
                let mut out = serde_json::Map::new();
                for (key, field) in fields {
                    if key != "when"
                        && let Some(field) = self.json_value(name, field, context, depth + 1)?
                    {
                        out.insert(key, field);
                    }
                }
                Json::Object(out)
            }
            other => other,
        }))
    }

    /// A string that is one expression and nothing else keeps the type of its value: thresholds are numbers.
    fn json_string(&self, name: &str, text: &str, context: &Value) -> Result<Json, TemplateError> {
        let whole = text.strip_prefix("<<").and_then(|t| t.strip_suffix(">>")).filter(|t| !t.contains("<<") && !t.contains(">>"));
        if let Some(expression) = whole {
            let value = self.evaluate(name, expression, context)?;
            if value.kind() == ValueKind::Number
                && let Ok(number) = f64::try_from(value)
            {
                return Ok(json_number(number));
            }
        }
        Ok(Json::String(self.text(name, text, context)?))
    }

    /// The value of an expression.
    pub(crate) fn evaluate(&self, name: &str, expression: &str, context: &Value) -> Result<Value, TemplateError> {
        self.text.compile_expression(expression).and_then(|e| e.eval(context.clone())).map_err(|e| explain(name, &e))
    }
}

fn json_number(number: f64) -> Json {
    #[allow(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
    if number.fract() == 0.0 && number.abs() < 1e15 { Json::from(number as i64) } else { Json::from(number) }
}

fn environment(
    format: impl Fn(&mut minijinja::Output<'_>, &mut minijinja::State<'_, '_>, &Value) -> Result<(), Error> + Send + Sync + 'static,
) -> Environment<'static> {
    let mut env = Environment::new();
    let syntax = SyntaxConfig::builder()
        .variable_delimiters("<<", ">>")
        .block_delimiters("<%", "%>")
        .comment_delimiters("<#", "#>")
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .expect("the delimiters are valid and differ");
    env.set_syntax(syntax);
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_formatter(format);
    env.add_filter("percent", |value: f64| format!("{}%", general4(value * 100.0)));
    env.add_filter("block", |text: String, indent: usize| Value::from_safe_string(quote::block(&text, indent)));
    env.add_filter("comment", |text: String, indent: usize| Value::from_safe_string(comment(&text, indent)));
    env
}

/// Characters of a line of a comment, its indent aside.
const COMMENT_WIDTH: usize = 120;

/// A text as the lines of a YAML comment; each line but the first is indented.
fn comment(text: &str, indent: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let mut out = String::from("#");
        for word in line.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
            if out.len() > 1 && out.chars().count() + word.chars().count() >= COMMENT_WIDTH {
                lines.push(std::mem::replace(&mut out, String::from("#")));
            }
            out.push(' ');
            out.push_str(word);
        }
        lines.push(out);
    }
    lines.join(&format!("\n{}", " ".repeat(indent)))
}

/// Nothing that is not there may be printed; `none` is how the context says that a label or a signal does not exist.
fn refuse_missing(value: &Value) -> Result<(), Error> {
    if value.is_undefined() || value.is_none() { Err(Error::from(ErrorKind::UndefinedError)) } else { Ok(()) }
}

fn write_plain(out: &mut minijinja::Output<'_>, value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Number => {
            let number = f64::try_from(value.clone())?;
            Ok(out.write_str(&decimal(without_noise(number)))?)
        }
        _ => Ok(write!(out, "{value}")?),
    }
}

fn explain(name: &str, error: &Error) -> TemplateError {
    let mut message = error.to_string();
    let mut source = std::error::Error::source(error);
    // A chain of causes is short; the bound keeps a cyclic one out.
    for _ in 0..4 {
        let Some(cause) = source else { break };
        message.push_str(": ");
        message.push_str(&cause.to_string());
        source = cause.source();
    }
    TemplateError::new(name, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, text: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), text.to_owned())])
    }

    #[test]
    fn a_json_template_keeps_types_and_leaves_out_what_is_not_asked_for() {
        let files =
            one("t.json", r#"{"a": "<< n >>", "b": "x{{<<n>>}}", "c": [{"when": "n > 2", "d": 1}, {"when": "n < 2", "d": "\"<<q>>"}]}"#);
        let context = Value::from_pairs([("n", Value::from(0.05)), ("q", Value::from("\"\n"))]);
        let json = Templates::new(&files).json("t.json", &context).expect("renders");
        assert_eq!(json, serde_json::json!({"a": 0.05, "b": "x{{0.05}}", "c": [{"d": "\"\"\n"}]}));
    }

    #[test]
    fn an_undefined_name_is_an_error_with_the_template() {
        let files = one("t.yml", "a: << nothing >>\n");
        let error = Templates::new(&files).yaml_file("t.yml", &Value::from_pairs([("n", 1)])).expect_err("strict");
        assert!(error.to_string().contains("t.yml"), "{error}");
    }

    #[test]
    fn no_value_can_break_a_yaml_file() {
        let files = one("t.yml", "a: << v >>\nb: 1\n");
        for value in ["x\nb: 2", "'", "\"", ": ", "#", "- a", "{{"] {
            let text = Templates::new(&files).yaml_file("t.yml", &Value::from_pairs([("v", value)])).expect("renders");
            let parsed: BTreeMap<String, serde_yaml::Value> = serde_yaml::from_str(&text).expect("parses");
            assert_eq!(parsed["a"].as_str(), Some(value));
            assert_eq!(parsed["b"].as_i64(), Some(1));
        }
    }
}
