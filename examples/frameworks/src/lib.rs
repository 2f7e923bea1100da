//! Trace ids on every line, access lines included, with frameworks for which there is no tower layer.

pub mod actix;
pub mod bare_hyper;
pub mod lambda;
pub mod reqwest_0_12;
