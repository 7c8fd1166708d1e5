//! Frames read back from the graphics device, each with the tag it was drawn under.
//!
//! The picture is copied as soon as it is drawn, from the texture that the cameras share, into one of a few buffers,
//! which are read once the device is done with them: while one frame is read, the next is drawn. Bevy's own read-back
//! does not say which frame a picture is of, and comes two to five frames late.

use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::sync::{Mutex, PoisonError};

use bevy::prelude::*;
use bevy::render::extract_component::ExtractComponentPlugin;
use bevy::render::extract_resource::{ExtractResource, ExtractResourcePlugin};
use bevy::render::render_resource::{
    Buffer, BufferDescriptor, BufferUsages, Extent3d, MapMode, PollType, TextureFormat,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::view::ViewTarget;
use bevy::render::{Render, RenderApp, RenderSystems};

use crate::lab::showing::overlay::PictureCamera;

/// Frames on their way at a time.
const BUFFERS: usize = 3;
/// Rows in a buffer begin at multiples of so many bytes.
const ROW_ALIGNMENT: u32 = 256;
/// Pictures that wait to be used again.
const SPARE: usize = 4;

/// The number of the frame that is drawn next; `None` if it is not wanted.
#[derive(Resource, ExtractResource, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FrameTag(pub Option<u64>);

/// A frame as it was drawn.
#[derive(Debug)]
pub struct TaggedFrame {
    pub tag: u64,
    pub width: u32,
    pub height: u32,
    /// 8-bit sRGB, row by row from the top, colours premultiplied by alpha.
    pub rgba: Vec<u8>,
}

/// Frames that have arrived, in the order in which they were drawn.
#[derive(Resource)]
pub struct Captures {
    frames: Mutex<Receiver<Result<TaggedFrame, CaptureError>>>,
    spare: SyncSender<Vec<u8>>,
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum CaptureError {
    #[error("a picture could not be read back: the graphics device may have been lost ({0})")]
    Lost(String),
    #[error("frame {found} was read back where frame {expected} was due")]
    OutOfOrder { found: u64, expected: u64 },
    #[error("pictures in the format {0:?} cannot be recorded")]
    Format(TextureFormat),
}

impl Captures {
    /// The next frame, if it is there.
    pub fn take(&self) -> Option<Result<TaggedFrame, CaptureError>> {
        let frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        frames.try_recv().ok()
    }

    /// Gives a picture's memory back.
    pub fn reuse(&self, rgba: Vec<u8>) {
        // What does not fit is freed.
        let _ = self.spare.try_send(rgba);
    }
}

/// The buffers, and where frames go.
#[derive(Resource)]
struct Ring {
    slots: Vec<Slot>,
    frames: Sender<Result<TaggedFrame, CaptureError>>,
    spare: Mutex<Receiver<Vec<u8>>>,
}

struct Slot {
    buffer: Buffer,
    size: [u32; 2],
    format: TextureFormat,
    tag: u64,
    mapped: Mutex<Receiver<Result<(), String>>>,
}

pub fn plugin(app: &mut App) {
    app.init_resource::<FrameTag>().add_plugins((
        ExtractResourcePlugin::<FrameTag>::default(),
        ExtractComponentPlugin::<PictureCamera>::default(),
    ));
    let (frames, arrived) = channel();
    let (given_back, spare) = sync_channel(SPARE);
    app.insert_resource(Captures {
        frames: Mutex::new(arrived),
        spare: given_back,
    });
    if let Some(render) = app.get_sub_app_mut(RenderApp) {
        render
            .insert_resource(Ring {
                slots: Vec::new(),
                frames,
                spare: Mutex::new(spare),
            })
            .add_systems(Render, copy_frame.in_set(RenderSystems::Cleanup));
    }
}

fn copy_frame(
    tag: Res<FrameTag>,
    cameras: Query<&ViewTarget, With<PictureCamera>>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
    mut ring: ResMut<Ring>,
) {
    if !ring.slots.is_empty() {
        // An error shows in the slots.
        let _ = device.poll(PollType::Poll);
        ring.harvest();
    }
    let (Some(tag), Ok(target)) = (tag.0, cameras.single()) else {
        return;
    };
    while ring.slots.len() >= BUFFERS {
        if let Err(error) = device.poll(PollType::wait_indefinitely()) {
            ring.slots.clear();
            let _ = ring.frames.send(Err(CaptureError::Lost(error.to_string())));
            return;
        }
        ring.harvest();
    }
    let texture = target.main_texture();
    let (width, height) = (texture.width(), texture.height());
    let stride = (width * 4).next_multiple_of(ROW_ALIGNMENT);
    let buffer = device.create_buffer(&BufferDescriptor {
        label: Some("captured frame"),
        size: u64::from(stride) * u64::from(height),
        usage: BufferUsages::COPY_DST | BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&Default::default());
    encoder.copy_texture_to_buffer(
        texture.as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(stride),
                rows_per_image: None,
            },
        },
        Extent3d {
            width,
            height,
            depth_or_array_layers: 1,
        },
    );
    queue.submit([encoder.finish()]);
    let (done, mapped) = channel();
    buffer.slice(..).map_async(MapMode::Read, move |result| {
        // Whoever asked may be gone.
        let _ = done.send(result.map_err(|error| error.to_string()));
    });
    ring.slots.push(Slot {
        buffer,
        size: [width, height],
        format: texture.format(),
        tag,
        mapped: Mutex::new(mapped),
    });
}

impl Ring {
    /// Sends on the frames that the device is done with, oldest first.
    fn harvest(&mut self) {
        while let Some(slot) = self.slots.first() {
            let mapped = slot.mapped.lock().unwrap_or_else(PoisonError::into_inner);
            let result = match mapped.try_recv() {
                Ok(result) => result,
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => Err("nobody answers for it".to_owned()),
            };
            drop(mapped);
            let slot = self.slots.remove(0);
            let frame = match result {
                Ok(()) => self.read(&slot),
                Err(error) => Err(CaptureError::Lost(error)),
            };
            // Nobody may want it any more.
            let _ = self.frames.send(frame);
        }
    }

    fn read(&self, slot: &Slot) -> Result<TaggedFrame, CaptureError> {
        let swap = match slot.format {
            TextureFormat::Rgba8UnormSrgb | TextureFormat::Rgba8Unorm => false,
            TextureFormat::Bgra8UnormSrgb | TextureFormat::Bgra8Unorm => true,
            other => return Err(CaptureError::Format(other)),
        };
        let [width, height] = slot.size;
        let row = width as usize * 4;
        let stride = row.next_multiple_of(ROW_ALIGNMENT as usize);
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rgba = spare.try_recv().unwrap_or_default();
        rgba.clear();
        rgba.reserve_exact(row * height as usize);
        let bytes = slot.buffer.slice(..).get_mapped_range();
        for line in bytes.chunks(stride) {
            rgba.extend_from_slice(&line[..row]);
        }
        drop(bytes);
        slot.buffer.unmap();
        if swap {
            for pixel in rgba.chunks_exact_mut(4) {
                pixel.swap(0, 2);
            }
        }
        Ok(TaggedFrame {
            tag: slot.tag,
            width,
            height,
            rgba,
        })
    }
}
