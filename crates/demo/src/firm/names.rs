//! Names, places and rosters of the invented firm. No person, firm or number here exists.

/// The firm.
pub const FIRM: &str = "云州明川设备服务公司（虚构）";

/// Areas: code, name.
pub(super) const AREAS: [(&str, &str); 3] =
    [("A-E", "城东片区"), ("A-W", "城西片区"), ("A-N", "江北片区")];

type Outlet = (&'static str, &'static str, usize, &'static str, (i32, i32));

/// Outlets: code, name, area, service hours, degrees north and east in ten-thousandths.
pub(super) const OUTLETS: [Outlet; 6] = [
    ("O-1", "望湖网点", 0, "Mon-Fri 08:00-18:00; Sat 09:00-17:00", (312_210, 1_214_820)),
    ("O-2", "高新网点", 0, "Mon-Sat 08:00-18:00", (312_460, 1_215_390)),
    ("O-3", "石桥网点", 1, "Mon-Fri 08:00-18:00; Sat-Sun 09:00-16:00", (312_050, 1_213_870)),
    ("O-4", "机场路网点", 1, "Mon-Sun 08:00-20:00", (311_900, 1_213_340)),
    ("O-5", "临港网点", 2, "Mon-Sun 07:00-21:00", (313_120, 1_214_550)),
    ("O-6", "北站网点", 2, "Mon-Fri 08:00-18:00; Sat 09:00-17:00", (312_880, 1_214_010)),
];

/// What engineers can do: one skill for each type of device.
pub(super) const SKILLS: [&str; 6] = ["立加", "注塑", "制冷", "收银", "打印", "网络"];

/// The posts of an outlet, in order: skills and roster.
pub(super) const POSTS: [(&[usize], &str, u16); 5] = [
    (&[0, 1, 5], "Mon-Fri 08:00-17:30", 4),
    (&[3, 4, 5], "Mon-Fri 08:30-18:00", 4),
    (&[2, 3, 4, 1], "Tue-Sat 08:00-17:30", 4),
    (&[0, 2, 3, 5], "Thu-Mon 11:00-20:30", 4),
    (&[1, 2, 4], "Wed-Sun 08:00-17:30", 3),
];

/// Engineers, in the order of outlets and posts: 5, 5, 4, 4, 4, 4.
pub(super) const ENGINEERS: [&str; 26] = [
    "王立新",
    "陈国栋",
    "刘小军",
    "赵海波",
    "孙建平",
    "周文斌",
    "吴志强",
    "郑永康",
    "冯大伟",
    "褚向东",
    "卫东升",
    "蒋春来",
    "沈力",
    "韩雪峰",
    "杨启明",
    "朱红兵",
    "秦岭",
    "尤金生",
    "许可",
    "何平",
    "吕梁",
    "施工程",
    "张铁生",
    "孔祥瑞",
    "曹正",
    "严守一",
];

/// How many engineers an outlet has.
pub(super) const POSTS_OF_OUTLET: [usize; 6] = [5, 5, 4, 4, 4, 4];

/// Agents at the counter.
pub(super) const AGENTS: [(&str, &str); 4] =
    [("K1", "林晓"), ("K2", "高燕"), ("K3", "罗珊"), ("K4", "谢婷")];

/// Supervisors, one for each area; the deputy; the director.
pub(super) const STAFF: [(&str, &str); 5] =
    [("S1", "马骏"), ("S2", "唐建国"), ("S3", "苏敏"), ("V1", "丁一鸣"), ("Z1", "方致远")];

/// Makers of things: each has machines.
pub(super) const FACTORIES: [&str; 18] = [
    "鼎盛精密模具",
    "沪东机械二分厂",
    "联众汽配",
    "恒达注塑",
    "三和轴承",
    "东方阀门",
    "新宇电子",
    "凯旋五金",
    "永兴塑胶",
    "金鹏齿轮",
    "大成机电",
    "宏图包装",
    "瑞丰压铸",
    "长河泵业",
    "远景光学",
    "立信紧固件",
    "正泰模架",
    "百川液压",
];

/// Where people work at desks.
pub(super) const OFFICES: [&str; 17] = [
    "云州第一会计所",
    "城东街道办",
    "江北小学",
    "博文书店",
    "蓝天旅行社",
    "华康门诊部",
    "云州晚报",
    "知行律师所",
    "望湖物业",
    "育才中学",
    "市民中心",
    "星河设计",
    "高新孵化器",
    "石桥派件站",
    "安居中介",
    "北站货运",
    "临港报关行",
];

/// Where people eat and buy.
pub(super) const SHOPS: [&str; 24] = [
    "老灶火锅望湖店",
    "甜心烘焙",
    "海味鲜超市",
    "福满楼",
    "绿源果蔬",
    "小城面馆",
    "奶茶研究所",
    "好邻居便利",
    "鑫鑫冷饮",
    "阿婆馄饨",
    "顺风烟酒",
    "金谷米行",
    "同德药房",
    "江北水产行",
    "汇鲜冷链",
    "临港食堂",
    "每日鲜奶站",
    "云中咖啡",
    "四季火锅",
    "大食代美食城",
    "百佳副食",
    "悦读咖啡",
    "北站快餐",
    "机场路酒店",
];

/// The chain store: one customer, a branch at every outlet and more.
pub(super) const CHAIN: &str = "优鲜一日便利（连锁）";

/// Branches of the chain store.
pub(super) const BRANCHES: [&str; 12] = [
    "望湖路店",
    "大学城店",
    "科技园店",
    "软件谷店",
    "石桥店",
    "西郊店",
    "机场路店",
    "会展店",
    "临港店",
    "码头店",
    "北站店",
    "老城门店",
];

/// Surnames of contacts.
pub(super) const CONTACTS: [&str; 12] = [
    "老李",
    "张经理",
    "王姐",
    "小陈",
    "刘主任",
    "周工",
    "吴老板",
    "徐店长",
    "孙会计",
    "胡师傅",
    "朱姐",
    "高班长",
];
