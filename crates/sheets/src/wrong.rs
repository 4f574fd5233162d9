//! What can be wrong with a sheet, said in English and in Chinese: what it is, and what to do.

use domain::{CODE_CHARS_MAX, CodeError, HoursError, Rejection, ServiceHoursError};

use crate::sheet::{ColumnInfo, Sheet};
use crate::table::ROWS_MAX;
use crate::text::BYTES_MAX;

const MIB: usize = 1024 * 1024;

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: u64,
}

/// What is wrong. Where it is stands beside it, in a [`Fault`](crate::Fault).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Wrong {
    // A file.
    #[error("the file is larger than {} MiB; load it in parts", BYTES_MAX / MIB)]
    TooLarge,
    #[error("the file is a workbook, not a CSV; save each sheet as CSV (UTF-8)")]
    Workbook,
    #[error("the file is packed; unpack it")]
    Packed,
    #[error("the file is no text in UTF-8, UTF-16 or GB18030; save it as CSV (UTF-8)")]
    NotText,
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
    #[error("the file has no first row with the names of its columns")]
    NoHeader,
    #[error("the file has more than {ROWS_MAX} rows; load it in parts")]
    TooManyRows,
    #[error(
        "it is not clear which sheet this is{}; name the file areas.csv, outlets.csv, \
         engineers.csv, customers.csv or devices.csv", among(.0)
    )]
    WhichSheet(Vec<Sheet>),
    #[error("the column `{given}` is unknown{}; {sheet} have {}", nearest_is(.nearest, .given), names(*.sheet))]
    UnknownColumn { given: String, nearest: Option<ColumnInfo>, sheet: Sheet },
    #[error("the column `{0}` stands there twice; leave one of them out")]
    ColumnTwice(String),
    #[error("the column `{}` ({}) is missing", .0.name, .0.name_zh)]
    NoColumn(ColumnInfo),
    #[error("the column `{}` ({}) is missing, which a new entry needs", .0.name, .0.name_zh)]
    NoColumnForNew(ColumnInfo),

    // A row.
    #[error(
        "the row has {found} values and the first row {expected} columns; look for a missing or \
         superfluous separator or quotation mark"
    )]
    RowLength { found: usize, expected: usize },
    #[error("`{code}` stands in {} line {} already; leave one of them out", .first.file, .first.line)]
    CodeTwice { code: String, first: Place },
    #[error("it differs from {} line {}, which is of the same entry; write the same, or nothing", .0.file, .0.line)]
    Differs(Place),

    // A cell.
    #[error("it is empty; every entry needs it")]
    Needed,
    #[error("{0}")]
    Code(CodeError),
    #[error("write the firm's own code here, not an id")]
    IdForCode,
    #[error("{} {code} is in no file and not in the directory", .sheet.one())]
    NoSuch { sheet: Sheet, code: String },
    #[error("{} {code} is not in the directory, and {} line {} has errors", .sheet.one(), .place.file, .place.line)]
    HasErrors { sheet: Sheet, code: String, place: Place },
    #[error("it goes over several lines; look for a quotation mark that is not closed")]
    SeveralLines,
    #[error("{bytes} bytes are too long; at most {max}")]
    TooLong { bytes: usize, max: usize },
    #[error("there are more than {max} of them")]
    TooMany { max: usize },
    #[error("`{given}` is not a whole number from {min} to {max}")]
    NotANumber { given: String, min: u16, max: u16 },
    #[error("`{0}` is neither `yes` nor `no`")]
    NotYesNo(String),
    #[error("write degrees as a number from -{max} to {max}, such as 31.2304")]
    Degrees { max: u8 },
    #[error("`{0}` is neither `WGS-84` nor `GCJ-02`")]
    Datum(String),
    #[error("{0}")]
    Hours(HoursError),
    #[error("{0}")]
    ServiceHours(ServiceHoursError),
    #[error("`{0}` has no hours; write them after the date, or `closed`")]
    ExceptionHours(String),
    #[error("`{0}` is not a date; write it like `2026-10-01`")]
    Date(String),
    #[error("`{0}` is not a range of up to 100 dates; write it like `2026-10-01~2026-10-07`")]
    DateRange(String),
    #[error("`{0}` is not a time zone of the IANA database; write it like `Asia/Shanghai`")]
    Zone(String),
    #[error("`{0}` is not a role; write `reports`, `on_site` or `confirms`")]
    Role(String),
    #[error("a name or telephone number needs the staff code beside it")]
    NoStaffCode,
    #[error("the same person is `{first}` and `{second}`; write the same for both posts")]
    TwoCards { first: String, second: String },
    #[error("{0}")]
    Rejected(Rejection),
    #[error("it was not recorded: {0}")]
    NotRecorded(String),
}

