use std::path::Path;
use super::output::Sink;
use super::{VideoError, VideoSpec};
pub(super) struct GifSink;
impl GifSink { pub fn create(_: &Path, _: &VideoSpec, _: bool) -> Result<GifSink, VideoError> { Ok(GifSink) } }
impl Sink for GifSink {
    fn frame(&mut self, _: &[u8]) -> Result<(), VideoError> { Ok(()) }
    fn bytes(&self) -> u64 { 0 }
    fn finish(self: Box<Self>) -> Result<u64, VideoError> { Ok(0) }
    fn keep(self: Box<Self>) {}
    fn discard(self: Box<Self>) {}
}
