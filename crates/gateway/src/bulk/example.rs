//! What many commands look like, for the API's document.

pub(crate) const EXAMPLE: &str = concat!(
    r#"{"verb":"create","key":"report-17","body":{"sentence":"冲床咔哒两声就停了"}}"#,
    "\n",
    r#"{"verb":"accept","ticket":"tk_01jd3nqz5e8y6b000000000000","key":"accept-17","actor":"engineer:code:E7"}"#,
    "\n",
    r#"{"verb":"fly","ticket":"12345-7"}"#,
    "\n",
);

pub(crate) const EXAMPLE_ANSWERS: &str = concat!(
    r#"{"line":1,"status":201,"key":"report-17","receipt":{"id":"tk_01jd3nqz5e8y6b000000000000","number":"12345-7","version":1,"position":12345,"recorded_at":"2026-03-01T00:30:00Z","repeated":false,"state":"waiting","allowed":["details","note","cancel"]}}"#,
    "\n",
    r#"{"line":2,"status":409,"key":"accept-17","problem":{"type":"urn:paidan:problem:not-offered","title":"Not offered to this engineer","title_zh":"未派给该工程师","status":409,"detail":"it is neither assigned nor offered to en_01jd3nqz5e8y6b000000000000; ask the supervisor to assign it to you","engineer":"en_01jd3nqz5e8y6b000000000000"}}"#,
    "\n",
    r#"{"line":3,"status":404,"key":"nightly-4/3","problem":{"type":"urn:paidan:problem:unknown-verb","title":"No such verb","title_zh":"操作不存在","status":404,"detail":"a ticket knows no `fly`; `verbs` has those that it knows","verbs":["accept"]}}"#,
    "\n",
);
