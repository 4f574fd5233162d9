//! What all pages have in common.

use axum::http::Method;

use crate::world::World;

#[tokio::test]
async fn a_page_may_load_and_run_only_what_is_our_own() {
    let world = World::new();
    for path in ["/", "/tickets/nothing"] {
        let page = world.request(Method::GET, path).send().await;
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("cache-control"), "no-store");
        let html = page.body.as_str().expect("a page is no JSON");
        for forbidden in ["<script>", " style=", " onclick=", "//cdn", "https://"] {
            assert!(!html.contains(forbidden), "{path} has {forbidden}");
        }
    }
}

#[tokio::test]
async fn a_page_is_in_the_language_that_the_reader_prefers_or_chose() {
    let world = World::new();
    let language = async |accept: &str, cookie: &str| {
        let asking = world
            .request(Method::GET, "/")
            .header("accept-language", accept)
            .header("cookie", cookie);
        let page = asking.send().await;
        let html = page.body.as_str().expect("a page").to_owned();
        html.split("lang=\"").nth(1).and_then(|rest| rest.split('"').next().map(str::to_owned))
    };
    assert_eq!(language("en-GB,zh;q=0.5", "").await.as_deref(), Some("en"));
    assert_eq!(language("fr", "").await.as_deref(), Some("zh-CN"));
    assert_eq!(language("en", "theme=dark; lang=zh").await.as_deref(), Some("zh-CN"));
    assert_eq!(language("en", "lang=klingon").await.as_deref(), Some("en"));
}

#[tokio::test]
async fn a_choice_is_kept_and_the_reader_comes_back_to_the_same_page() {
    let world = World::new();
    let chosen = world.request(Method::GET, "/?lang=en&theme=dark&other=1").send().await;
    assert_eq!((chosen.status, chosen.header("location")), (303, "/?other=1"));
    let cookies: Vec<_> = chosen.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies.len(), 2);
    let neither = world.request(Method::GET, "/?lang=klingon").send().await;
    assert_eq!(neither.status, 200);
}

#[tokio::test]
async fn what_is_not_there_is_said_as_a_page() {
    let world = World::new();
    let page = world.request(Method::GET, "/tickets/tk_00000000000000000000000001").send().await;
    assert_eq!(page.status, 404);
    assert!(page.body.as_str().is_some_and(|html| html.contains("<!doctype html>")));
}

#[tokio::test]
async fn an_asset_is_kept_for_ever_and_compressed_for_who_can_read_it() {
    let world = World::new();
    let page = world.request(Method::GET, "/").send().await;
    let html = page.body.as_str().expect("a page");
    let href = html.split('"').find(|part| part.ends_with("paidan.css")).expect("a style sheet");
    let plain = world.request(Method::GET, href).send().await;
    assert_eq!(plain.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(plain.header("content-type"), "text/css; charset=utf-8");
    let compressed = world.request(Method::GET, href).header("accept-encoding", "gzip");
    assert_eq!(compressed.send().await.header("content-encoding"), "gzip");
    assert_eq!(world.request(Method::GET, "/assets/paidan.css").send().await.status, 404);
}
