//! What the projector promises, one file per promise.

mod equality;
mod firm;