/// Items with a separator between them.
fn joined<T: AsRef<str>>(items: impl IntoIterator<Item = T>, separator: &str) -> String {
    let items: Vec<_> = items.into_iter().collect();
    items.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(separator)
}

fn among(sheets: &[Sheet]) -> String {
    if sheets.is_empty() {
        return String::new();
    }
    format!(" ({})", joined(sheets.iter().map(|sheet| sheet.name()), " or "))
}

fn nearest_is(nearest: &Option<ColumnInfo>, given: &str) -> String {
    // In the language that the file is written in.
    let name = |column: &ColumnInfo| if given.is_ascii() { column.name } else { column.name_zh };
    nearest.map(|column| format!("; is it `{}`?", name(&column))).unwrap_or_default()
}

fn names(sheet: Sheet) -> String {
    joined(sheet.columns().iter().map(|column| column.name), ", ")
}

impl Wrong {
    /// The beginning of what stands in a file, to say it again.
    pub(crate) fn quoted(text: &str) -> String {
        text.chars().take(64).collect()
    }

    /// Whether another entry's errors are the reason.
    pub(crate) const fn follows_from_others(&self) -> bool {
        matches!(self, Self::HasErrors { .. })
    }

    /// The same in Chinese.
    pub(crate) fn zh(&self) -> String {
        match self {
            Self::TooLarge => format!("文件超过 {} MiB，请拆分后导入", BYTES_MAX / MIB),
            Self::Workbook => {
                "这是 Excel 工作簿，不是 CSV；请把每个工作表另存为 CSV（UTF-8）".into()
            }
            Self::Packed => "文件是压缩包，请先解压".into(),
            Self::NotText => "文件不是 UTF-8、UTF-16 或 GB18030 文本，请另存为 CSV（UTF-8）".into(),
            Self::Unreadable(why) => format!("文件无法读取：{why}"),
            Self::NoHeader => "文件第一行没有列名".into(),
            Self::TooManyRows => format!("文件超过 {ROWS_MAX} 行，请拆分后导入"),
            Self::WhichSheet(sheets) => {
                let among = joined(sheets.iter().map(|sheet| sheet.name_zh()), "、");
                let among =
                    if among.is_empty() { among } else { format!("（可能是{among}）") };
                format!(
                    "无法判断这是哪张表{among}；请将文件命名为 片区.csv、网点.csv、工程师.csv、\
                     客户.csv 或 设备.csv"
                )
            }
            Self::UnknownColumn { given, nearest, sheet } => {
                let nearest = nearest
                    .map(|column| format!("，是否为“{}”？", column.name_zh))
                    .unwrap_or_else(|| "；".into());
                let known = joined(sheet.columns().iter().map(|column| column.name_zh), "、");
                format!("未知的列“{given}”{nearest}{}表的列有：{known}", sheet.name_zh())
            }
            Self::ColumnTwice(given) => format!("列“{given}”重复，请删去一列"),
            Self::NoColumn(column) => format!("缺少列“{}”（{}）", column.name_zh, column.name),
            Self::NoColumnForNew(column) => {
                format!("缺少列“{}”（{}），新增条目必须填写", column.name_zh, column.name)
            }
            Self::RowLength { found, expected } => format!(
                "本行有 {found} 个值，首行有 {expected} 列；请检查是否多了或少了分隔符、引号"
            ),
            Self::CodeTwice { code, first } => {
                format!("“{code}”已出现在 {} 第 {} 行，请删去一处", first.file, first.line)
            }
            Self::Differs(first) => format!(
                "与同一条目的 {} 第 {} 行不一致；请填写相同内容或留空",
                first.file, first.line
            ),
            Self::Needed => "不能为空，每个条目都必须填写".into(),
            Self::Code(error) => code_zh(error),
            Self::IdForCode => "请填写企业自己的编号，不要填写系统 ID".into(),
            Self::NoSuch { sheet, code } => {
                format!("{}“{code}”不在任何文件中，也不在目录中", sheet.name_zh())
            }
            Self::HasErrors { sheet, code, place } => format!(
                "{}“{code}”不在目录中，而 {} 第 {} 行有错误",
                sheet.name_zh(),
                place.file,
                place.line
            ),
            Self::SeveralLines => "内容跨越多行，请检查引号是否闭合".into(),
            Self::TooLong { bytes, max } => format!("{bytes} 字节过长，最多 {max} 字节"),
            Self::TooMany { max } => format!("超过 {max} 个"),
            Self::NotANumber { given, min, max } => {
                format!("“{given}”不是 {min} 到 {max} 之间的整数")
            }
            Self::NotYesNo(given) => format!("“{given}”应为“是”或“否”"),
            Self::Degrees { max } => format!("请填写 -{max} 到 {max} 之间的度数，例如 31.2304"),
            Self::Datum(given) => format!("“{given}”应为 WGS-84 或 GCJ-02"),
            Self::Hours(error) => hours_zh(error),
            Self::ServiceHours(error) => service_hours_zh(error),
            Self::ExceptionHours(given) => {
                format!("“{given}”没有时间；请在日期后填写时间，或填写“休”")
            }
            Self::Date(given) => format!("“{given}”不是日期，请按 2026-10-01 的格式填写"),
            Self::DateRange(given) => {
                format!("“{given}”不是 100 天以内的日期范围，请按 2026-10-01~2026-10-07 的格式填写")
            }
            Self::Zone(given) => {
                format!("“{given}”不是 IANA 时区，请按 Asia/Shanghai 的格式填写")
            }
            Self::Role(given) => format!("“{given}”不是联系人角色，应为报修、现场或确认"),
            Self::NoStaffCode => "姓名或电话旁边必须填写工号".into(),
            Self::TwoCards { first, second } => {
                format!("同一个人既是“{first}”又是“{second}”，两个职务请填写相同内容")
            }
            Self::Rejected(rejection) => format!("字段有误（{rejection}）"),
            Self::NotRecorded(why) => format!("未能记录：{why}"),
        }
    }
}

