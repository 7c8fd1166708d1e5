//! A formula's loss and slopes as one graph of arithmetic: the rules of dual numbers worked out beforehand. What occurs twice is
//! there once, and slopes that are 0 or 1 by construction leave nothing behind.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::mem;

use super::super::program::{Binary, Instruction, Unary};

/// A node, by its place: what it is made of comes before.
pub(super) type Id = usize;

/// A number that is made of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Node {
    /// By its bits.
    Number(u64),
    /// 0 is x, 1 is y.
    Variable(usize),
    Arithmetic(Arithmetic, [Id; 2]),
    /// A function's value, 0, or its derivative, 1, which comes next.
    Unary(Function<Unary>, Id, usize),
    /// Of two numbers, each with its slopes along x and y: the value, 0, or its slopes, 1 and 2, which
    /// come next.
    Binary(Function<Binary>, [Id; 6], usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

use Arithmetic::{Add, Divide, Multiply, Subtract};

/// A function as part of a key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Function<F>(pub(super) F);

impl<F: PartialEq> Eq for Function<F> {}

impl<F> Hash for Function<F> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        mem::discriminant(&self.0).hash(hasher);
    }
}

/// A part of the formula: its value, and its slopes along x and y.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) value: Id,
    pub(super) slopes: [Id; 2],
}

#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: Vec<Node>,
    places: HashMap<Node, Id>,
    /// Nodes that may be infinite although what is made of them is finite.
    watched: Vec<Id>,
}

impl Graph {
    /// The graph of a program, and the loss in it.
    pub(super) fn new(code: &[Instruction]) -> (Graph, Part) {
        let mut graph = Graph::default();
        let mut stack: Vec<Part> = Vec::new();
        let pop = |stack: &mut Vec<Part>| stack.pop().expect("an operand stands before");
        for instruction in code {
            let part = match *instruction {
                Instruction::Number(number) => graph.constant(number),
                Instruction::Variable(axis) => {
                    let value = graph.node(Node::Variable(axis));
                    let slopes = [0, 1].map(|k| graph.number(f64::from(u8::from(k == axis))));
                    Part { value, slopes }
                }
                Instruction::Unary(function) => {
                    let a = pop(&mut stack);
                    graph.unary(function, a)
                }
                Instruction::Binary(function) => {
                    let b = pop(&mut stack);
                    let a = pop(&mut stack);
                    graph.binary(function, a, b)
                }
            };
            stack.push(part);
        }
        let loss = pop(&mut stack);
        // What does not occur in the formula may have run away all the same.
        let known = graph.nodes.len();
        let variables = [0, 1].map(|axis| graph.node(Node::Variable(axis)));
        graph
            .watched
            .extend(variables.iter().filter(|variable| **variable >= known));
        (graph, loss)
    }

    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Nodes that have to be looked at to know that nothing was infinite: of all others the loss is made by sums,
    /// products and the like, which keep that infinite or make it NaN.
    pub(super) fn watched(&self) -> &[Id] {
        &self.watched
    }

    fn node(&mut self, node: Node) -> Id {
        let nodes = &mut self.nodes;
        *self.places.entry(node).or_insert_with(|| {
            nodes.push(node);
            nodes.len() - 1
        })
    }

    fn number(&mut self, number: f64) -> Id {
        self.node(Node::Number(number.to_bits()))
    }

    fn is(&self, id: Id, number: f64) -> bool {
        self.nodes[id] == Node::Number(number.to_bits())
    }

    fn arithmetic(&mut self, function: Arithmetic, a: Id, b: Id) -> Id {
        if let [Node::Number(a), Node::Number(b)] = [self.nodes[a], self.nodes[b]] {
            let [a, b] = [a, b].map(f64::from_bits);
            return self.number(match function {
                Add => a + b,
                Subtract => a - b,
                Multiply => a * b,
                Divide => a / b,
            });
        }
        // One order for what has no order, so that x y is y x.
        let is_free = matches!(function, Add | Multiply);
        let from = if is_free {
            [a.min(b), a.max(b)]
        } else {
            [a, b]
        };
        self.node(Node::Arithmetic(function, from))
    }

    /// A sum of slopes.
    fn sum(&mut self, a: Id, b: Id) -> Id {
        if self.is(a, 0.0) {
            b
        } else if self.is(b, 0.0) {
            a
        } else {
            self.arithmetic(Add, a, b)
        }
    }

    /// A difference of slopes.
    fn difference(&mut self, a: Id, b: Id) -> Id {
        if self.is(b, 0.0) {
            a
        } else {
            self.arithmetic(Subtract, a, b)
        }
    }

    /// A slope times a number.
    fn product(&mut self, a: Id, b: Id) -> Id {
        if self.is(a, 0.0) || self.is(b, 1.0) {
            a
        } else if self.is(b, 0.0) || self.is(a, 1.0) {
            b
        } else {
            self.arithmetic(Multiply, a, b)
        }
    }

