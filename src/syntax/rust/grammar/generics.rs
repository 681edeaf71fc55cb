//! Type parameters and their conditions.

use super::tokens::Kind;
use super::{Grammar, Read};
use crate::syntax::rust::tree::{Ident, Path};

/// Type parameters with the trait that each is bounded by first.
pub(super) type Bounded = Vec<(Ident, Path)>;

impl Grammar<'_> {
    /// `<'a, T: Bound = Default, const N: usize>`, where it is there.
    pub(super) fn type_params(&mut self) -> Read<Bounded> {
        let mut all = Vec::new();
        if !self.eat(b"<") {
            return Ok(all);
        }
        while !self.punct(b">") {
            self.outer_attrs()?;
            if self.kind(0) == Kind::Lifetime {
                self.lifetime_param()?;
            } else if self.keyword("const") {
                self.at += 1;
                self.name()?;
                self.expect(b":")?;
                self.ty()?;
                if self.eat(b"=") {
                    if self.is_name() {
                        self.at += 1;
                    } else {
                        self.const_argument()?;
                    }
                }
            } else {
                let name = self.name()?;
                if self.eat(b":") {
                    let ends = |this: &Self| this.is_empty() || this.punct(b",") || this.punct(b">") || this.punct(b"=");
                    let bound = self.first_bound(ends)?;
                    all.extend(bound.map(|path| (name, path)));
                }
                if self.eat(b"=") {
                    self.ty()?;
                }
            }
            if self.punct(b">") {
                break;
            }
            self.expect(b",")?;
        }
        self.expect(b">")?;
        Ok(all)
    }

    /// Bounds with `+` between them: the first trait that says what a type can do.
    fn first_bound(&mut self, ends: impl Fn(&Self) -> bool) -> Read<Option<Path>> {
        let mut found = None;
        while !ends(self) {
            let bound = self.bound()?;
            if found.is_none() {
                found = bound.map(|(path, _)| path).filter(|path| !crate::syntax::rust::tree::is_marker(path.last()));
            }
            if !self.eat(b"+") {
                break;
            }
        }
        Ok(found)
    }

    /// Bounds of an item, which end where one of these is.
    pub(super) fn item_bounds(&mut self, ends: impl Fn(&Self) -> bool) -> Read<()> {
        while !ends(self) {
            self.bound()?;
            if ends(self) {
                break;
            }
            self.expect(b"+")?;
        }
        Ok(())
    }

    fn predicates_end(&self) -> bool {
        self.is_empty()
            || self.is_open(b'{')
            || self.punct(b",")
            || self.punct(b";")
            || self.punct(b":") && !self.punct(b"::")
            || self.punct(b"=")
    }

    /// `where T: Bound, 'a: 'b`, where it is there.
    pub(super) fn conditions(&mut self, into: &mut Bounded) -> Read<()> {
        if !self.eat_keyword("where") {
            return Ok(());
        }
        while !self.predicates_end() {
            self.outer_attrs()?;
            if self.kind(0) == Kind::Lifetime && self.punct_at(1, b":") {
                self.lifetime_param()?;
            } else {
                if self.keyword("for") {
                    self.higher_ranked()?;
                }
                let name = self.bounded_name();
                self.ty()?;
                self.expect(b":")?;
                let bound = self.first_bound(Self::predicates_end)?;
                into.extend(name.zip(bound));
            }
            if !self.eat(b",") {
                break;
            }
        }
        Ok(())
    }

    /// The name that the type which comes next consists of.
    fn bounded_name(&self) -> Option<Ident> {
        let token = self.token(0).filter(|_| self.is_name() || self.keyword("Self"))?;
        (self.punct_at(1, b":") && !self.punct_at(1, b"::")).then(|| self.ident_of(token))
    }

    /// Whether what follows `impl` are type parameters, rather than a path that begins with `<`.
    pub(super) fn at_type_params(&self) -> bool {
        let named = self.kind(1) == Kind::Lifetime || self.is_name_at(1);
        let goes_on = self.punct_at(2, b">")
            || self.punct_at(2, b",")
            || self.punct_at(2, b"=")
            || self.punct_at(2, b":") && !self.punct_at(2, b"::");
        self.punct(b"<") && (self.punct_at(1, b">") || self.punct_at(1, b"#") || named && goes_on || self.keyword_at(1, "const"))
    }
}
