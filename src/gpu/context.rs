//! A device and its queue: opened here, or adopted from the app, which has one already.

use std::sync::{Arc, Mutex, PoisonError};

use wgpu::{
    Buffer, BufferDescriptor, BufferUsages, Device, DeviceDescriptor, ErrorFilter, Features,
    Limits, Queue,
};

use super::adapter::{self, Adapter, AdapterError, AdapterWish};

/// A device's last words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DeviceFailure(pub String);

impl DeviceFailure {
    /// What is left to say of a device that says nothing.
    pub fn silent() -> DeviceFailure {
        DeviceFailure("the device does not answer".to_owned())
    }
}

/// Why there is no device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContextError {
    #[error(transparent)]
    Adapter(#[from] AdapterError),
    /// The adapter is there, but gives no device.
    #[error("{device} failed: {reason}")]
    Device { device: String, reason: String },
}

/// A device to compute on. Clones share it.
#[derive(Debug, Clone)]
pub struct Context {
    pub adapter: Adapter,
    device: Device,
    queue: Queue,
    /// What was said when the device was lost. Nothing of an adopted one, whose owner is told.
    lost: Arc<Mutex<Option<String>>>,
}

impl Context {
    /// Opens a device of the adapter that is wished for.
    ///
    /// # Errors
    /// Without such an adapter, or if it gives no device.
    pub fn open(wish: &AdapterWish) -> Result<Context, ContextError> {
        let (adapter, access) = adapter::open(wish)?;
        Context::of(adapter, &access)
    }

    /// Opens a device of this adapter, with time stamps where it has them.
    ///
    /// # Errors
    /// If it gives none.
    pub fn of(adapter: Adapter, access: &wgpu::Adapter) -> Result<Context, ContextError> {
        let descriptor = DeviceDescriptor {
            label: Some("compute"),
            required_features: access.features() & Features::TIMESTAMP_QUERY,
            required_limits: Limits::downlevel_defaults(),
            ..Default::default()
        };
        let opened = pollster::block_on(access.request_device(&descriptor));
        let (device, queue) = opened.map_err(|error| ContextError::Device {
            device: adapter.name.clone(),
            reason: error.to_string(),
        })?;
        let context = Context::adopt(adapter, device, queue);
        let lost = context.lost.clone();
        context.device.set_device_lost_callback(move |_, message| {
            let mut lost = lost.lock().unwrap_or_else(PoisonError::into_inner);
            lost.get_or_insert(message);
        });
        Ok(context)
    }

    /// Computes on somebody else's device beside them. Their handlers of errors and of a loss stay.
    pub fn adopt(adapter: Adapter, device: Device, queue: Queue) -> Context {
        Context {
            adapter,
            device,
            queue,
            lost: Arc::default(),
        }
    }

    pub fn device(&self) -> &Device {
        &self.device
    }

    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// A buffer of so many bytes, all zero.
    pub fn buffer(&self, bytes: u64, usage: BufferUsages) -> Buffer {
        self.device.create_buffer(&BufferDescriptor {
            label: None,
            size: bytes,
            usage,
            mapped_at_creation: false,
        })
    }

    /// Does something with the device, and gives the first error that the device has of it as a value. Scopes belong to
    /// the thread, so that whoever else uses the device is not disturbed.
    ///
    /// # Errors
    /// The device's, else those of `work`.
    pub fn watch<T>(
        &self,
        work: impl FnOnce() -> Result<T, DeviceFailure>,
    ) -> Result<T, DeviceFailure> {
        self.check()?;
        let scopes = [
            ErrorFilter::Validation,
            ErrorFilter::OutOfMemory,
            ErrorFilter::Internal,
        ]
        .map(|filter| self.device.push_error_scope(filter));
        let result = work();
        // The innermost first.
        let errors = scopes
            .into_iter()
            .rev()
            .map(|scope| pollster::block_on(scope.pop()));
        let error = errors.fold(None, |first, error| first.or(error));
        match error {
            Some(error) => Err(DeviceFailure(error.to_string())),
            // A loss explains an error better than the error does.
            None => match (result, self.check()) {
                (Err(_), Err(lost)) => Err(lost),
                (result, _) => result,
            },
        }
    }

    /// # Errors
    /// If the device is known to be lost.
    pub fn check(&self) -> Result<(), DeviceFailure> {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        match &*lost {
            Some(message) => Err(DeviceFailure(message.clone())),
            None => Ok(()),
        }
    }
}
