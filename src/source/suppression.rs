//! Suppression comments: `reduse: allow(lint, until = "2027-01-31") reason`.
