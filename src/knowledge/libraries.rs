//! `rules/libraries/`: what each constructor of a metrics library means.
