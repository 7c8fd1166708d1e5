//! What a network is made of: its layers, where their parameters lie, and what each is called.

use super::Activation;

/// A fully connected network. Its parameters lie layer by layer, the weight (outputs × inputs, row-major) before the bias: the
/// order of PyTorch's `parameters()`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Units: of the input, of each hidden layer, of the output. There are two at least, all above 0.
    widths: Vec<usize>,
    /// Between two layers.
    pub activation: Activation,
    /// Whether a hidden layer as wide as its input adds its input to its output (He et al. 2016).
    pub residual: bool,
}

/// One layer's place among the parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layer {
    pub inputs: usize,
    pub outputs: usize,
    /// The first parameter of its weight; its bias begins `inputs · outputs` later.
    pub at: usize,
    /// Whether its activation follows.
    pub is_hidden: bool,
    /// Whether it adds its input to its output.
    pub is_residual: bool,
}

impl Layer {
    /// The first parameter of its bias.
    pub fn bias(&self) -> usize {
        self.at + self.inputs * self.outputs
    }

    /// The parameter behind its last.
    pub fn end(&self) -> usize {
        self.bias() + self.outputs
    }
}

impl Shape {
    /// `None` where a layer has no units.
    pub fn new(
        inputs: usize,
        hidden: &[usize],
        outputs: usize,
        activation: Activation,
        residual: bool,
    ) -> Option<Shape> {
        let mut widths = vec![inputs];
        widths.extend(hidden);
        widths.push(outputs);
        let is_sound = widths.iter().all(|&width| width > 0);
        is_sound.then_some(Shape {
            widths,
            activation,
            residual,
        })
    }

    /// Units of the input, of each hidden layer, of the output.
    pub fn widths(&self) -> &[usize] {
        &self.widths
    }

    pub fn inputs(&self) -> usize {
        self.widths[0]
    }

    pub fn outputs(&self) -> usize {
        self.widths[self.widths.len() - 1]
    }

    /// The layers, from the input's on.
    pub fn layers(&self) -> impl Iterator<Item = Layer> + '_ {
        let last = self.widths.len() - 2;
        let mut at = 0;
        self.widths.windows(2).enumerate().map(move |(k, pair)| {
            let layer = Layer {
                inputs: pair[0],
                outputs: pair[1],
                at,
                is_hidden: k < last,
                is_residual: self.residual && k < last && pair[0] == pair[1],
            };
            at = layer.end();
            layer
        })
    }

    /// The number of parameters; the greatest number there is where that is too small.
    pub fn parameters(&self) -> usize {
        let of = |pair: &[usize]| pair[0].saturating_add(1).saturating_mul(pair[1]);
        let pairs = self.widths.windows(2).map(of);
        pairs.fold(0, usize::saturating_add)
    }

    /// The name of a parameter, as in `layer1.weight[3,0]` (to unit 3 from unit 0) and `layer1.bias[3]`; layers count from 1.
    pub fn name(&self, index: usize) -> String {
        let found = self.layers().enumerate().find(|(_, l)| index < l.end());
        let Some((k, layer)) = found else {
            return format!("w[{index}]");
        };
        let number = k + 1;
        match index.checked_sub(layer.bias()) {
            Some(unit) => format!("layer{number}.bias[{unit}]"),
            None => {
                let within = index - layer.at;
                let (to, from) = (within / layer.inputs, within % layer.inputs);
                format!("layer{number}.weight[{to},{from}]")
            }
        }
    }

    /// Which unit a parameter belongs to, counted through all layers: its weights and its bias are one filter.
    pub fn unit_of(&self, index: usize) -> usize {
        let mut before = 0;
        for layer in self.layers() {
            if index < layer.end() {
                let within = index.checked_sub(layer.bias());
                return before + within.unwrap_or((index - layer.at) / layer.inputs);
            }
            before += layer.outputs;
        }
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_lie_as_in_pytorch() {
        let shape = Shape::new(2, &[4, 3], 2, Activation::Tanh, false).expect("units");
        assert_eq!(shape.parameters(), 2 * 4 + 4 + 4 * 3 + 3 + 3 * 2 + 2);
        let names = [
            (0, "layer1.weight[0,0]"),
            (7, "layer1.weight[3,1]"),
            (8, "layer1.bias[0]"),
            (12, "layer2.weight[0,0]"),
            (18, "layer2.weight[1,2]"),
            (26, "layer2.bias[2]"),
            (34, "layer3.bias[1]"),
        ];
        for (index, name) in names {
            assert_eq!(shape.name(index), name);
        }
        let units: Vec<usize> = [0, 7, 8, 11, 12, 18, 26, 34]
            .map(|i| shape.unit_of(i))
            .into();
        assert_eq!(units, [0, 3, 0, 3, 4, 5, 6, 8]);
        assert_eq!(Shape::new(2, &[0], 2, Activation::Tanh, false), None);
        let huge = Shape::new(2, &[usize::MAX, 5], 2, Activation::Tanh, false).expect("units");
        assert_eq!(huge.parameters(), usize::MAX);
    }

    #[test]
    fn only_layers_as_wide_as_their_input_are_residual() {
        let shape = Shape::new(4, &[4, 3, 3], 3, Activation::Relu, true).expect("units");
        let residual: Vec<bool> = shape.layers().map(|layer| layer.is_residual).collect();
        assert_eq!(residual, [true, false, true, false]);
    }
}
