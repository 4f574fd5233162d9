//! The kinds of problems: stable names, statuses and titles, in one table.

use axum::http::StatusCode;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $status:literal, $slug:literal, $title:literal, $title_zh:literal;)*) => {
        /// What kind of problem it is. Its name is part of the API and never changes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The `type` of the problem: `urn:paidan:problem:` and its name.
            pub const fn urn(self) -> &'static str {
                match self { $(Self::$name => concat!("urn:paidan:problem:", $slug),)* }
            }

            /// The status that it is answered with.
            pub const fn status(self) -> StatusCode {
                const fn status(number: u16) -> StatusCode {
                    match StatusCode::from_u16(number) {
                        Ok(status) => status,
                        Err(_) => panic!("the table has three-digit statuses only"),
                    }
                }
                match self { $(Self::$name => const { status($status) },)* }
            }

            /// A short title in English.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// The same in Chinese.
            pub const fn title_zh(self) -> &'static str {
                match self { $(Self::$name => $title_zh,)* }
            }
        }
    };
}

kinds! {
    // The rules say no.
    /// What the command is about does not exist.
    NotFound = 404, "not-found", "Not found", "不存在";
    /// What the command refers to does not exist.
    UnknownReference = 422, "unknown-reference", "It refers to something unknown", "引用的对象不存在";
    /// The id is in use.
    AlreadyExists = 409, "already-exists", "It exists already", "已存在";
    /// The ticket's state does not take the command.
    NotAllowed = 409, "not-allowed", "Not in this state", "当前状态不允许此操作";
    /// Somebody else was first.
    TakenBy = 409, "taken-by", "Somebody else has it", "已被他人接单";
    /// An agent has it in hand.
    ClaimedBy = 409, "claimed-by", "An agent has it in hand", "客服正在受理";
    /// Neither offered nor assigned to the engineer.
    NotOffered = 409, "not-offered", "Not offered to this engineer", "未派给该工程师";
    /// Another engineer's.
    NotYours = 409, "not-yours", "It belongs to another engineer", "工单属于其他工程师";
    /// The engineer's places are taken.
    NoFreePlace = 409, "no-free-place", "No free place", "工程师在手工单已满";
    /// The engineer is frozen.
    Frozen = 409, "frozen", "Dispatch is frozen", "派单已冻结";
    /// The engineer is off duty.
    NotOnDuty = 409, "not-on-duty", "Not on duty", "未上班";
    /// The customer was not satisfied with this engineer's work.
    LeftOut = 409, "left-out", "The engineer is left out", "该工程师已被排除";
    /// No longer with the firm.
    Retired = 409, "retired", "No longer with the firm", "已离职";
    /// A timer came early.
    NotDue = 409, "not-due", "Not due yet", "尚未到期";
    /// The time for it is over.
    TooLate = 409, "too-late", "Too late", "已过期限";
    /// The case goes on in another ticket.
    MergedInto = 409, "merged-into", "It goes on in another ticket", "工单已合并";
    /// The link would go in a circle.
    LinkChain = 409, "link-chain", "Links must not form a chain", "关联不能成链";
    /// There is no answer to take back.
    NoAnswer = 409, "no-answer", "No answer to take back", "没有可撤回的评价";
    /// A field is missing or wrong.
    Invalid = 422, "invalid-field", "A field is wrong", "字段有误";
    /// Rules that cannot take effect.
    InvalidRules = 422, "invalid-rules", "The rules cannot take effect", "规则无法生效";
    /// Nobody vouches for the bytes of an attachment.
    UnknownAttachment = 422, "attachment-unknown", "The attachment is not here", "附件不存在";
    /// The attachments of a ticket would have too many bytes together.
    AttachmentsTooLarge = 422, "attachments-too-large", "Too many bytes of attachments", "工单附件总量超限";
    /// The bytes of an attachment were erased on purpose.
    AttachmentErased = 409, "attachment-erased", "The attachment was erased", "附件已永久删除";

    /// The rebuild of read models is not that far, or further.
    RebuildState = 409, "rebuild-state", "Not at this point of the rebuild", "重建尚不能如此操作";
    /// More rows differ than a swap is allowed.
    TooManyRows = 409, "too-many-rows", "Too many rows differ", "不同的行数超限";

    // The write side says no.
    /// The key was used for something else.
    KeyReused = 422, "idempotency-key-reused", "The key was used for something else", "幂等键已用于其他内容";
    /// A stale `If-Match`.
    VersionMismatch = 412, "version-mismatch", "It has changed meanwhile", "版本已变化";
    /// It is said to have happened in the future.
    ImplausibleTime = 422, "implausible-time", "It cannot have happened then", "发生时间不合理";
    /// Too much is queued.
    Busy = 503, "busy", "Too much at once", "系统繁忙";
    /// New work is not taken, so that the disk lasts for what was begun.
    DiskReserve = 507, "disk-reserve", "The disk is nearly full", "磁盘空间不足，暂不受理新报修";
    /// Nothing is taken, so that the disk does not fill up.
    DiskFull = 507, "disk-full", "The disk is full", "磁盘已满，暂停写入";
    /// Another writer was faster, which one write side rules out.
    Contended = 503, "contended", "Another writer was first", "写入冲突";
    /// It may or may not be recorded.
    OutcomeUnknown = 503, "outcome-unknown", "It is not known whether it was recorded", "结果未知";
    /// A record or an append is larger than it may be.
    RecordTooLarge = 413, "record-too-large", "Too much in one command", "单条内容过大";
    /// The clock jumped.
    ClockJumped = 503, "clock-jumped", "The server's clock jumped", "服务器时钟跳变";
    /// The log takes nothing until it is opened again.
    LogRefuses = 503, "log-refuses", "The log takes nothing until a restart", "日志拒绝写入";
    /// Keys of personal data cannot be read or made.
    KeysUnavailable = 503, "keys-unavailable", "Keys cannot be read", "密钥不可用";
    /// The store failed.
    StoreFailed = 503, "store-failed", "The store failed", "存储故障";
    /// Stored bytes are not what was written.
    LogDamaged = 500, "log-damaged", "The log is damaged", "日志损坏";
    /// An event of a newer release.
    LogNewer = 500, "log-newer", "The log is newer than this release", "日志版本过新";
    /// History that makes no sense.
    HistoryDamaged = 500, "history-damaged", "The history makes no sense", "历史记录损坏";

    // The request is not one.
    /// No such address.
    NoRoute = 404, "no-route", "No such address", "地址不存在";
    /// No such verb.
    UnknownVerb = 404, "unknown-verb", "No such verb", "操作不存在";
    /// The address takes other methods.
    MethodNotAllowed = 405, "method-not-allowed", "Not with this method", "请求方法不允许";
    /// A path that cannot be read.
    BadPath = 400, "bad-path", "The address cannot be read", "地址格式有误";
    /// A query that cannot be read.
    BadQuery = 400, "bad-query", "The query cannot be read", "查询参数有误";
    /// A header that cannot be read.
    BadHeader = 400, "bad-header", "A header cannot be read", "请求头有误";
    /// Not JSON.
    BrokenJson = 400, "broken-json", "The body is not JSON", "请求体不是合法 JSON";
    /// JSON of another shape.
    WrongBody = 422, "wrong-body", "The body has another shape", "请求体字段有误";
    /// Another media type.
    NotJson = 415, "not-json", "JSON only", "仅接受 JSON";
    /// Another media type where a sheet is expected.
    NotCsv = 415, "not-csv", "CSV only", "仅接受 CSV";
    /// Another media type where many commands are expected.
    NotNdjson = 415, "not-ndjson", "NDJSON only", "仅接受 NDJSON";
    /// A sheet has errors.
    SheetErrors = 422, "sheet-errors", "The sheet has errors", "表格有误";
    /// The body is too large.
    BodyTooLarge = 413, "body-too-large", "The body is too large", "请求体过大";
    /// The body did not arrive.
    BodyNotReceived = 408, "body-not-received", "The body did not arrive", "请求体未完整到达";
    /// A page of another site sent it.
    CrossSite = 403, "cross-site", "Not from another site's page", "拒绝跨站请求";

    // Bytes on their way in.
    /// No such upload.
    UploadNotFound = 404, "upload-not-found", "No such upload", "上传不存在";
    /// The upload ran out of time, or its bytes were erased.
    UploadGone = 410, "upload-gone", "The upload is gone", "上传已失效";
    /// Another request writes the upload.
    UploadLocked = 423, "upload-locked", "Another request writes this upload", "上传正在被写入";
    /// The upload is elsewhere than the request believes.
    UploadOffset = 409, "upload-offset", "The upload is at another byte", "上传位置不一致";
    /// A file is larger than any may be.
    FileTooLarge = 413, "file-too-large", "The file is too large", "文件过大";
    /// The bytes are not those that were sent.
    ChecksumMismatch = 460, "checksum-mismatch", "The bytes arrived changed", "校验和不一致";
    /// Another version of tus.
    TusVersion = 412, "tus-version", "tus 1.0.0 only", "仅支持 tus 1.0.0";
    /// Another media type where a file is expected.
    NotUpload = 415, "not-upload", "Not how files are sent", "上传格式不支持";
    /// A client has too many unfinished uploads.
    TooManyUploads = 429, "too-many-uploads", "Too many unfinished uploads", "未完成的上传过多";
    /// The disk has no room for a file.
    NoRoom = 507, "no-room", "No room for this file", "存储空间不足";
    /// What had arrived of an upload is not there any more.
    UploadDamaged = 500, "upload-damaged", "The upload is damaged", "上传数据损坏";

    // Bytes on their way out.
    /// An event names bytes that are not in the store.
    AttachmentMissing = 404, "attachment-missing", "The attachment's bytes are missing", "附件内容缺失";
    /// Taken out of view.
    AttachmentRemoved = 404, "attachment-removed", "Taken out of view", "附件已移除";
    /// Not to be shown until it is released.
    AttachmentQuarantined = 403, "attachment-quarantined", "In quarantine", "附件已隔离";
    /// Erased on purpose.
    AttachmentGone = 410, "attachment-gone", "Erased for good", "附件已永久删除";
    /// A range that is not within the bytes.
    RangeNotSatisfiable = 416, "range-not-satisfiable", "Not within the bytes", "请求范围无效";
    /// It cannot be shown small.
    NoThumbnail = 415, "no-thumbnail", "It cannot be shown small", "无法生成缩略图";

    // Reads.
    /// A read model is not that far yet.
    ReadModelLags = 503, "read-model-lags", "The read model is not that far yet", "读模型尚未更新";
    /// A read model stopped at an event.
    ReadModelFaulted = 503, "read-model-faulted", "The read model stopped", "读模型已停止";
    /// A cursor of another log or epoch.
    CursorVoid = 410, "cursor-void", "The cursor is void", "游标已失效";
    /// Too many streams.
    TooManyStreams = 503, "too-many-streams", "Too many streams", "订阅数已达上限";
    /// A mistake of ours.
    Internal = 500, "internal", "A mistake of ours", "内部错误";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_and_titles_of_its_own() {
        let names: std::collections::HashSet<_> = Kind::ALL.iter().map(|kind| kind.urn()).collect();
        assert_eq!(names.len(), Kind::ALL.len());
        for kind in Kind::ALL {
            assert!(kind.status().is_client_error() || kind.status().is_server_error());
            assert!(!kind.title().is_empty() && !kind.title_zh().is_ascii(), "{kind:?}");
        }
    }
}
