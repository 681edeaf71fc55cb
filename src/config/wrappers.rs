//! `[[wrappers]]`: what a wrapper's templates and arguments mean.

use toml::Spanned;

use super::Mistake;
use super::shape::{BoundsShape, NamesShape, TypeShape, WrapperShape};
use crate::model::MetricType;
use crate::model::wrapper::{Called, Given, Template, Wrapper};

/// Reads one table.
///
/// # Errors
/// The first mistake, with its offset.
pub(super) fn wrapper(raw: &WrapperShape) -> Result<Wrapper, Mistake> {
    let name = template(&raw.name)?;
    let kind = match raw.r#type {
        TypeShape::Counter => MetricType::Counter,
        TypeShape::Gauge => MetricType::Gauge,
        TypeShape::Histogram => MetricType::Histogram,
        TypeShape::Summary => MetricType::Summary,
    };
    if let Some(buckets) = raw.buckets.as_ref().filter(|_| kind != MetricType::Histogram) {
        return Err((buckets.span().start, "only a histogram has `buckets`".to_owned()));
    }
    let labels = raw.labels.as_ref().map(|labels| match labels.get_ref() {
        NamesShape::Names(names) => Ok(Given::Fixed(names.clone())),
        NamesShape::Argument(text) => whole_argument(text, labels.span().start),
    });
    let buckets = raw.buckets.as_ref().map(|buckets| match buckets.get_ref() {
        BoundsShape::Bounds(bounds) => Ok(Given::Fixed(bounds.clone())),
        BoundsShape::Argument(text) => whole_argument(text, buckets.span().start),
    });
    Ok(Wrapper {
        called: called(raw)?,
        kind,
        name,
        help: raw.help.as_ref().map(template).transpose()?,
        labels: labels.transpose()?,
        buckets: buckets.transpose()?,
    })
}

fn called(raw: &WrapperShape) -> Result<Called, Mistake> {
    let plain = |name: &Spanned<String>| {
        let text = name.get_ref().trim_end_matches(['!', '(', ')']).trim_start_matches('.');
        let fits =
            !text.is_empty() && text.split("::").all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_'));
        let message = || format!("`{}` is no name: write it as it is called, without `!`, `.` and parentheses", name.get_ref());
        if fits { Ok(text.to_owned()) } else { Err((name.span().start, message())) }
    };
    let last = |text: String| text.rsplit("::").next().unwrap_or_default().to_owned();
    match (&raw.r#macro, &raw.function, &raw.method) {
        (Some(name), None, None) => Ok(Called::Macro(last(plain(name)?))),
        (None, Some(name), None) => Ok(Called::Function(plain(name)?.split("::").map(str::to_owned).collect())),
        (None, None, Some(name)) => Ok(Called::Method(last(plain(name)?))),
        _ => Err((raw.name.span().start, "a wrapper is one of `macro`, `function` or `method`: give exactly one of the three".to_owned())),
    }
}

fn template(text: &Spanned<String>) -> Result<Template, Mistake> {
    if text.get_ref().is_empty() {
        return Err((text.span().start, "this is empty: give a text such as `app_{0}`".to_owned()));
    }
    Template::parse(text.get_ref()).map_err(|e| (text.span().start, e.to_string()))
}

fn whole_argument<T>(text: &str, at: usize) -> Result<Given<T>, Mistake> {
    let template = Template::parse(text).map_err(|e| (at, e.to_string()))?;
    let argument = template.as_argument().cloned().map(Given::Argument);
    argument.ok_or_else(|| (at, format!("`{text}` must be a list, or one argument of the call, such as `{{2}}` or `{{labels}}`")))
}
