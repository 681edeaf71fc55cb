//! Query text to tokens.

use super::ParseError;
use crate::source::Span;

/// The kinds of tokens; keywords are identifiers, told apart by the parser at their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Duration,
    String,
    /// A name, a keyword, a variable, or a name with variables in it.
    Word,
    /// Brackets, commas, operators: one or two bytes.
    Punct,
    End,
}

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
    /// Whether a Grafana variable is part of it; for a string this says nothing.
    pub(super) variable: bool,
}

/// Length of the Grafana variable at the start of `rest`, if one is there.
pub(super) fn variable(rest: &str) -> Option<usize> {
    let word = |s: &str| s.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    if let Some(inner) = rest.strip_prefix("${") {
        let len = inner.find('}')?;
        return (word(inner) > 0 && !inner.get(..len)?.contains(['\n', '"'])).then_some(len + 3);
    }
    if let Some(inner) = rest.strip_prefix("[[") {
        let len = inner.find("]]")?;
        let name = inner.get(..len)?;
        return (word(name) > 0 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'.'))).then_some(len + 4);
    }
    let len = word(rest.strip_prefix('$')?);
    (len > 0).then_some(len + 1)
}

/// All tokens of a query, the last being `End`.
pub(super) fn tokens(text: &str, grafana: bool) -> Result<Vec<Token>, ParseError> {
    let mut lexer = Lexer { text, grafana, at: 0, brackets: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.blanks();
        let start = lexer.at;
        let Some(byte) = lexer.byte(0) else {
            tokens.push(Token { kind: Kind::End, span: Span::new(start, start), variable: false });
            return Ok(tokens);
        };
        let (kind, variable) = lexer.token(byte)?;
        tokens.push(Token { kind, span: Span::new(start, lexer.at), variable });
    }
}

struct Lexer<'a> {
    text: &'a str,
    grafana: bool,
    at: usize,
    /// Square brackets open: inside them a colon separates and is no part of a name.
    brackets: usize,
}

impl Lexer<'_> {
    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn blanks(&mut self) {
        while let Some(byte) = self.byte(0) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'#' => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                _ => break,
            }
        }
    }

    fn variable(&self) -> Option<usize> {
        if self.grafana { variable(self.rest()) } else { None }
    }

    fn token(&mut self, byte: u8) -> Result<(Kind, bool), ParseError> {
        if byte == b'"' || byte == b'\'' || byte == b'`' {
            self.string(byte)?;
            return Ok((Kind::String, false));
        }
        if byte.is_ascii_digit() || byte == b'.' && self.byte(1).is_some_and(|b| b.is_ascii_digit()) {
            return self.number();
        }
        let letter = byte.is_ascii_alphabetic() || byte == b'_' || byte == b':' && self.brackets == 0;
        if letter || self.variable().is_some() {
            return Ok((Kind::Word, self.word()));
        }
        self.punct(byte)?;
        Ok((Kind::Punct, false))
    }

    /// A name; returns whether a variable is in it.
    fn word(&mut self) -> bool {
        let mut variable = false;
        while let Some(byte) = self.byte(0) {
            if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':' && self.brackets == 0 {
                self.at += 1;
            } else if let Some(len) = self.variable() {
                self.at += len;
                variable = true;
            } else {
                break;
            }
        }
        variable
    }

    fn number(&mut self) -> Result<(Kind, bool), ParseError> {
        let start = self.at;
        if self.byte(0) == Some(b'0') && matches!(self.byte(1), Some(b'x' | b'X')) {
            self.at += 2;
            self.skip(|b| b.is_ascii_hexdigit() || b == b'_');
        } else {
            self.skip(|b| b.is_ascii_digit() || b == b'_');
            if self.byte(0) == Some(b'.') {
                self.at += 1;
                self.skip(|b| b.is_ascii_digit() || b == b'_');
            }
            let signed = usize::from(matches!(self.byte(1), Some(b'+' | b'-')));
            if matches!(self.byte(0), Some(b'e' | b'E')) && self.byte(1 + signed).is_some_and(|b| b.is_ascii_digit()) {
                self.at += 1 + signed;
                self.skip(|b| b.is_ascii_digit() || b == b'_');
            }
        }
        let glued = self.byte(0).is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !glued {
            return match self.variable() {
                Some(_) => Ok((Kind::Word, self.word())),
                None => Ok((Kind::Number, false)),
            };
        }
        // A duration, or a number with letters after it.
        self.skip(|b| b.is_ascii_alphanumeric() || b == b'_');
        if self.variable().is_some() {
            return Ok((Kind::Word, self.word()));
        }
        let span = Span::new(start, self.at);
        let word = span.text(self.text);
        match duration(word) {
            Some(_) => Ok((Kind::Duration, false)),
            None => Err(ParseError::new(format!("`{word}` is neither a number nor a duration"), span)
                .help("a duration is numbers with units in falling order: `1h30m`, `500ms`; units: y w d h m s ms")),
        }
    }

    fn skip(&mut self, take: impl Fn(u8) -> bool) {
        self.at += self.rest().bytes().take_while(|&b| take(b)).count();
    }

    fn string(&mut self, quote: u8) -> Result<(), ParseError> {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.byte(0) {
            match byte {
                b if b == quote => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' if quote != b'`' => self.at += 2,
                b'\n' if quote != b'`' => break,
                _ => self.at += 1,
            }
        }
        Err(ParseError::new("string without an end", Span::new(start, start + 1)))
    }

    fn punct(&mut self, byte: u8) -> Result<(), ParseError> {
        let two = self.rest().get(..2).unwrap_or("");
        if matches!(two, "==" | "!=" | ">=" | "<=" | "=~" | "!~") {
            self.at += 2;
            return Ok(());
        }
        match byte {
            b'[' => self.brackets += 1,
            b']' => self.brackets = self.brackets.saturating_sub(1),
            b'(' | b')' | b'{' | b'}' | b',' | b'=' | b'+' | b'-' | b'*' | b'/' | b'%' | b'^' | b'<' | b'>' | b'@' | b':' => {}
            _ => {
                let c = self.rest().chars().next().unwrap_or(' ');
                let span = Span::new(self.at, self.at + c.len_utf8());
                let error = ParseError::new(format!("unexpected character `{c}`"), span);
                // LogQL's pipes, after a selector in braces; no character of PromQL.
                return Err(if byte == b'|' && self.text.contains('{') { error.foreign() } else { error });
            }
        }
        self.at += 1;
        Ok(())
    }
}

