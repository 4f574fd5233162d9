//! The data dictionary: what each column means, in both languages.

use std::fmt::Write;

use crate::model::{Model, Table};
use crate::table_file::Format;

/// The dictionary of these models, as Markdown.
pub(crate) fn dictionary(models: &[&Model], format: Format, since: bool) -> String {
    let mut text = String::from(
        "# Data dictionary · 数据字典\n\n\
         Made by `paidan export`; `export.json` says from what.\n\
         由 `paidan export` 生成；来源见 `export.json`。\n\n\
         Nothing personal is in these tables: no names, telephones, addresses or positions of people.\n\
         表中不含个人信息：没有姓名、电话、地址和人员位置。\n",
    );
    if since {
        text.push_str(
            "\nOnly what is different since an earlier position is here. Take the rows of every key out that \
             has rows here or stands in `TABLE.removed`, and put the rows in that are here.\n\
             此处只有某一位置以来变化的内容。先删去键值在本表或 `表名.removed` 中出现的全部行，再加入此处的行。\n",
        );
    }
    for table in models.iter().flat_map(|model| model.tables) {
        describe(&mut text, table, format).expect("writing to a text cannot fail");
    }
    text
}

fn describe(text: &mut String, table: &Table, format: Format) -> std::fmt::Result {
    let Table { name, english, chinese, columns, key, by_day } = table;
    writeln!(text, "\n## {name}\n\nA row · 每行：{english} · {chinese} · key · 键：`{key}`\n")?;
    if *by_day && format.splits_days() {
        writeln!(
            text,
            "One file for each day · 每天一个文件：`{name}/day=YYYY-MM-DD/part-0.{format}`\n"
        )?;
    }
    writeln!(text, "| column · 列 | type · 类型 | empty · 可空 | unit · 单位 | meaning | 含义 |")?;
    writeln!(text, "| --- | --- | --- | --- | --- | --- |")?;
    for column in *columns {
        let empty = if column.nullable { "yes · 是" } else { "no · 否" };
        writeln!(
            text,
            "| `{}` | {} | {empty} | {} | {} | {} |",
            column.name,
            column.kind.as_str(),
            column.unit,
            column.english,
            column.chinese
        )?;
    }
    Ok(())
}
