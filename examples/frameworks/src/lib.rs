//! Trace ids on every line, access lines included, where there is no tower layer to put around the routes.

pub mod actix;
pub mod bare_hyper;
pub mod lambda;
pub mod reqwest_0_12;
