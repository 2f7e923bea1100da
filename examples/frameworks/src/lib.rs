//! Trace ids on every line, including access lines, with frameworks that are not built on tower.

pub mod actix;
pub mod bare_hyper;
pub mod lambda;
pub mod reqwest_0_12;
