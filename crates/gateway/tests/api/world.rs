//! A gateway with everything behind it, and a client.

use std::sync::Arc;
use std::time::Duration;

use attachments::scan::Scanner;
use attachments::{Store, Thumbnails, Uploads, thumbnail, uploads};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request};
use domain::{Epoch, GlobalPosition, Timestamp};
use engine::Engine;
use eventlog::{Clock, EventLog, ManualClock, MemoryLog, MemoryOptions};
use gateway::{AttachmentPorts, Config, Gateway, NoDispatcher, PartsStatus, Ports};
use http_body_util::BodyExt;
use jiff::tz::TimeZone;
use projector::{Projector, ProjectorOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;
use tower::ServiceExt;

/// 08:00 on a Monday in Shanghai.
pub(crate) const MONDAY: &str = "2026-03-02T00:00:00Z";

/// The log's id: as wide as real ones are.
pub(crate) const LOG_ID: u128 = 0x89ec_85dc_20ef_4ae1_8f48_af68_d3cc_c9a9;

pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) router: Router,
    ports: Ports,
    /// The bytes of attachments; gone with the last world over them.
    files: Arc<TempDir>,
    _projector: Projector,
}

/// What a client sees.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) bytes: Bytes,
}

impl Reply {
    /// Status and body together.
    pub(crate) fn seen(&self) -> (u16, &Value) {
        (self.status, &self.body)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a readable header"))
    }

    /// A member of the body that is text.
    pub(crate) fn text(&self, name: &str) -> String {
        let text = self.body[name].as_str();
        text.unwrap_or_else(|| panic!("no {name} in {}", self.body)).to_owned()
    }

    pub(crate) fn position(&self) -> u64 {
        self.body["position"].as_u64().unwrap_or_else(|| panic!("no position in {}", self.body))
    }

    /// The status and the name of the problem.
    pub(crate) fn problem(&self) -> (u16, &str) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        assert_eq!(self.body["status"], self.status);
        let kind = self.body["type"].as_str().unwrap_or_default();
        (self.status, kind.strip_prefix("urn:paidan:problem:").expect("a name of ours"))
    }
}

/// A request that is being put together.
pub(crate) struct Asking<'a> {
    world: &'a World,
    request: axum::http::request::Builder,
    body: Body,
}

