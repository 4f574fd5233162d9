//! From what people wrote to what can be evaluated: parsed, its kinds checked, its texts brought into
//! the form that they are compared in.

use std::sync::{Arc, LazyLock};
use std::thread;

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};
use cel::common::types::{CelBool, CelString};
use cel::parser::{ParseErrors, Parser};
use cel::{Context, Env, Value};

use super::known::{Kind, Known};
use super::problem::{At, CelProblem};
use super::{Cel, guard};
use crate::rules::condition::{Condition, Facts};

/// The parser is made of deep frames, deeper still without optimisation: in a debug build 16 brackets
/// take between 2 and 3 MiB, and as many as its own limit lets through between 6 and 8. A thread of a
/// server has 2. Memory that is not touched costs nothing.
const STACK_BYTES: usize = 16 * 1024 * 1024;
/// Expressions within expressions that the parser follows. Reached only where the guard is mistaken.
const PARSER_DEPTH_MAX: u16 = 40;
/// What the parser says of one mistake.
const WHAT_LETTERS_MAX: usize = 160;
/// What of a wrong text or name is told.
const FOUND_LETTERS_MAX: usize = 40;
/// How words that are looked for are called once they are read: no name that people can write.
const SAYS: &str = "says#";

static FUNCTIONS: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// An expression that was read.
pub(super) struct Program {
    expr: IdedExpr,
    /// The words of each `says`, which stands in the expression under its number.
    says: Vec<Vec<String>>,
    asks_words: bool,
}

impl Program {
    pub(super) const fn asks_words(&self) -> bool {
        self.asks_words
    }

    /// The words that stand under such a name.
    pub(super) fn words(&self, name: &str) -> Option<&[String]> {
        let number: usize = name.strip_prefix(SAYS)?.parse().ok()?;
        self.says.get(number).map(Vec::as_slice)
    }

    pub(super) fn holds(&self, facts: &Facts<'_>, zone: &str) -> Option<bool> {
        let known = Known { program: self, facts, zone };
        let mut context = Context::with_env(Arc::clone(&FUNCTIONS));
        context.set_variable_resolver(&known);
        let value = Value::resolve_val(&self.expr, &context).ok()?;
        value.downcast_ref::<CelBool>().map(|holds| *holds.inner())
    }
}

/// Reads an expression. Takes milliseconds, and never more than its length allows.
pub(super) fn read(source: &str) -> Result<Program, CelProblem> {
    guard::check(source)?;
    thread::scope(|scope| {
        let reader = thread::Builder::new().name("cel".into()).stack_size(STACK_BYTES);
        let reader = reader.spawn_scoped(scope, || parse(source));
        // A panic of the parser ends with its thread.
        reader.map_err(|_| CelProblem::NoThread)?.join().unwrap_or(Err(CelProblem::Unreadable))
    })
}

fn parse(source: &str) -> Result<Program, CelProblem> {
    let parser = Parser::new().max_recursion_depth(PARSER_DEPTH_MAX);
    let (mut expr, info) =
        parser.parse_with_source_info(source).map_err(|errors| syntax(&errors))?;
    let mut check = Check { source, info: &info, says: Vec::new(), asks_words: false };
    match check.kind(&mut expr, 1)? {
        Kind::Bool => Ok(Program { expr, says: check.says, asks_words: check.asks_words }),
        other => Err(CelProblem::NoAnswer { found: other.name() }),
    }
}

fn syntax(errors: &ParseErrors) -> CelProblem {
    let place = |(line, column): (isize, isize)| {
        let at = At { line: usize::try_from(line).ok()?, column: usize::try_from(column).ok()? };
        (at.line > 0 && at.column > 0).then_some(at)
    };
    let placed = errors.errors.iter().find_map(|error| Some((place(error.pos)?, &error.msg)));
    let (at, what) = match placed {
        Some((at, what)) => (at, what.as_str()),
        None => (At::behind(""), "not an expression"),
    };
    if what.contains("Recursion limit") {
        return CelProblem::Nested { at };
    }
    let what = what.trim_start_matches("Syntax error: ");
    let line = what.split_whitespace().collect::<Vec<_>>().join(" ");
    CelProblem::Syntax { at, what: shortened(&line, WHAT_LETTERS_MAX) }
}

fn shortened(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

struct Check<'a> {
    source: &'a str,
    info: &'a SourceInfo,
    says: Vec<Vec<String>>,
    asks_words: bool,
}

