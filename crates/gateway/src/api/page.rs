//! The document for programs, and a page that shows it to people: all of it from this binary.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde_json::Value;
use utoipa_swagger_ui::Config;

use crate::Gateway;
use crate::problem::{Kind, Problem};

/// As strict as that of the other pages, but for styles and pictures that Swagger UI writes into
/// the page itself.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; \
     base-uri 'none'",
);

/// `/openapi.json` and `/docs/`.
pub(super) fn router(document: &Value) -> Router<Arc<Gateway>> {
    let document: Arc<str> = document.to_string().into();
    let config = Config::new(["/openapi.json"])
        .use_base_layout()
        .doc_expansion("none")
        .default_models_expand_depth(-1)
        .filter(true)
        .display_operation_id(true)
        .validator_url("none");
    let docs = Router::new()
        .route("/docs", get(async || Redirect::permanent("/docs/")))
        .route("/docs/", get(index))
        .route("/docs/{file}", get(file))
        .layer(from_fn(policy))
        .with_state(Arc::new(config));
    Router::new().route("/openapi.json", get(json)).with_state(document).merge(docs)
}

async fn json(State(document): State<Arc<str>>) -> Response {
    ([(CONTENT_TYPE, "application/json")], document.to_string()).into_response()
}

type Shown = Arc<Config<'static>>;

async fn index(config: State<Shown>) -> Response {
    file(config, Path("index.html".to_owned())).await
}

async fn file(State(config): State<Shown>, Path(name): Path<String>) -> Response {
    match utoipa_swagger_ui::serve(&name, config) {
        Ok(Some(file)) => {
            let mut response =
                ([(CONTENT_TYPE, file.content_type)], file.bytes.into_owned()).into_response();
            let headers = response.headers_mut();
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            if file.gzpipped {
                headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            response
        }
        Ok(None) => Problem::new(Kind::NoRoute, "the docs page has no such file; begin at /docs/")
            .into_response(),
        Err(error) => Problem::failure(Kind::Internal, "the docs page could not be made", &*error)
            .into_response(),
    }
}

async fn policy(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
