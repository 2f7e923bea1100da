//! The lines that container runtimes store. Each wraps a line of the container, or a part of a long one, with its time and its stream.
//!
//! | runtime | a line | source |
//! |---|---|---|
//! | Docker, log driver `json-file` | `{"log":"text\n","stream":"stdout","attrs":{…},"time":"2026-11-28T18:53:17.298748123Z"}` | `daemon/logger/jsonfilelog` of Moby |
//! | Kubernetes (containerd, CRI-O) and Podman (`k8s-file`) | `2026-11-28T18:53:17.298748123Z stdout F text` | "CRI: Log Management for Container Stdout/Stderr Streams" of Kubernetes, and `pkg/kubelet/kuberuntime/logs` |
//!
//! Both runtimes split lines of more than 16 KiB into parts. A [`Joiner`] joins them again.

mod cri;
mod docker;
mod joiner;
mod part;
mod string;
mod wrapping;

pub use self::{
    joiner::{Joined, Joiner},
    part::{Part, Stream},
    wrapping::Wrapping,
};
