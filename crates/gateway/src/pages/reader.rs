//! Who reads: in which language, light or dark. A choice is made by a link (`?lang=en`,
//! `?theme=dark`), kept in a cookie for a year, and needs no script.

use std::convert::Infallible;
use std::sync::Arc;

use ::pages::{Frame, Theme};
use axum::extract::{FromRequestParts, Request};
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, HeaderMap, HeaderName, LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use words::Language;

use crate::Gateway;

const LANGUAGE: &str = "lang";
const THEME: &str = "theme";
const YEAR_S: u32 = 365 * 24 * 60 * 60;

/// The frame of a page for whoever asks for it.
pub(super) struct Reader(pub(super) Frame);

impl FromRequestParts<Arc<Gateway>> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        gateway: &Arc<Gateway>,
    ) -> Result<Self, Infallible> {
        Ok(Self(Frame {
            language: language(&parts.headers),
            theme: cookie(&parts.headers, THEME).and_then(|it| it.parse().ok()).unwrap_or_default(),
            path: parts.uri.path().to_owned(),
            kept: String::new(),
            simulated: gateway.config().simulated,
        }))
    }
}

fn language(headers: &HeaderMap) -> Language {
    let chosen = cookie(headers, LANGUAGE).and_then(|chosen| chosen.parse().ok());
    chosen.unwrap_or_else(|| {
        let preferred = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        preferred.map(Language::preferred).unwrap_or_default()
    })
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}

/// Keeps a choice in a cookie and sends the browser back to the same page without it.
pub(super) async fn remember_choice(request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let query = request.uri().query().filter(|_| is_read).unwrap_or_default();
    let mut kept = Vec::new();
    let mut rest = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some((LANGUAGE, value)) if value.parse::<Language>().is_ok() => kept.push(pair),
            Some((THEME, value)) if value.parse::<Theme>().is_ok() => kept.push(pair),
            _ => rest.push(pair),
        }
    }
    if kept.is_empty() {
        let mut response = next.run(request).await;
        // The same address answers in two languages.
        let vary = HeaderName::from_static("vary");
        response.headers_mut().append(vary, HeaderValue::from_static("Accept-Language, Cookie"));
        return response;
    }
    let path = request.uri().path();
    let target =
        if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) };
    let mut headers = HeaderMap::new();
    // Both come from an address, which has visible ASCII only.
    if let Ok(location) = HeaderValue::try_from(target) {
        headers.insert(LOCATION, location);
    }
    for pair in kept {
        let cookie = format!("{pair}; Path=/; Max-Age={YEAR_S}; SameSite=Lax; HttpOnly");
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            headers.append(SET_COOKIE, cookie);
        }
    }
    (StatusCode::SEE_OTHER, headers).into_response()
}