impl Asking<'_> {
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value), ..self }
    }

    pub(crate) fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub(crate) fn actor(self, actor: &str) -> Self {
        self.header("paidan-actor", actor)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    pub(crate) fn raw(self, content_type: &str, body: impl Into<Body>) -> Self {
        let asking = self.header("content-type", content_type);
        Self { body: body.into(), ..asking }
    }

    pub(crate) async fn send(self) -> Reply {
        let request = self.request.body(self.body).expect("a request");
        let response = self.world.router.clone().oneshot(request).await.expect("never fails");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a whole body").to_bytes();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Reply { status: parts.status.as_u16(), headers: parts.headers, body, bytes }
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Config::default(), Arc::new(NoDispatcher))
    }

    pub(crate) fn with(config: Config, parts: Arc<dyn PartsStatus>) -> Self {
        Self::made(config, parts, usize::MAX)
    }

    /// With a log that queues so many appends.
    pub(crate) fn with_queue(appends_max: usize) -> Self {
        Self::made(Config::default(), Arc::new(NoDispatcher), appends_max)
    }

    fn made(config: Config, parts: Arc<dyn PartsStatus>, queue_appends_max: usize) -> Self {
        let clock = ManualClock::new(MONDAY.parse().expect("a moment"));
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let options =
            MemoryOptions { log_id: Some(LOG_ID), epoch: Epoch::FIRST, queue_appends_max };
        let log = Arc::new(MemoryLog::with(Arc::clone(&shared), &options).expect("a log"));
        let files = Arc::new(directory());
        let ports = attachments(&files, None, upload_limits());
        Self::over(log, clock, config, parts, files, ports)
    }

    /// With a scanner of viruses.
    pub(crate) fn scanned(scanner: Arc<dyn Scanner>) -> Self {
        let Self { clock, log, files, .. } = Self::new();
        let ports = attachments(&files, Some(scanner), upload_limits());
        Self::over(log, clock, Config::default(), Arc::new(NoDispatcher), files, ports)
    }

    /// With other bounds of uploads than those of `upload_limits`.
    pub(crate) fn limited(config: Config, limits: uploads::Limits) -> Self {
        let Self { clock, log, files, .. } = Self::new();
        let ports = attachments(&files, None, limits);
        Self::over(log, clock, config, Arc::new(NoDispatcher), files, ports)
    }

    /// As after a restart: the same log, and everything else anew.
    pub(crate) fn restarted(self) -> Self {
        self.gateway.close();
        let Self { clock, log, files, .. } = self;
        let ports = attachments(&files, None, upload_limits());
        Self::over(log, clock, Config::default(), Arc::new(NoDispatcher), files, ports)
    }

    fn over(
        log: Arc<MemoryLog>,
        clock: ManualClock,
        config: Config,
        parts: Arc<dyn PartsStatus>,
        files: Arc<TempDir>,
        attachments: AttachmentPorts,
    ) -> Self {
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let as_log: Arc<dyn EventLog> = Arc::clone(&log) as _;
        let engine = Engine::new(Arc::clone(&as_log), Arc::clone(&shared), Default::default());
        let projector = Projector::start(Arc::clone(&as_log), ProjectorOptions::default())
            .expect("the projector starts");
        let ports = Ports {
            engine: Arc::new(engine),
            log: as_log,
            read_models: Arc::clone(projector.models()),
            snapshots: None,
            rebuilds: Some(Arc::clone(projector.workbench())),
            clock: shared,
            parts,
            attachments: Some(attachments),
        };
        let gateway = Gateway::new(ports.clone(), config);
        let router = gateway::router(Arc::clone(&gateway));
        Self { clock, log, gateway, router, ports, files, _projector: projector }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> Asking<'_> {
        let request = Request::builder().method(method).uri(path);
        Asking { world: self, request, body: Body::empty() }
    }

    pub(crate) fn get(&self, path: &str) -> Asking<'_> {
        self.request(Method::GET, &format!("/api/v1{path}"))
    }

    pub(crate) fn post(&self, path: &str) -> Asking<'_> {
        self.request(Method::POST, &format!("/api/v1{path}"))
    }

    pub(crate) fn put(&self, path: &str) -> Asking<'_> {
        self.request(Method::PUT, &format!("/api/v1{path}"))
    }

    /// Where the bytes of attachments are.
    pub(crate) fn attachments(&self) -> &AttachmentPorts {
        self.ports.attachments.as_ref().expect("worlds have attachments")
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn log_watch(&self) -> watch::Receiver<GlobalPosition> {
        self.log.watch()
    }

    pub(crate) fn log_head(&self) -> u64 {
        self.log.head().position.get()
    }

    pub(crate) fn pass(&self, span: Duration) {
        self.clock.advance(span);
    }

    /// Waits until all read models have what is in the log.
    pub(crate) async fn settled(&self) -> GlobalPosition {
        let head = self.log.head().position;
        for model in projector::ModelName::ALL {
            let waited = self.ports.read_models.wait_for(model, head, Duration::from_secs(10));
            waited.await.expect("the model gets there");
        }
        head
    }

    /// An outlet, and an engineer of it who is on duty; their ids.
    pub(crate) async fn firm(&self) -> (String, String) {
        let outlet = self.put("/outlets/PD").json(&json!({"name": "浦东"})).send().await;
        assert_eq!(outlet.status, 200, "{}", outlet.body);
        let engineer = self.engineer("E1").await;
        (outlet.text("id"), engineer)
    }

    /// An engineer of the outlet who is on duty.
    pub(crate) async fn engineer(&self, code: &str) -> String {
        let outlet = domain::OutletId::from_code("PD");
        let entry = json!({"outlet": outlet, "name": format!("工程师 {code}"), "capacity": 3});
        let put = self.put(&format!("/engineers/{code}")).json(&entry).send().await;
        assert_eq!(put.status, 200, "{}", put.body);
        let duty = self.post(&format!("/engineers/{code}/on-duty")).send().await;
        assert_eq!(duty.status, 200, "{}", duty.body);
        put.text("id")
    }

    /// A ticket; its id.
    pub(crate) async fn ticket(&self) -> String {
        let report = json!({"sentence": "冲床咔哒两声就停了"});
        let created = self.post("/tickets").json(&report).send().await;
        assert_eq!(created.status, 201, "{}", created.body);
        created.text("id")
    }

    /// Sends a command that is carried out.
    pub(crate) async fn done(&self, path: &str, body: Value) -> Reply {
        let reply = self.post(path).json(&body).send().await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply
    }
}

/// In memory where that is possible: nothing here has to outlast a power cut.
fn directory() -> TempDir {
    let shared_memory = std::path::Path::new("/dev/shm");
    let made = if shared_memory.is_dir() {
        tempfile::tempdir_in(shared_memory)
    } else {
        tempfile::tempdir()
    };
    made.expect("a directory")
}

/// Bounds of uploads that leave the machine's disk out of it.
pub(crate) fn upload_limits() -> uploads::Limits {
    uploads::Limits {
        disk_reserve_bytes: 0,
        open_per_client_max: 20,
        file_bytes_max: Config::default().attachments.file_bytes_max,
        ..uploads::Limits::default()
    }
}

/// What keeps bytes, in a directory. Opened on a runtime of its own, as worlds are made anywhere.
fn attachments(
    files: &TempDir,
    scanner: Option<Arc<dyn Scanner>>,
    limits: uploads::Limits,
) -> AttachmentPorts {
    let at = |name: &str| files.path().join(name);
    let (bytes, uploads, small) = (at("attachments"), at("uploads"), at("thumbnails"));
    let open = async move {
        let store = Store::local(bytes).await.expect("a store");
        let zone = TimeZone::UTC;
        let uploads = Uploads::open(uploads, store.clone(), limits, zone).await.expect("uploads");
        let limits = thumbnail::Limits::default();
        let thumbnails = Thumbnails::open(small, store.clone(), limits).await.expect("thumbnails");
        AttachmentPorts { store, uploads, thumbnails, scanner }
    };
    let opened = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(open)
    });
    opened.join().expect("opened")
}
