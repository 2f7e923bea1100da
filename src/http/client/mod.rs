//! The tower layer for clients, the span of a request that is sent, and [`ClientRequest`] for clients that are not built on tower.

mod layer;
mod make_span;
mod request;
mod service;
mod span;

pub use self::{
    layer::ClientLayer, request::ClientRequest, service::ClientService, span::ClientSpan,
};
