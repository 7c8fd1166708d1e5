//! What computes: the GPU or the CPU, as a person wishes and as there is.

use std::fmt;
use std::str::FromStr;

use super::adapter::{self, AdapterError, AdapterWish};
use super::context::{Context, ContextError};

/// What a person asks for with `--backend`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BackendWish {
    /// A real GPU if there is one and as long as it works, else the CPU.
    #[default]
    Auto,
    /// The graphics adapter, a software renderer too.
    Gpu,
    /// The CPU, without graphics.
    Cpu,
}

impl BackendWish {
    const ALL: [BackendWish; 3] = [BackendWish::Auto, BackendWish::Gpu, BackendWish::Cpu];

    fn name(self) -> &'static str {
        match self {
            BackendWish::Auto => "auto",
            BackendWish::Gpu => "gpu",
            BackendWish::Cpu => "cpu",
        }
    }

    /// Opens the device to compute on; `None` for the CPU.
    ///
    /// # Errors
    /// Without an adapter like the one asked for, or if it gives no device. With `Auto` only if one was asked for, or if there
    /// is a GPU.
    pub fn open(self, wish: &AdapterWish) -> Result<Option<Context>, ContextError> {
        match self {
            BackendWish::Cpu => Ok(None),
            BackendWish::Gpu => Context::open(wish).map(Some),
            BackendWish::Auto => match adapter::open(wish) {
                Err(AdapterError::NoneAtAll) => Ok(None),
                Ok((adapter, _)) if adapter.is_cpu => Ok(None),
                found => {
                    let (adapter, access) = found?;
                    Context::of(adapter, &access).map(Some)
                }
            },
        }
    }
}

impl fmt::Display for BackendWish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for BackendWish {
    type Err = String;

    fn from_str(text: &str) -> Result<BackendWish, String> {
        let found = BackendWish::ALL.into_iter().find(|b| b.name() == text);
        found.ok_or_else(|| format!("found `{text}`, expected auto, gpu or cpu"))
    }
}
