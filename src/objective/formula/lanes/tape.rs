//! A formula's graph as a list of instructions over rows of numbers, one a lane. Sums, differences and products that are used
//! once go into the instruction that uses them, up to three in one, because a row that is not written costs nothing.

use std::slice;

use super::super::program::{Binary, Instruction as Code, Unary};
use super::graph::{Arithmetic, Function, Graph, Id, Node};

/// Where a row lies: x, y, and from 2 on the rows of the tape itself.
pub(super) type Slot = usize;

/// A sum, a difference or a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ring {
    Add,
    Subtract,
    /// The first number from the second.
    SubtractFrom,
    Multiply,
}

/// What an instruction of three functions f, g and h at most makes of the numbers a, b, c and d.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// f(a, b)
    One(Ring),
    /// g(f(a, b), c)
    Two(Ring, Ring),
    /// h(g(f(a, b), c), d)
    Chain(Ring, Ring, Ring),
    /// h(f(a, b), g(c, d))
    Tree(Ring, Ring, Ring),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Operation {
    Ring(Shape),
    Divide,
    /// Makes a function's value and its derivative.
    Unary(Unary),
    /// Makes the value and both slopes.
    Binary(Binary),
}

/// What is made of which rows; the first of those that are not needed stands where there are fewer than six.
#[derive(Debug, Clone, Copy)]
pub(super) struct Instruction {
    pub(super) operation: Operation,
    pub(super) from: [Slot; 6],
    /// The first of the rows that it makes, which lie behind all that were made before.
    pub(super) to: Slot,
}

/// A formula compiled for many points at once.
#[derive(Debug)]
pub(super) struct Tape {
    /// What the rows from the third on hold in every lane: numbers, before those that are made.
    pub(super) numbers: Vec<f64>,
    pub(super) instructions: Vec<Instruction>,
    /// The number of rows.
    pub(super) rows: usize,
    /// Where loss and slopes are in the end.
    pub(super) results: [Slot; 3],
    /// Rows that are finite, with the results, only if everything was.
    pub(super) watched: Vec<Slot>,
}

impl Tape {
    pub(super) fn new(code: &[Code]) -> Tape {
        let (graph, loss) = Graph::new(code);
        let results = [loss.value, loss.slopes[0], loss.slopes[1]];
        let mut selection = Selection::new(&graph, results);
        let mut instructions = selection.instructions();
        // The row of each node.
        let (mut slots, mut numbers) = (vec![0; graph.nodes().len()], Vec::new());
        for (id, node) in graph.nodes().iter().enumerate() {
            match *node {
                Node::Variable(axis) => slots[id] = axis,
                Node::Number(bits) if selection.uses[id] > 0 => {
                    slots[id] = 2 + numbers.len();
                    numbers.push(f64::from_bits(bits));
                }
                _ => {}
            }
        }
        let mut rows = 2 + numbers.len();
        for Instruction {
            operation,
            from,
            to,
        } in &mut instructions
        {
            *from = from.map(|id| slots[id]);
            let count = match operation {
                Operation::Ring(_) | Operation::Divide => 1,
                Operation::Unary(_) => 2,
                Operation::Binary(_) => 3,
            };
            for row in 0..count {
                slots[*to + row] = rows + row;
            }
            *to = rows;
            rows += count;
        }
        let mut watched: Vec<Slot> = graph.watched().iter().map(|id| slots[*id]).collect();
        watched.sort_unstable();
        watched.dedup();
        Tape {
            numbers,
            instructions,
            rows,
            results: results.map(|id| slots[id]),
            watched,
        }
    }
}

impl Ring {
    /// The function of a node, if it is one of these.
    fn of(node: Node) -> Option<(Ring, [Id; 2])> {
        let Node::Arithmetic(function, from) = node else {
            return None;
        };
        let ring = match function {
            Arithmetic::Add => Ring::Add,
            Arithmetic::Subtract => Ring::Subtract,
            Arithmetic::Multiply => Ring::Multiply,
            Arithmetic::Divide => return None,
        };
        Some((ring, from))
    }