fn code_zh(error: &CodeError) -> String {
    match error {
        CodeError::Id(error) => format!("ID 格式有误（{error}）"),
        CodeError::Empty => "编号必须是可见字符".into(),
        CodeError::TooLong => format!("编号最多 {CODE_CHARS_MAX} 个字符"),
    }
}

fn hours_zh(error: &HoursError) -> String {
    match error {
        HoursError::UnknownDay(day) => format!("“{day}”不是星期，请填写周一至周日"),
        HoursError::NotAWindow(times) => {
            format!("“{times}”不是时间段，请按 08:00-12:00 的格式填写，范围 00:00 到 24:00")
        }
        HoursError::NoDay(part) => {
            format!("“{part}”没有星期，请按“周一至周五 08:00-12:00”的格式填写")
        }
        HoursError::NoHours(part) => {
            format!("“{part}”没有时间，请按“周一至周五 08:00-12:00”的格式填写，或删去这一天")
        }
        HoursError::Empty(times) => format!("“{times}”是空的时间段；全天请写 00:00-24:00"),
        HoursError::Overlap { first, second } => {
            format!("“{first}”与“{second}”重叠，请合并为一个时间段")
        }
        HoursError::TooMany(count) => format!("一天有 {count} 个时间段，太多了"),
    }
}

fn service_hours_zh(error: &ServiceHoursError) -> String {
    match error {
        ServiceHoursError::UnknownZone(error) => format!("时区未知（{error}）"),
        ServiceHoursError::DateTwice(date) => format!("{date} 出现两次，请把当天的时间写在一处"),
        ServiceHoursError::TooManyExceptions(count) => format!("{count} 个特殊日期，太多了"),
    }
}
