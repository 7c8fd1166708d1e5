//! What a graphics driver says on stderr although nothing is wrong.

/// Turns off Mesa's layer that puts the device of the display first, where there is no Wayland to ask: it asks all the same, and
/// libwayland complains twice that XDG_RUNTIME_DIR is not set. Which adapter is used does not depend on their order
/// ([`crate::gpu::adapter`]).
///
/// The layer listens to the environment only, which a program may not change safely while it runs. So the program starts again, in
/// the same process and with the same arguments. Returns where that is not needed or not possible.
#[cfg(target_os = "linux")]
pub fn silence() {
    use std::env;
    use std::os::unix::process::CommandExt;
    use std::path::PathBuf;
    use std::process::Command;

    const LAYER_OFF: &str = "NODEVICE_SELECT";
    // As libwayland looks for the place of the display: a folder, or the whole path.
    let is_path =
        |name: &str| env::var_os(name).is_some_and(|path| PathBuf::from(path).is_absolute());
    let asked_quietly = is_path("XDG_RUNTIME_DIR") || is_path("WAYLAND_DISPLAY");
    if asked_quietly || env::var_os("WAYLAND_SOCKET").is_some() || env::var_os(LAYER_OFF).is_some()
    {
        return;
    }
    let mut arguments = env::args_os();
    if let (Some(name), Ok(program)) = (arguments.next(), env::current_exe()) {
        let mut again = Command::new(program);
        again.arg0(name).args(arguments).env(LAYER_OFF, "1");
        // It returns only if it failed; two lines too many are no reason to stop.
        let _ = again.exec();
    }
}

/// Other systems have no such layer.
#[cfg(not(target_os = "linux"))]
pub fn silence() {}
