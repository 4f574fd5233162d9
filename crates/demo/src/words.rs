//! What people say besides the report itself. Engineers type little: many of these are used rarely.

/// Told on the telephone or in a chat, when there is only a picture of it.
pub(crate) const PHOTO_ONLY: &[&str] = &["看照片", "就是图上这个", "拍了照片，你们看一下", "见图"];
/// Somebody whose words say nothing more than that.
pub(crate) const VAGUE: &[&str] =
    &["坏了", "又坏了", "不行了，来个人", "东西用不了", "麻烦派人看看"];
/// The same fault once more.
pub(crate) const AGAIN: &[&str] =
    &["刚才报过了，怎么还没人来", "还是这个问题，再报一次", "我同事也报了，快点"];
/// Added by the customer.
pub(crate) const DETAILS: &[&str] = &[
    "在二楼，从后门进",
    "中午12点到1点没人",
    "到了打我电话",
    "保安问就说找设备科",
    "刚才重启过，没用",
    "声音越来越大了",
];
/// 催单.
pub(crate) const URGES: &[&str] =
    &["到哪了？", "还要多久", "等了两个小时了", "老板在催", "今天能来吗"];
/// 已恢复.
pub(crate) const RECOVERED: &[&str] =
    &["已恢复", "自己好了，不用来了", "拔插头重启好了", "我们自己弄好了"];
/// 拒单.
pub(crate) const DECLINES: &[&str] =
    &["在外面，过不去", "这个型号不熟", "手上两个急的", "车坏在路上", ""];
/// 退单.
pub(crate) const RETURNS: &[&str] =
    &["要带叉车，派厂家", "不是我能修的，要懂PLC的", "客户不让进，改天"];
/// 完工; empty as often as not.
pub(crate) const DONE: &[&str] =
    &["", "", "", "好了", "换件，试机正常", "清洗后正常", "重装后正常", "紧固，观察"];
/// By telephone or from afar.
pub(crate) const DONE_REMOTELY: &[&str] =
    &["电话指导重启，恢复", "远程改了设置", "教客户换了纸路", ""];
/// 挂起.
pub(crate) const HOLDS: &[&str] = &["", "件在路上", "仓库没有，调货", "客户开会"];
/// 部分解决.
pub(crate) const PARTIAL: &[&str] = &["能用了，但还是有响声", "先凑合，等配件", "只修好一台", ""];
/// 未解决.
pub(crate) const UNRESOLVED: &[&str] =
    &["人走了又坏了", "根本没修好", "还是报警", "换了件还是一样，白等", ""];
/// 解决满意.
pub(crate) const SATISFIED: &[&str] = &["", "", "", "师傅很快", "谢谢", "修得好，讲得也清楚"];
/// What an engineer writes who was asked.
pub(crate) const STATE: &[&str] = &["还在上一家", "堵车，半小时到", "在等客户开门", "快好了"];
/// After a call-back.
pub(crate) const CALLED_BACK: &[&str] = &["回访：已正常使用", "回访：配件到了再约", "客户同意结单"];
/// Nothing was behind an empty report.
pub(crate) const MISDIALLED: &[&str] = &["客户误触", "打错了，没有报修"];
/// What an agent writes down.
pub(crate) const DESK_NOTES: &[&str] =
    &["客户说下午在", "已告知大概时间", "客户电话占线，稍后再打"];
