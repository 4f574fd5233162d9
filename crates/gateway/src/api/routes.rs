//! Addresses, each with what is said of it. The router and the document are made of the same
//! calls, so neither has an operation that the other has not.

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, get, on, post, put};

use super::operation::Operation;
use crate::Gateway;

/// A method, an address as the document writes it, and what is done there.
pub(super) type Described = (&'static str, String, Operation);

/// The router, and the operations that it was given.
#[derive(Default)]
pub(super) struct Routes {
    pub(super) router: Router<Arc<Gateway>>,
    pub(super) operations: Vec<Described>,
}

impl Routes {
    pub(super) fn get<H, T>(mut self, path: &str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, Arc<Gateway>>,
        T: 'static,
    {
        self.router = self.router.route(path, get(handler));
        self.operations.push(("get", path.to_owned(), operation));
        self
    }

    pub(super) fn post<H, T>(mut self, path: &str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, Arc<Gateway>>,
        T: 'static,
    {
        self.router = self.router.route(path, post(handler));
        self.operations.push(("post", path.to_owned(), operation));
        self
    }

    pub(super) fn put<H, T>(mut self, path: &str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, Arc<Gateway>>,
        T: 'static,
    {
        self.router = self.router.route(path, put(handler));
        self.operations.push(("put", path.to_owned(), operation));
        self
    }

    /// Any other method.
    pub(super) fn on<H, T>(
        mut self,
        (name, method): (&'static str, MethodFilter),
        path: &str,
        handler: H,
        operation: Operation,
    ) -> Self
    where
        H: Handler<T, Arc<Gateway>>,
        T: 'static,
    {
        self.router = self.router.route(path, on(method, handler));
        self.operations.push((name, path.to_owned(), operation));
        self
    }

    /// These too.
    pub(super) fn and(mut self, others: Self) -> Self {
        self.router = self.router.merge(others.router);
        self.operations.extend(others.operations);
        self
    }

    /// One handler for all verbs under an address; the document has each by itself.
    pub(super) fn verbs<H, T>(
        mut self,
        path: &str,
        handler: H,
        verbs: impl IntoIterator<Item = (&'static str, Operation)>,
    ) -> Self
    where
        H: Handler<T, Arc<Gateway>>,
        T: 'static,
    {
        self.router = self.router.route(&format!("{path}/{{verb}}"), post(handler));
        let described = |(verb, operation)| ("post", format!("{path}/{verb}"), operation);
        self.operations.extend(verbs.into_iter().map(described));
        self
    }
}
