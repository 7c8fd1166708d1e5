//! Starts that are drawn: how, and from which seed.

use super::keys::{Form, Keys, REQUIRED, key};
use super::reader::Table;
use super::writer::{inline, number, quoted};
use super::{ZEROS, names};
use crate::objective::network::Init;

/// How a start is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StartDraw {
    pub init: Init,
    pub seed: u64,
}

impl Default for StartDraw {
    fn default() -> StartDraw {
        StartDraw {
            init: Init::Xavier,
            seed: 0,
        }
    }
}

pub(super) const KEYS: Keys = Keys {
    header: "panel.descent.start",
    example: "{ init = \"xavier\", seed = 0 }",
    about: "How the weights of a network, or of `model = \"pixels\"`, are drawn.",
    groups: &[&[
        key(
            "init",
            Form::Words(|| Init::NAMES.to_vec()),
            REQUIRED,
            "the draw",
        ),
        key(
            "scale",
            Form::NOT_NEGATIVE,
            "`0.1`",
            "of `init = \"normal\"`: the standard deviation",
        ),
        key("seed", Form::SEED, "`0`", "of the draw"),
    ]],
};

/// How a start is drawn: `{ init = "xavier", seed = 3 }`.
pub(super) fn start_draw(table: &Table) -> Option<StartDraw> {
    let word = table.require("init");
    let seed = table.get("seed");
    let scale = table.get("scale");
    table.finish();
    let word = word?;
    let name = word.text()?;
    let init =
        Init::named(name).or_else(|| word.fail(&names::expected(name, Init::NAMES.into_iter())))?;
    let init = match (init, scale) {
        (Init::Normal { .. }, Some(scale)) => Init::Normal {
            scale: scale.number()?,
        },
        (_, Some(scale)) => {
            scale.report("only init = \"normal\" takes `scale`".to_owned());
            return None;
        }
        (init, None) => init,
    };
    let seed = seed.map_or(Some(0), |f| f.whole());
    Some(StartDraw { init, seed: seed? })
}

/// See [`start_draw`].
pub(super) fn start_draw_text(draw: &StartDraw) -> String {
    if draw.init == Init::Zeros {
        return quoted(ZEROS);
    }
    let mut entries = vec![("init", quoted(draw.init.name()))];
    if let Init::Normal { scale } = draw.init {
        entries.push(("scale", number(scale)));
    }
    entries.push(("seed", draw.seed.to_string()));
    inline(entries)
}