    /// The same with its numbers the other way round.
    fn turned(self) -> Ring {
        match self {
            Ring::Subtract => Ring::SubtractFrom,
            Ring::SubtractFrom => Ring::Subtract,
            same => same,
        }
    }
}

/// Which instructions make the nodes that are needed; their rows are nodes still.
struct Selection<'g> {
    graph: &'g Graph,
    uses: Vec<usize>,
    /// Nodes that are made within the instruction that uses them, or are made already.
    done: Vec<bool>,
}

impl Selection<'_> {
    fn new(graph: &Graph, results: [Id; 3]) -> Selection<'_> {
        let nodes = graph.nodes();
        let mut uses = vec![0; nodes.len()];
        let kept = results.iter().chain(graph.watched());
        kept.for_each(|id| uses[*id] += 1);
        // Whoever uses a node comes after it.
        for (id, node) in nodes.iter().enumerate().rev() {
            let from: &[Id] = match node {
                _ if uses[id] == 0 => &[],
                Node::Number(_) | Node::Variable(_) => &[],
                Node::Arithmetic(_, from) => from,
                Node::Unary(_, from, _) => slice::from_ref(from),
                Node::Binary(_, from, _) => from,
            };
            from.iter().for_each(|id| uses[*id] += 1);
        }
        Selection {
            graph,
            uses,
            done: vec![false; nodes.len()],
        }
    }

    fn instructions(&mut self) -> Vec<Instruction> {
        let mut instructions = Vec::new();
        for id in (0..self.graph.nodes().len()).rev() {
            if self.uses[id] > 0 && !self.done[id] {
                instructions.extend(self.instruction(id));
            }
        }
        instructions.reverse();
        instructions
    }

    /// What makes this node, if it has to be made.
    fn instruction(&mut self, id: Id) -> Option<Instruction> {
        let node = self.graph.nodes()[id];
        let (operation, from, to) = match node {
            Node::Number(_) | Node::Variable(_) => return None,
            Node::Arithmetic(_, [a, b]) => match Ring::of(node) {
                Some(outer) => {
                    let (shape, [a, b, c, d]) = self.shape(outer);
                    (Operation::Ring(shape), [a, b, c, d, a, a], id)
                }
                None => (Operation::Divide, [a, b, a, a, a, a], id),
            },
            Node::Unary(Function(function), a, output) => {
                (Operation::Unary(function), [a; 6], id - output)
            }
            Node::Binary(Function(function), from, output) => {
                (Operation::Binary(function), from, id - output)
            }
        };
        // All that a function makes, it makes at once.
        self.done[to..=id].fill(true);
        Some(Instruction {
            operation,
            from,
            to,
        })
    }

    fn shape(&mut self, outer: (Ring, [Id; 2])) -> (Shape, [Id; 4]) {
        let (h, [a, b]) = outer;
        if let (Some((f, [p, q])), Some((g, [r, s]))) = (self.inner(a), self.inner(b)) {
            (self.done[a], self.done[b]) = (true, true);
            return (Shape::Tree(f, g, h), [p, q, r, s]);
        }
        let Some((h, middle, c)) = self.pair(outer) else {
            return (Shape::One(h), [a, b, a, a]);
        };
        let (g, [a, b]) = middle;
        match self.pair(middle) {
            Some((g, (f, [p, q]), b)) => (Shape::Chain(f, g, h), [p, q, b, c]),
            None => (Shape::Two(g, h), [a, b, c, a]),
        }
    }

    /// g(f(p, q), c) of a function one of whose numbers can be made within.
    fn pair(&mut self, (g, [a, b]): (Ring, [Id; 2])) -> Option<(Ring, (Ring, [Id; 2]), Id)> {
        let (g, first, second) = match self.inner(a) {
            Some(_) => (g, a, b),
            None => (g.turned(), b, a),
        };
        let inner = self.inner(first)?;
        self.done[first] = true;
        Some((g, inner, second))
    }

    /// The function of a node that is used once, if it is a sum, a difference or a product.
    fn inner(&self, id: Id) -> Option<(Ring, [Id; 2])> {
        Ring::of(self.graph.nodes()[id]).filter(|_| self.uses[id] == 1)
    }
}