    /// A slope divided by a number.
    fn quotient(&mut self, a: Id, b: Id) -> Id {
        if self.is(a, 0.0) {
            a
        } else {
            self.arithmetic(Divide, a, b)
        }
    }

    fn constant(&mut self, number: f64) -> Part {
        Part {
            value: self.number(number),
            slopes: [self.number(0.0); 2],
        }
    }

    /// A function of a part, by its value and its derivative there.
    fn chain(&mut self, a: Part, value: Id, derivative: Id) -> Part {
        let slopes = a.slopes.map(|slope| self.product(slope, derivative));
        Part { value, slopes }
    }

    fn unary(&mut self, function: Unary, a: Part) -> Part {
        match function {
            Unary::Negate => {
                let minus = self.number(-1.0);
                let value = self.arithmetic(Multiply, a.value, minus);
                self.chain(a, value, minus)
            }
            Unary::WholePower(n) if n != 0 => self.whole_power(a, n),
            // The cosine is the sine's derivative, wherever it occurs.
            Unary::Sin => {
                let [sin, cos] = self.both(function, a.value);
                self.chain(a, sin, cos)
            }
            Unary::Cos => {
                let [sin, cos] = self.both(Unary::Sin, a.value);
                let minus = self.number(-1.0);
                let derivative = self.arithmetic(Multiply, sin, minus);
                self.chain(a, cos, derivative)
            }
            Unary::Exp => {
                self.watched.push(a.value);
                let [value, _] = self.both(function, a.value);
                self.chain(a, value, value)
            }
            _ => {
                self.watched.push(a.value);
                let [value, derivative] = self.both(function, a.value);
                self.chain(a, value, derivative)
            }
        }
    }

    /// A function's value and its derivative.
    fn both(&mut self, function: Unary, a: Id) -> [Id; 2] {
        [0, 1].map(|output| self.node(Node::Unary(Function(function), a, output)))
    }

    /// aⁿ with the derivative n aⁿ⁻¹, n other than 0.
    fn whole_power(&mut self, a: Part, n: i32) -> Part {
        let value = self.power(a.value, n);
        let derivative = match n {
            1 => self.number(1.0),
            // a + a, which is 2 a.
            2 => self.arithmetic(Add, a.value, a.value),
            _ => {
                let (p, power) = (
                    self.number(n.into()),
                    self.power(a.value, n.saturating_sub(1)),
                );
                self.arithmetic(Multiply, p, power)
            }
        };
        self.chain(a, value, derivative)
    }

    /// aⁿ, rounded as `powi` rounds it: by squaring.
    fn power(&mut self, a: Id, n: i32) -> Id {
        let (mut square, mut left, mut product) = (a, n.unsigned_abs(), None);
        loop {
            if left & 1 == 1 {
                product = Some(match product {
                    Some(product) => self.arithmetic(Multiply, product, square),
                    None => square,
                });
            }
            left >>= 1;
            if left == 0 {
                break;
            }
            square = self.arithmetic(Multiply, square, square);
        }
        let one = self.number(1.0);
        let power = product.unwrap_or(one);
        if n < 0 {
            self.watched.push(power);
            return self.arithmetic(Divide, one, power);
        }
        power
    }

    fn binary(&mut self, function: Binary, a: Part, b: Part) -> Part {
        match function {
            Binary::Add => Part {
                value: self.arithmetic(Add, a.value, b.value),
                slopes: [0, 1].map(|k| self.sum(a.slopes[k], b.slopes[k])),
            },
            Binary::Subtract => Part {
                value: self.arithmetic(Subtract, a.value, b.value),
                slopes: [0, 1].map(|k| self.difference(a.slopes[k], b.slopes[k])),
            },
            Binary::Multiply => Part {
                value: self.arithmetic(Multiply, a.value, b.value),
                slopes: [0, 1].map(|k| {
                    let first = self.product(b.slopes[k], a.value);
                    let second = self.product(a.slopes[k], b.value);
                    self.sum(first, second)
                }),
            },
            Binary::Divide => {
                self.watched.push(b.value);
                let value = self.arithmetic(Divide, a.value, b.value);
                // (a′ − q b′)/b.
                let slopes = [0, 1].map(|k| {
                    let product = self.product(b.slopes[k], value);
                    let difference = self.difference(a.slopes[k], product);
                    self.quotient(difference, b.value)
                });
                Part { value, slopes }
            }
            Binary::Log => {
                let [a, b] = [a, b].map(|part| self.unary(Unary::Ln, part));
                self.binary(Binary::Divide, a, b)
            }
            _ => {
                self.watched.extend([a.value, b.value]);
                let [a, b] = [a, b].map(|part| [part.value, part.slopes[0], part.slopes[1]]);
                let from = [a[0], a[1], a[2], b[0], b[1], b[2]];
                let [value, x, y] =
                    [0, 1, 2].map(|k| self.node(Node::Binary(Function(function), from, k)));
                Part {
                    value,
                    slopes: [x, y],
                }
            }
        }
    }
}
