//! Conditions as they are stored: each node before what it holds, so that no bytes, however wrong,
//! lead to deep recursion. Where people read, they read the tree.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Condition, Test};

/// A node and how many stand right behind it that are its own. Stored shape.
#[derive(Serialize, Deserialize)]
enum Node {
    All(u16),
    Any(u16),
    Not(u16),
    Is(Test),
}

/// Deeper than any tree that passes the check: what is stored is believed within this.
const DEPTH_MAX: usize = 64;

fn flatten(condition: &Condition, nodes: &mut Vec<Node>) {
    let count = |parts: &[Condition]| u16::try_from(parts.len()).unwrap_or(u16::MAX);
    nodes.push(match condition {
        Condition::All(parts) => Node::All(count(parts)),
        Condition::Any(parts) => Node::Any(count(parts)),
        Condition::Not(parts) => Node::Not(count(parts)),
        Condition::Is(test) => Node::Is(test.clone()),
    });
    for part in condition.parts().unwrap_or_default().1 {
        flatten(part, nodes);
    }
}

fn grow(nodes: &mut std::vec::IntoIter<Node>, depth: usize) -> Result<Condition, &'static str> {
    if depth > DEPTH_MAX {
        return Err("a condition is nested too deep");
    }
    match nodes.next() {
        Some(Node::All(count)) => Ok(Condition::All(grow_many(nodes, count, depth)?)),
        Some(Node::Any(count)) => Ok(Condition::Any(grow_many(nodes, count, depth)?)),
        Some(Node::Not(count)) => Ok(Condition::Not(grow_many(nodes, count, depth)?)),
        Some(Node::Is(test)) => Ok(Condition::Is(test)),
        None => Err("a condition is cut off"),
    }
}

fn grow_many(
    nodes: &mut std::vec::IntoIter<Node>,
    count: u16,
    depth: usize,
) -> Result<Vec<Condition>, &'static str> {
    (0..count).map(|_| grow(nodes, depth + 1)).collect()
}

pub(crate) fn serialize<S: Serializer>(
    condition: &Condition,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        return condition.serialize(serializer);
    }
    let mut nodes = Vec::new();
    flatten(condition, &mut nodes);
    nodes.serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Condition, D::Error> {
    if deserializer.is_human_readable() {
        return Condition::deserialize(deserializer);
    }
    let mut nodes = Vec::<Node>::deserialize(deserializer)?.into_iter();
    let condition = grow(&mut nodes, 1).map_err(D::Error::custom)?;
    match nodes.next() {
        None => Ok(condition),
        Some(_) => Err(D::Error::custom("something stands behind a condition")),
    }
}
