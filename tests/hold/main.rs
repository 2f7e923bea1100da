//! Lines that are held until their trace is released.

mod causes;
mod layers;
mod limits;
mod property;
mod scene;
#[cfg(feature = "setup")]
mod setup;
#[path = "../support/mod.rs"]
mod support;
mod table;
