use std::path::Path;
use super::output::Sink;
use super::{VideoError, VideoSpec};
pub(super) struct PngSink;
impl PngSink { pub fn create(_: &Path, _: &VideoSpec, _: bool) -> Result<PngSink, VideoError> { Ok(PngSink) } }
impl Sink for PngSink {
    fn frame(&mut self, _: &[u8]) -> Result<(), VideoError> { Ok(()) }
    fn bytes(&self) -> u64 { 0 }
    fn finish(self: Box<Self>) -> Result<u64, VideoError> { Ok(0) }
    fn keep(self: Box<Self>) {}
    fn discard(self: Box<Self>) {}
}
