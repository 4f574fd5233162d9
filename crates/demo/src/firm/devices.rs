//! Types of devices: models, the skill that repairs them, what goes wrong with them and what it was.

/// A type of device.
#[derive(Debug)]
pub(crate) struct DeviceType {
    /// The index of its skill.
    pub(super) skill: usize,
    /// Models, in the maker's own writing.
    pub(crate) models: &'static [&'static str],
    /// What people say when it does not work.
    pub(crate) complaints: &'static [&'static str],
    /// What they say when it cannot wait.
    pub(crate) alarms: &'static [&'static str],
    /// One-tap fault types with their causes.
    pub(crate) faults: &'static [(&'static str, &'static str)],
    /// Codes of parts that are often used.
    pub(crate) parts: &'static [&'static str],
    /// How often of a hundred it can be mended by telephone or from afar.
    pub(crate) remote_percent: u64,
}

/// All types.
pub(crate) const TYPES: [DeviceType; 6] = [
    DeviceType {
        skill: 0,
        models: &["GK-800立加", "GK-650立加", "VM-1160"],
        complaints: &[
            "GK-800立加第3轴异响",
            "冲床咔哒两声就停了",
            "主轴一转就报警，代码看不懂",
            "加工出来的件尺寸不对，昨天还好好的",
            "换刀换到一半卡住了",
            "X轴走一走顿一下",
            "冷却液不出来",
            "开机黑屏，按啥都没反应",
            "铁屑输送不动",
        ],
        alarms: &["整条线停机了，立加不转", "电柜冒烟了！快来人", "导轨漏油漏了一地"],
        faults: &[
            ("机械", "轴承磨损"),
            ("电气", "伺服驱动器报警"),
            ("刀库", "换刀臂松动"),
            ("冷却", "泵堵塞"),
        ],
        parts: &["BRG-7014", "SRV-750W", "PMP-2T"],
        remote_percent: 8,
    },
    DeviceType {
        skill: 1,
        models: &["HT-250注塑机", "HT-320注塑机"],
        complaints: &[
            "射不出胶",
            "产品老是缺料",
            "模具合不上",
            "料筒温度上不去",
            "打出来的件有黑点",
            "机械手不取件",
            "油温高，一直叫",
        ],
        alarms: &["注塑机漏油，地上都是", "机器停机，今天的货赶不出来了", "加热圈那里冒烟"],
        faults: &[
            ("温控", "加热圈烧断"),
            ("液压", "密封圈老化"),
            ("机械手", "感应开关移位"),
            ("射胶", "螺杆卡料"),
        ],
        parts: &["HTR-1KW", "SEAL-80", "SW-M12"],
        remote_percent: 6,
    },
    DeviceType {
        skill: 2,
        models: &["LC-1200冷柜", "BX-600冰箱", "ZB-300制冰机"],
        complaints: &[
            "冷柜不冷了，里面的货要化",
            "冰箱结了厚厚一层冰",
            "温度显示E4",
            "压缩机嗡嗡响不停",
            "制冰机不出冰",
            "冷柜门关不严",
            "底下一直滴水",
        ],
        alarms: &["冷库停机，一屋子海鲜", "冷柜后面冒烟，有焦味"],
        faults: &[
            ("制冷", "缺氟"),
            ("电气", "启动电容坏"),
            ("门封", "胶条变形"),
            ("排水", "管道结冰"),
        ],
        parts: &["CAP-35UF", "GASKET-12", "R404A"],
        remote_percent: 8,
    },
    DeviceType {
        skill: 3,
        models: &["PX-9收银机", "PX-9S自助收银"],
        complaints: &[
            "收银机卡在开机画面",
            "扫码枪扫不出来",
            "小票打一半没了",
            "会员卡刷不了",
            "钱箱弹不开",
            "收银机连不上总部",
            "触摸屏点这里跳那里",
            "扫码付款老是超时，后面排了好长的队",
        ],
        alarms: &["三台收银全停机，门口排长队"],
        faults: &[
            ("软件", "更新没装完"),
            ("网络", "路由器掉线"),
            ("外设", "打印头脏"),
            ("屏幕", "触摸失准"),
        ],
        parts: &["PRN-HEAD-58", "SCAN-2D"],
        remote_percent: 38,
    },
    DeviceType {
        skill: 4,
        models: &["M-4070复印机", "C-3320彩机"],
        complaints: &[
            "复印机老卡纸",
            "打出来一道一道的黑线",
            "打印机找不到了",
            "扫描发不到邮箱",
            "一直提示加碳粉，刚加的",
            "装订不出来",
        ],
        alarms: &["复印机冒烟，插头拔了"],
        faults: &[
            ("走纸", "搓纸轮磨损"),
            ("成像", "硒鼓划伤"),
            ("软件", "驱动丢失"),
            ("定影", "定影膜破"),
        ],
        parts: &["ROLLER-A4", "DRUM-4070", "FUSER-33"],
        remote_percent: 25,
    },
    DeviceType {
        skill: 5,
        models: &["R-24G交换机", "AP-66无线", "NVR-16录像机"],
        complaints: &[
            "网断断续续",
            "后厨那边没有无线信号",
            "监控看不到了",
            "一楼的电脑都上不了网",
            "网速慢得打不开网页",
            "换了密码之后打印机连不上",
        ],
        alarms: &["机房停机，服务器宕机"],
        faults: &[
            ("线路", "水晶头氧化"),
            ("设备", "电源适配器坏"),
            ("配置", "地址冲突"),
            ("线路", "老鼠咬断"),
        ],
        parts: &["PSU-12V", "CAT6-10M"],
        remote_percent: 42,
    },
];
