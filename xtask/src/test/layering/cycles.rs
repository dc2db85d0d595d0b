//! Finds cycles in a directed graph.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What each node points to. A node without an entry points to nothing.
pub type Graph = BTreeMap<String, BTreeSet<String>>;

/// The shortest cycle through the first node of each strongly connected part, as the nodes in their order. The first node is
/// not repeated at the end.
pub fn cycles(graph: &Graph) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut done = BTreeSet::new();
    for node in graph.keys() {
        if done.contains(node) {
            continue;
        }
        let part = strongly_connected(graph, node);
        if let Some(cycle) = shortest_cycle(graph, node) {
            found.push(cycle);
        }
        done.extend(part);
    }
    found
}

/// How many nodes lie on a cycle with this one, itself included; 0 when there is no cycle through it.
pub fn size_of_part(graph: &Graph, node: &str) -> usize {
    match shortest_cycle(graph, node) {
        Some(_) => strongly_connected(graph, node).len(),
        None => 0,
    }
}

/// The nodes that `start` reaches and that reach `start`.
fn strongly_connected(graph: &Graph, start: &str) -> BTreeSet<String> {
    let mut reversed = Graph::new();
    for (from, targets) in graph {
        for to in targets {
            reversed.entry(to.clone()).or_default().insert(from.clone());
        }
    }
    let forwards = reached(graph, start);
    let backwards = reached(&reversed, start);
    forwards.intersection(&backwards).cloned().collect()
}

fn reached(graph: &Graph, start: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::from([start.to_owned()]);
    let mut queue = vec![start.to_owned()];
    while let Some(node) = queue.pop() {
        for next in graph.get(&node).into_iter().flatten() {
            if seen.insert(next.clone()) {
                queue.push(next.clone());
            }
        }
    }
    seen
}

/// Breadth first from `start` until an edge leads back to it.
fn shortest_cycle(graph: &Graph, start: &str) -> Option<Vec<String>> {
    let mut reached_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for next in graph.get(node).into_iter().flatten() {
            if next == start {
                let mut cycle = vec![node.to_owned()];
                let mut node = node;
                while let Some(before) = reached_from.get(node) {
                    cycle.push((*before).to_owned());
                    node = before;
                }
                cycle.reverse();
                return Some(cycle);
            }
            if !reached_from.contains_key(next.as_str()) {
                reached_from.insert(next, node);
                queue.push_back(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &str)]) -> Graph {
        let mut graph = Graph::new();
        for (from, to) in edges {
            graph.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        graph
    }

    #[test]
    fn a_graph_without_cycles_has_none() {
        assert!(cycles(&graph(&[("a", "b"), ("b", "c"), ("a", "c")])).is_empty());
    }

    #[test]
    fn the_shortest_cycle_is_given_and_each_part_once() {
        let graph = graph(&[
            ("a", "b"),
            ("b", "c"),
            ("c", "a"),
            ("b", "a"),
            ("c", "x"),
            ("x", "y"),
            ("y", "x"),
        ]);
        assert_eq!(cycles(&graph), [vec!["a", "b"], vec!["x", "y"]]);
        assert_eq!(size_of_part(&graph, "a"), 3);
        assert_eq!(size_of_part(&graph, "y"), 2);
    }

    #[test]
    fn a_node_that_only_leads_to_a_cycle_is_not_part_of_it() {
        let graph = graph(&[("a", "b"), ("b", "c"), ("c", "b")]);
        assert_eq!(cycles(&graph), [vec!["b", "c"]]);
        assert_eq!(size_of_part(&graph, "a"), 0);
    }

    #[test]
    fn a_node_that_points_to_itself_is_a_cycle() {
        assert_eq!(cycles(&graph(&[("a", "a")])), [vec!["a"]]);
    }
}
