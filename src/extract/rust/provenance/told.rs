//! What names tell, where nothing else does.

use super::scope::{From, Scope};
use super::trace::Tracer;
use crate::knowledge::provenance::Says;
use crate::model::Provenance;
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind};

impl<'a> Tracer<'a, '_> {
    /// What a rule says of a name that stands alone.
    pub(super) fn by_name(&self, name: &str, span: Span, scope: &Scope<'a>) -> Option<Provenance> {
        self.named_so(name).map(|says| self.says(says, scope, span))
    }

    /// What a rule says of a field or method of something.
    pub(super) fn by_name_of(&self, whole: &'a Expr, name: &str, span: Span, scope: &Scope<'a>) -> Option<Provenance> {
        let says = self.named_so(name).filter(|says| !says.of_program || self.is_of_program(whole, scope))?;
        Some(self.says(says, scope, span))
    }

    /// What a rule says of a field, whatever it is one of.
    pub(super) fn by_name_of_any(&self, name: &str, span: Span, scope: &Scope<'a>) -> Option<Provenance> {
        self.named_so(name).filter(|says| !says.of_program).map(|says| self.says(says, scope, span))
    }

    /// What a rule says of a name in scope, of which `found` is all that is known.
    pub(super) fn by_name_in(&self, name: &str, from: From<'a>, found: &Provenance, span: Span, scope: &Scope<'a>) -> Option<Provenance> {
        let own = |value: &'a Expr| self.is_of_program(value, scope);
        let fits = |says: &Says| match from {
            _ if !says.of_program => true,
            From::Let(statement) => statement.init.as_ref().is_none_or(own),
            // What callers give is not known, and may be anything.
            From::Param(..) => found.way.is_empty(),
            From::Part(_, value) => own(value),
            From::ParamPart(_, function, at) => {
                let ty = function.function.params.get(at).and_then(|p| p.ty.as_ref()?.path());
                ty.is_some_and(|path| self.names_program(path.last()))
            }
            _ => false,
        };
        self.named_so(name).filter(|says| fits(says)).map(|says| self.says(says, scope, span))
    }

    fn named_so(&self, name: &str) -> Option<&'static Says> {
        self.rules.names.find(name)
    }

    /// Whether a value is a part of the program itself, as far as names tell.
    fn is_of_program(&self, value: &'a Expr, scope: &Scope<'a>) -> bool {
        match &value.kind {
            ExprKind::Reference(inner) | ExprKind::Try(inner) | ExprKind::Await(inner) | ExprKind::Unary('*', inner) => {
                self.is_of_program(inner, scope)
            }
            ExprKind::Path(path) => match path.as_ident() {
                Some("self") => scope.self_ty.is_some_and(|ty| self.names_program(ty)),
                Some(name) => self.names_program(name) || self.type_of(value, scope).is_some_and(|ty| self.names_program(ty.name)),
                None => true,
            },
            ExprKind::Field(base, name) => self.names_program(name.as_str()) && self.is_of_program(base, scope),
            ExprKind::MethodCall(call) => self.is_of_program(&call.receiver, scope),
            ExprKind::Call(..) | ExprKind::Macro(_) | ExprKind::Lit(_) => true,
            _ => false,
        }
    }

    /// Whether a name is made of words for the program alone.
    fn names_program(&self, name: &str) -> bool {
        let mut words: Vec<String> = Vec::new();
        let mut lower = false;
        for letter in name.chars() {
            if letter == '_' || letter.is_uppercase() && lower {
                words.push(String::new());
            }
            lower = !letter.is_uppercase();
            if words.is_empty() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut().filter(|_| letter != '_') {
                word.extend(letter.to_lowercase());
            }
        }
        words.retain(|word| !word.is_empty());
        !words.is_empty() && words.iter().all(|word| self.rules.program.contains(word))
    }
}