/// Seconds of a duration such as `1h30m`.
pub(crate) fn duration(word: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 7] =
        [("y", 365.0 * 86400.0), ("w", 7.0 * 86400.0), ("d", 86400.0), ("h", 3600.0), ("m", 60.0), ("s", 1.0), ("ms", 0.001)];
    let (mut rest, mut seconds, mut next) = (word, 0.0, 0);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let n: f64 = rest.get(..digits)?.parse().ok()?;
        let tail = rest.get(digits..)?;
        let letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
        let unit = tail.get(..letters)?;
        let at = UNITS.iter().position(|(u, _)| *u == unit)?;
        if at < next {
            return None;
        }
        next = at + 1;
        seconds += n * UNITS.get(at)?.1;
        rest = tail.get(letters..)?;
    }
    (!word.is_empty()).then_some(seconds)
}

/// The value of a number token.
pub(super) fn number(word: &str) -> Option<f64> {
    let word = word.replace('_', "");
    if let Some(hex) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        return u64::from_str_radix(hex, 16).ok().map(|n| n as f64);
    }
    if word.len() > 1 && word.starts_with('0') && word.bytes().all(|b| (b'0'..b'8').contains(&b)) {
        // As Go reads it: octal.
        return u64::from_str_radix(&word, 8).ok().map(|n| n as f64);
    }
    word.parse().ok()
}

/// The decoded text of a string token, quotes included in `raw`.
pub(super) fn unquote(raw: &str, span: Span) -> Result<String, ParseError> {
    let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or("");
    if raw.starts_with('`') || !inner.contains('\\') {
        return Ok(inner.to_owned());
    }
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let error = |len: usize| {
            let start = span.start as usize + 1 + at;
            let escape = inner.get(at..at + len).unwrap_or("\\");
            ParseError::new(format!("unknown escape `{escape}` in a string"), Span::new(start, start + escape.len()))
                .help("write a backslash of a regular expression twice, or put the string into backticks")
        };
        let (_, kind) = chars.next().ok_or_else(|| error(1))?;
        let mut code = |digits: usize, radix: u32, first: &str| {
            let mut word = first.to_owned();
            word.extend(chars.by_ref().take(digits).map(|(_, c)| c));
            (word.len() == first.len() + digits).then(|| u32::from_str_radix(&word, radix).ok()).flatten()
        };
        let decoded = match kind {
            'a' => Some('\x07'),
            'b' => Some('\x08'),
            'f' => Some('\x0c'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\x0b'),
            '\\' | '"' | '\'' => Some(kind),
            'x' => code(2, 16, "").and_then(char::from_u32),
            'u' => code(4, 16, "").and_then(char::from_u32),
            'U' => code(8, 16, "").and_then(char::from_u32),
            '0'..='7' => code(2, 8, &kind.to_string()).and_then(char::from_u32),
            _ => None,
        };
        out.push(decoded.ok_or_else(|| error(1 + kind.len_utf8()))?);
    }
    Ok(out)
}
