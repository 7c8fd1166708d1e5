//! Whether there is a display for a window. Asked for before the window system starts, which would panic without one.

/// There is no display, or it does not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no display to open a window on: {0}.\n\
     For a picture without one:  steepest shot race -o race.png"
)]
pub struct NoDisplay(String);

/// Looks for the display that the window system will use: Wayland's if it is named, else X11's.
///
/// # Errors
/// If none is named, or the one that is does not answer.
#[cfg(all(unix, not(target_os = "macos")))]
pub fn probe() -> Result<(), NoDisplay> {
    let named = |variable: &str| {
        std::env::var(variable)
            .ok()
            .filter(|value| !value.is_empty())
    };
    if named("WAYLAND_SOCKET").is_some() {
        // An open connection, handed over once: asking would use it up.
        return Ok(());
    }
    if let Some(name) = named("WAYLAND_DISPLAY") {
        return wayland_client::Connection::connect_to_env()
            .map(drop)
            .map_err(|error| NoDisplay(format!("WAYLAND_DISPLAY is `{name}`, {error}")));
    }
    let Some(name) = named("DISPLAY") else {
        let neither = "neither DISPLAY nor WAYLAND_DISPLAY is set";
        return Err(NoDisplay(neither.to_owned()));
    };
    x11rb::connect(None)
        .map(drop)
        .map_err(|error| NoDisplay(format!("DISPLAY is `{name}`, {error}")))
}

/// Other systems always have one.
///
/// # Errors
/// None.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub fn probe() -> Result<(), NoDisplay> {
    Ok(())
}
