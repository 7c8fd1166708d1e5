//! Which graphics adapter is used. Asked for before the renderer starts, which would panic without one.

use std::fmt;
use std::str::FromStr;

use wgpu::{AdapterInfo, Backends, DeviceType, Instance, InstanceDescriptor};

/// The graphics interfaces that are tried.
pub const BACKENDS: Backends = Backends::PRIMARY;

/// What a person asks for with `--adapter`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AdapterWish {
    /// A real GPU if there is one, else the software renderer.
    #[default]
    Best,
    /// A real GPU.
    Gpu,
    /// The software renderer.
    Cpu,
    /// The first whose name contains this.
    Named(String),
}

impl FromStr for AdapterWish {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<AdapterWish, Self::Err> {
        Ok(match text.to_lowercase().as_str() {
            "gpu" => AdapterWish::Gpu,
            "cpu" => AdapterWish::Cpu,
            name => AdapterWish::Named(name.to_owned()),
        })
    }
}

impl fmt::Display for AdapterWish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AdapterWish::Best => f.write_str("any adapter"),
            AdapterWish::Gpu => f.write_str("a GPU"),
            AdapterWish::Cpu => f.write_str("a software renderer"),
            AdapterWish::Named(name) => write!(f, "an adapter named `{name}`"),
        }
    }
}

/// An adapter that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adapter {
    pub name: String,
    pub kind: DeviceType,
    pub is_cpu: bool,
}

impl Adapter {
    fn new(name: &str, kind: DeviceType) -> Adapter {
        Adapter {
            name: name.to_owned(),
            kind,
            is_cpu: kind == DeviceType::Cpu,
        }
    }

    /// Its name as a backend, for people.
    pub fn describe(&self) -> String {
        let software = if self.is_cpu {
            ", a software renderer"
        } else {
            ""
        };
        format!("GPU: {}{software}", self.name)
    }

    /// The best is 0.
    fn rank(&self) -> u8 {
        match self.kind {
            DeviceType::DiscreteGpu => 0,
            DeviceType::IntegratedGpu => 1,
            DeviceType::VirtualGpu => 2,
            DeviceType::Other => 3,
            DeviceType::Cpu => 4,
        }
    }
}

impl From<AdapterInfo> for Adapter {
    fn from(info: AdapterInfo) -> Adapter {
        Adapter::new(&info.name, info.device_type)
    }
}

/// There is no adapter, or none like the one asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdapterError {
    #[error(
        "no graphics adapter was found: neither a GPU's driver nor a software renderer.\n\
         On Debian or Ubuntu:  sudo apt-get install libvulkan1 mesa-vulkan-drivers\n\
         (`make run` does this). On other systems install the driver of your graphics card, or Mesa's Vulkan drivers."
    )]
    NoneAtAll,
    #[error("--adapter: expected {wish}, found {}", found.join(", "))]
    NoneLikeIt {
        wish: AdapterWish,
        found: Vec<String>,
    },
}

/// Finds the adapter to use.
///
/// # Errors
/// Without any adapter, or without one like `wish`.
pub fn find(wish: &AdapterWish) -> Result<Adapter, AdapterError> {
    Ok(open(wish)?.0)
}

/// Finds the adapter to use, and gives access to it.
///
/// # Errors
/// Those of [`find`].
pub fn open(wish: &AdapterWish) -> Result<(Adapter, wgpu::Adapter), AdapterError> {
    let instance = Instance::new(InstanceDescriptor {
        backends: BACKENDS,
        ..InstanceDescriptor::new_without_display_handle()
    });
    let mut there: Vec<(Adapter, wgpu::Adapter)> =
        pollster::block_on(instance.enumerate_adapters(BACKENDS))
            .into_iter()
            .map(|adapter| (Adapter::from(adapter.get_info()), adapter))
            .collect();
    let chosen = choose(
        there.iter().map(|(adapter, _)| adapter.clone()).collect(),
        wish,
    )?;
    let place = there.iter().position(|(adapter, _)| *adapter == chosen);
    Ok(there.swap_remove(place.expect("the chosen adapter is one of them")))
}

fn choose(mut adapters: Vec<Adapter>, wish: &AdapterWish) -> Result<Adapter, AdapterError> {
    if adapters.is_empty() {
        return Err(AdapterError::NoneAtAll);
    }
    adapters.sort_by_key(Adapter::rank);
    let fits = |adapter: &&Adapter| match wish {
        AdapterWish::Best => true,
        AdapterWish::Gpu => !adapter.is_cpu,
        AdapterWish::Cpu => adapter.is_cpu,
        AdapterWish::Named(name) => adapter.name.to_lowercase().contains(&name.to_lowercase()),
    };
    match adapters.iter().find(fits) {
        Some(adapter) => Ok(adapter.clone()),
        None => Err(AdapterError::NoneLikeIt {
            wish: wish.clone(),
            found: adapters.into_iter().map(|a| a.name).collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_adapter_that_fits_is_chosen() {
        let all = || {
            vec![
                Adapter::new("llvmpipe", DeviceType::Cpu),
                Adapter::new("Iris Xe", DeviceType::IntegratedGpu),
                Adapter::new("GeForce", DeviceType::DiscreteGpu),
            ]
        };
        for (wish, name) in [
            (AdapterWish::Best, "GeForce"),
            (AdapterWish::Gpu, "GeForce"),
            (AdapterWish::Cpu, "llvmpipe"),
            (AdapterWish::Named("iris".to_owned()), "Iris Xe"),
        ] {
            assert_eq!(choose(all(), &wish).expect("fits").name, name, "{wish}");
        }
    }

    #[test]
    fn without_a_fitting_adapter_the_message_lists_what_there_is() {
        let error = choose(
            vec![Adapter::new("llvmpipe", DeviceType::Cpu)],
            &AdapterWish::Gpu,
        )
        .expect_err("no GPU");
        let message = error.to_string();
        assert!(
            message.contains("a GPU") && message.contains("llvmpipe"),
            "{message}"
        );
    }

    #[test]
    fn without_any_adapter_the_message_names_the_remedy() {
        let message = choose(Vec::new(), &AdapterWish::Best)
            .expect_err("nothing there")
            .to_string();
        assert!(message.contains("mesa-vulkan-drivers"), "{message}");
    }
}
