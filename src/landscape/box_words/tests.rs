use super::*;

/// Letters of 5 by 10 on a sheet of so much width; what has no room in it goes on in the next row.
struct Sheet {
    width: f64,
    taken: Vec<Block>,
}

impl Paper for Sheet {
    fn size(&self, _: Kind, text: &str, width: f64) -> [f64; 2] {
        let letters = 5.0 * text.chars().count() as f64;
        let rows = (letters / width).ceil().max(1.0);
        [letters.min(width), 10.0 * rows]
    }

    fn width(&self) -> f64 {
        self.width
    }

    fn left(&self) -> f64 {
        0.0
    }

    fn is_free(&self, block: Block) -> bool {
        let is_inside = block.min[0] >= 0.0 && block.max[0] <= self.width;
        is_inside && !self.taken.iter().any(|taken| taken.meets(&block, [0.0; 2]))
    }

    fn shifted(&self, block: Block) -> Block {
        let by = (-block.min[0]).max(0.0) - (block.max[0] - self.width).max(0.0);
        Block {
            min: [block.min[0] + by, block.min[1]],
            max: [block.max[0] + by, block.max[1]],
        }
    }

    fn take(&mut self, block: Block) {
        self.taken.push(block);
    }
}

fn axis(ends: [At; 2], away: At, title: &str) -> BoxAxis {
    let [a, b] = ends;
    let tick = |k: usize| {
        let t = k as f64 / 4.0;
        let at = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
        (at, format!("{k}.25"))
    };
    BoxAxis {
        ends,
        away,
        title: title.to_owned(),
        ticks: (0..5).map(tick).collect(),
    }
}

const DISTANCES: Distances = Distances {
    number: 9.0,
    title: [12.0, 84.0],
    among_numbers: 2.0,
    apart: [2.0, 2.0],
    name: 12.0,
    uncovered: 4.0,
    turns: false,
};

#[test]
fn no_word_lies_on_another_and_every_title_has_its_place() {
    let slanted = 0.5_f64.sqrt();
    let axes = [
        axis(
            [[60.0, 200.0], [160.0, 250.0]],
            [-slanted, slanted],
            "the first weight",
        ),
        axis(
            [[160.0, 250.0], [260.0, 200.0]],
            [slanted, slanted],
            "the second weight",
        ),
        axis([[60.0, 200.0], [60.0, 80.0]], [-1.0, 0.0], "loss"),
    ];
    let names = [PlaceName {
        at: [160.0, 180.0],
        text: "global minimum".to_owned(),
        avoid: vec![[160.0, 200.0]],
    }];
    for turns in [false, true] {
        for width in [320.0, 300.0, 270.0] {
            let mut sheet = Sheet {
                width,
                taken: Vec::new(),
            };
            let distances = Distances { turns, ..DISTANCES };
            let placed = place(&axes, &names, &mut sheet, &distances);
            let of = |kind: Kind| placed.iter().filter(move |words| words.kind == kind);
            assert_eq!(of(Kind::Title).count(), 3, "{turns} {width}");
            assert!(of(Kind::Number).count() > 8, "{turns} {width}");
            assert_eq!(of(Kind::Name).count(), 1);
            assert!(of(Kind::Name).all(|name| !name.block.has([160.0, 200.0], 4.0)));
            for (k, a) in placed.iter().enumerate() {
                let others = placed[..k].iter();
                let on = others.filter(|b| a.block.meets(&b.block, [0.0; 2]));
                assert_eq!(on.count(), 0, "{turns} {width}: {a:?}");
                assert!(a.block.min[0] >= 0.0 && a.block.max[0] <= width, "{a:?}");
            }
            let loss = of(Kind::Title).find(|title| title.text == "loss");
            let loss = loss.expect("a title");
            assert_eq!(loss.is_turned, turns);
        }
    }
}

#[test]
fn what_has_no_room_is_left_out() {
    let axes = [axis([[10.0, 50.0], [20.0, 50.0]], [0.0, 1.0], "x")];
    let mut sheet = Sheet {
        width: 12.0,
        taken: Vec::new(),
    };
    let placed = place(&axes, &[], &mut sheet, &DISTANCES);
    assert!(placed.iter().all(|words| words.block.max[0] <= 12.0));
    assert!(place(&[], &[], &mut sheet, &DISTANCES).is_empty());
}
