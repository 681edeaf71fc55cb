//! Values that were found before.

use std::sync::Arc;

use super::super::world::Place;
use super::{Env, Eval, Known, Value};

impl Eval<'_, '_> {
    /// The value that was found before. What is being looked at already has none: it would be defined by itself.
    pub(super) fn known(&self, place: Place, env: &Env) -> Option<Value> {
        let depth = self.depth.get() + 1;
        let mut plain = self.plain.borrow_mut();
        let mut around = self.around.borrow_mut();
        let known = match env {
            None => plain.entry(place).or_insert(Known::Open(0)),
            Some(level) => around.entry((place, Arc::as_ptr(level) as usize)).or_insert(Known::Open(0)),
        };
        match known {
            Known::Open(0) => {
                *known = Known::Open(depth);
                None
            }
            Known::Open(head) => {
                self.cut.set(self.cut.get().min(*head));
                Some(Value::Unknown("defined by itself"))
            }
            Known::Done { value, needs, .. } => {
                self.needs.borrow_mut().extend(needs.iter().copied());
                Some(value.clone())
            }
        }
    }

    pub(super) fn keep(&self, place: Place, env: &Env, known: Option<Known>) {
        let mut plain = self.plain.borrow_mut();
        let mut around = self.around.borrow_mut();
        match (env, known) {
            (None, Some(known)) => _ = plain.insert(place, known),
            (None, None) => _ = plain.remove(&place),
            (Some(level), Some(known)) => _ = around.insert((place, Arc::as_ptr(level) as usize), known),
            (Some(level), None) => _ = around.remove(&(place, Arc::as_ptr(level) as usize)),
        }
    }
}