impl Check<'_> {
    fn at(&self, id: u64) -> At {
        let bytes = self.info.offset_for(id).map_or(0, |(start, _)| start as usize);
        At::behind(self.source.get(..bytes).unwrap_or_default())
    }

    /// What an expression is. What stands in it is brought into the form that it is compared in.
    fn kind(&mut self, expr: &mut IdedExpr, depth: usize) -> Result<Kind, CelProblem> {
        let at = self.at(expr.id);
        if depth > Cel::DEPTH_MAX {
            return Err(CelProblem::Nested { at });
        }
        let refused = |what| Err(CelProblem::Refused { at, what });
        match &mut expr.expr {
            Expr::Literal(LiteralValue::Boolean(_)) => Ok(Kind::Bool),
            Expr::Literal(LiteralValue::Int(_)) => Ok(Kind::Int),
            Expr::Literal(LiteralValue::String(_)) => Ok(Kind::Text),
            Expr::Literal(LiteralValue::Double(_)) => refused("1.5"),
            Expr::Literal(LiteralValue::UInt(_)) => refused("1u"),
            Expr::Literal(LiteralValue::Bytes(_)) => refused("b\"…\""),
            Expr::Literal(LiteralValue::Null) => refused("null"),
            Expr::Ident(name) => {
                let name = shortened(name, FOUND_LETTERS_MAX);
                let kind = Kind::of(&name).ok_or(CelProblem::Unknown { at, name })?;
                self.asks_words |= kind == Kind::Description;
                Ok(kind)
            }
            Expr::Call(call) if call.func_name == "says" && call.target.is_none() => {
                let words = self.words(&call.args, at)?;
                expr.expr = Expr::Ident(format!("{SAYS}{}", self.says.len()));
                self.says.push(words);
                self.asks_words = true;
                Ok(Kind::Bool)
            }
            Expr::Call(call) if call.target.is_some() => self.method(call, at, depth),
            Expr::Call(call) => self.operator(call, at, depth),
            Expr::Select(select) if select.test => refused("has(a.b)"),
            Expr::Select(_) => refused("a.b"),
            Expr::Comprehension(_) => refused("[…].all(x, …)"),
            Expr::List(_) => refused("[…]"),
            Expr::Map(_) => refused("{a: b}"),
            Expr::Struct(_) => refused("a{b: c}"),
            Expr::Unspecified => Err(CelProblem::Unreadable),
        }
    }

    fn words(&self, args: &[IdedExpr], at: At) -> Result<Vec<String>, CelProblem> {
        let word = |arg: &IdedExpr| {
            let word = literal(arg)?;
            let letters = word.trim().chars().count();
            (1..=Condition::LETTERS_MAX).contains(&letters).then(|| word.to_owned())
        };
        let words: Option<Vec<_>> = args.iter().map(word).collect();
        let fits = |words: &Vec<_>| (1..=Condition::ENTRIES_MAX).contains(&words.len());
        let (name, example) = ("says".to_owned(), "says(\"停机\", \"冒烟\")");
        words.filter(fits).ok_or(CelProblem::Call { at, name, example })
    }

    fn method(&mut self, call: &mut CallExpr, at: At, depth: usize) -> Result<Kind, CelProblem> {
        let name = shortened(&call.func_name, FOUND_LETTERS_MAX);
        let example = match name.as_str() {
            "says" => "says(\"停机\")",
            "contains" => "description.contains(\"停机\")",
            "startsWith" => "device_model.startsWith(\"GK\")",
            "endsWith" => "device_model.endsWith(\"800\")",
            _ => return Err(CelProblem::Function { at, name }),
        };
        let of = match &mut call.target {
            Some(target) => self.kind(target, depth + 1)?,
            None => Kind::Text,
        };
        match call.args.as_mut_slice() {
            [part]
                if name != "says"
                    && matches!(of, Kind::DeviceModel | Kind::Description)
                    && literal(part).is_some() =>
            {
                self.compare(of, Kind::Text, part)?;
                Ok(Kind::Bool)
            }
            _ => Err(CelProblem::Call { at, name, example }),
        }
    }

    fn operator(&mut self, call: &mut CallExpr, at: At, depth: usize) -> Result<Kind, CelProblem> {
        let name = call.func_name.clone();
        if name == operators::INDEX {
            return Err(CelProblem::Refused { at, what: "a[b]" });
        }
        let Some(sign) = sign(&name) else {
            let example = match name.as_str() {
                "contains" => "description.contains(\"停机\")",
                "startsWith" => "device_model.startsWith(\"GK\")",
                "endsWith" => "device_model.endsWith(\"800\")",
                _ => {
                    let name = shortened(&name, FOUND_LETTERS_MAX);
                    return Err(CelProblem::Function { at, name });
                }
            };
            return Err(CelProblem::Call { at, name, example });
        };
        if let (operators::IN, [one, list]) = (name.as_str(), call.args.as_mut_slice()) {
            return self.within(one, list, at, depth);
        }
        let mut kinds = Vec::with_capacity(call.args.len());
        for arg in &mut call.args {
            kinds.push(self.kind(arg, depth + 1)?);
        }
        let kind = match (name.as_str(), kinds.as_slice(), call.args.as_mut_slice()) {
            (operators::LOGICAL_NOT, [Kind::Bool], _)
            | (operators::LOGICAL_AND | operators::LOGICAL_OR, [Kind::Bool, Kind::Bool], _) => {
                Some(Kind::Bool)
            }
            (operators::NEGATE, [Kind::Int], _)
            | (
                operators::ADD
                | operators::SUBSTRACT
                | operators::MULTIPLY
                | operators::DIVIDE
                | operators::MODULO,
                [Kind::Int, Kind::Int],
                _,
            ) => Some(Kind::Int),
            // A text that is chosen would have to be of the kind that the choice stands beside.
            (operators::CONDITIONAL, [Kind::Bool, one, other], _) if one == other => {
                Some(*one).filter(|kind| *kind != Kind::Text)
            }
            (operators::EQUALS | operators::NOT_EQUALS, [one, other], [left, right]) => {
                self.alike((*one, left), (*other, right))?.map(|_| Kind::Bool)
            }
            (
                operators::LESS
                | operators::LESS_EQUALS
                | operators::GREATER
                | operators::GREATER_EQUALS,
                [one, other],
                [left, right],
            ) => {
                let kind = self.alike((*one, left), (*other, right))?;
                kind.filter(|kind| kind.has_order()).map(|_| Kind::Bool)
            }
            _ => None,
        };
        kind.ok_or_else(|| CelProblem::Kinds { at, found: told(sign, &kinds) })
    }

    /// `one in [a, b]`.
    fn within(
        &mut self,
        one: &mut IdedExpr,
        list: &mut IdedExpr,
        at: At,
        depth: usize,
    ) -> Result<Kind, CelProblem> {
        let kind = self.kind(one, depth + 1)?;
        let Expr::List(list) = &mut list.expr else {
            let (name, example) = ("in".to_owned(), "channel in [\"phone\", \"chat\"]");
            return Err(CelProblem::Call { at, name, example });
        };
        for entry in &mut list.elements {
            let other = self.kind(entry, depth + 2)?;
            if self.alike((kind, one), (other, entry))?.is_none() {
                return Err(CelProblem::Kinds { at, found: told("in", &[kind, other]) });
            }
        }
        Ok(Kind::Bool)
    }

    /// The kind of both, where a text takes the kind of the other.
    fn alike(
        &self,
        (one, left): (Kind, &mut IdedExpr),
        (other, right): (Kind, &mut IdedExpr),
    ) -> Result<Option<Kind>, CelProblem> {
        if one == other {
            return Ok(Some(one));
        }
        let taken = self.compare(one, other, right)? || self.compare(other, one, left)?;
        Ok(taken.then_some(if one == Kind::Text { other } else { one }))
    }

    /// Brings a text into the form that it is compared with a kind in; false: it is no text, or the
    /// kind has none.
    fn compare(&self, with: Kind, kind: Kind, text: &mut IdedExpr) -> Result<bool, CelProblem> {
        let has_text = !matches!(with, Kind::Bool | Kind::Int | Kind::Priority | Kind::Text);
        let at = self.at(text.id);
        let (true, Kind::Text, Expr::Literal(LiteralValue::String(written))) =
            (has_text, kind, &mut text.expr)
        else {
            return Ok(false);
        };
        let formed = with.text(written.inner()).map_err(|example| {
            let found = shortened(written.inner(), FOUND_LETTERS_MAX);
            CelProblem::Never { at, found, kind: with.name(), example }
        })?;
        *written = CelString::from(formed);
        Ok(true)
    }
}

fn literal(expr: &IdedExpr) -> Option<&str> {
    match &expr.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

/// An operator as people write it.
fn sign(operator: &str) -> Option<&'static str> {
    Some(match operator {
        operators::CONDITIONAL => "? :",
        operators::LOGICAL_AND => "&&",
        operators::LOGICAL_OR => "||",
        operators::LOGICAL_NOT => "!",
        operators::SUBSTRACT | operators::NEGATE => "-",
        operators::ADD => "+",
        operators::MULTIPLY => "*",
        operators::DIVIDE => "/",
        operators::MODULO => "%",
        operators::EQUALS => "==",
        operators::NOT_EQUALS => "!=",
        operators::GREATER_EQUALS => ">=",
        operators::LESS_EQUALS => "<=",
        operators::GREATER => ">",
        operators::LESS => "<",
        operators::IN => "in",
        _ => return None,
    })
}

/// `int < channel`.
fn told(sign: &str, kinds: &[Kind]) -> String {
    match kinds {
        [one] => format!("{sign} {}", one.name()),
        [one, other] => format!("{} {sign} {}", one.name(), other.name()),
        [one, other, third] => format!("{} ? {} : {}", one.name(), other.name(), third.name()),
        _ => sign.to_owned(),
    }
}
