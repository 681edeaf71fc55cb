//! From "a metric exists" to "this question is answered".

use crate::knowledge::systems::System;
use crate::model::{Bindings, Inventory, Policies};

/// Binds signals to the inventory's metrics and to the systems' queries.
pub fn bind(_inventory: &Inventory, _policies: &Policies, _systems: &[&System]) -> Bindings {
    Bindings::default()
}
