//! One H.264 track in MP4: fragments while it is recorded, then a file with its index in front.
//!
//! Boxes follow ISO/IEC 14496-12 and 14496-15.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use mp4_atom::{
    Co64, Mfhd, Moof, Moov, Mvex, Stbl, Stco, Stsc, StscEntry, Stss, Stsz, StszSamples, Stts,
    SttsEntry, Tfdt, Tfhd, Traf, Trex, Trun, TrunEntry, TrunSamples,
};

use super::track::{Track, brands, encode};

/// `sample_depends_on = 2`: a key frame.
const KEY: u32 = 0x0200_0000;
/// `sample_depends_on = 1` and `sample_is_non_sync_sample`: it needs the frames before it.
const NOT_KEY: u32 = 0x0101_0000;

/// The length of a fragment, in seconds.
const HALF_SECOND: f64 = 0.5;

/// A run of samples that lie together in the fragmented file.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    offset: u64,
    bytes: u64,
    samples: u32,
}

/// The growing fragmented file, and what the final file's index needs.
#[derive(Debug)]
pub(super) struct Fragments {
    file: File,
    track: Track,
    /// Bytes of whole fragments in the file.
    length: u64,
    sizes: Vec<u32>,
    keys: Vec<u32>,
    chunks: Vec<Chunk>,
    pending: Vec<u8>,
    entries: Vec<TrunEntry>,
}

impl Fragments {
    /// Writes the head of the file.
    pub fn create(mut file: File, track: Track) -> io::Result<Fragments> {
        let mut head = Vec::new();
        encode(
            &brands(b"iso5", &[b"iso5", b"iso6", b"mp41", b"avc1"]),
            &mut head,
        )?;
        let mut moov = track.moov(
            Stbl {
                stco: Some(Stco::default()),
                ..Stbl::default()
            },
            0,
        )?;
        moov.mvex = Some(Mvex {
            mehd: None,
            trex: vec![Trex {
                track_id: 1,
                default_sample_description_index: 1,
                ..Trex::default()
            }],
        });
        encode(&moov, &mut head)?;
        file.write_all(&head)?;
        Ok(Fragments {
            file,
            track,
            length: head.len() as u64,
            sizes: Vec::new(),
            keys: Vec::new(),
            chunks: Vec::new(),
            pending: Vec::new(),
            entries: Vec::new(),
        })
    }

    /// Bytes in the file.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Adds a frame (NAL units, each with its length in four bytes). A fragment holds half a second, and
    /// begins anew with a key frame.
    pub fn sample(&mut self, data: &[u8], key: bool) -> io::Result<()> {
        if key {
            self.flush()?;
            self.keys.push(self.sizes.len() as u32 + 1);
        }
        self.sizes.push(data.len() as u32);
        self.entries.push(TrunEntry {
            size: Some(data.len() as u32),
            flags: Some(if key { KEY } else { NOT_KEY }),
            ..TrunEntry::default()
        });
        self.pending.extend_from_slice(data);
        if self.entries.len() as u32 >= self.track.rate.frames_in(HALF_SECOND) {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes the pending frames as one fragment. A fragment that does not fit on the disk is cut off
    /// again, so that the file stays playable.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.entries.is_empty() {
            return Ok(());
        }
        let count = self.entries.len() as u32;
        let (_, ticks) = self.track.rate.clock();
        let before = self.sizes.len() as u64 - u64::from(count);
        let mut moof = Moof {
            mfhd: Mfhd {
                sequence_number: self.chunks.len() as u32 + 1,
            },
            traf: vec![Traf {
                tfhd: Tfhd {
                    track_id: 1,
                    default_sample_duration: Some(ticks),
                    default_base_is_moof: true,
                    ..Tfhd::default()
                },
                tfdt: Some(Tfdt {
                    base_media_decode_time: before * u64::from(ticks),
                }),
                trun: vec![Trun {
                    data_offset: Some(0),
                    samples: TrunSamples::Explicit(std::mem::take(&mut self.entries)),
                }],
                ..Traf::default()
            }],
        };
        let mut bytes = Vec::new();
        encode(&moof, &mut bytes)?;
        // The offset has a fixed width, so the second encoding is as long as the first.
        moof.traf[0].trun[0].data_offset = Some(bytes.len() as i32 + 8);
        bytes.clear();
        encode(&moof, &mut bytes)?;
        bytes.extend_from_slice(&(self.pending.len() as u32 + 8).to_be_bytes());
        bytes.extend_from_slice(b"mdat");
        let offset = self.length + bytes.len() as u64;
        bytes.append(&mut self.pending);
        if let Err(error) = self.file.write_all(&bytes) {
            let _ = self.file.set_len(self.length);
            return Err(error);
        }
        self.length += bytes.len() as u64;
        self.chunks.push(Chunk {
            offset,
            bytes: self.length - offset,
            samples: count,
        });
        Ok(())
    }

    /// Copies the track into `out` as a plain MP4 with its index in front. Returns its size in bytes.
    pub fn remux(&mut self, out: &mut File) -> io::Result<u64> {
        self.flush()?;
        let mut head = Vec::new();
        encode(
            &brands(b"isom", &[b"isom", b"iso2", b"avc1", b"mp41"]),
            &mut head,
        )?;
        let ftyp = head.len();
        let payload: u64 = self.chunks.iter().map(|chunk| chunk.bytes).sum();
        // Offsets of 32 bits do for all but huge files; the margin is generous for the index itself.
        let wide = payload + (1 << 28) > u64::from(u32::MAX);
        // The index's length does not depend on the offsets in it.
        encode(&self.index(0, wide)?, &mut head)?;
        let start = head.len() as u64 + if wide { 16 } else { 8 };
        head.truncate(ftyp);
        encode(&self.index(start, wide)?, &mut head)?;
        if wide {
            head.extend_from_slice(&1u32.to_be_bytes());
            head.extend_from_slice(b"mdat");
            head.extend_from_slice(&(payload + 16).to_be_bytes());
        } else {
            head.extend_from_slice(&(payload as u32 + 8).to_be_bytes());
            head.extend_from_slice(b"mdat");
        }
        out.write_all(&head)?;
        for chunk in &self.chunks {
            self.file.seek(SeekFrom::Start(chunk.offset))?;
            let copied = io::copy(&mut (&self.file).take(chunk.bytes), out)?;
            if copied != chunk.bytes {
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the part file was shortened meanwhile",
                ));
            }
        }
        out.sync_all()?;
        Ok(head.len() as u64 + payload)
    }

    /// The final file's index, for a payload that begins at `start`.
    fn index(&self, start: u64, wide: bool) -> io::Result<Moov> {
        let mut at = start;
        let offsets = self.chunks.iter().map(|chunk| {
            at += chunk.bytes;
            at - chunk.bytes
        });
        let (stco, co64) = if wide {
            (
                None,
                Some(Co64 {
                    entries: offsets.collect(),
                }),
            )
        } else {
            (
                Some(Stco {
                    entries: offsets.map(|offset| offset as u32).collect(),
                }),
                None,
            )
        };
        let mut runs: Vec<StscEntry> = Vec::new();
        for (chunk, first_chunk) in self.chunks.iter().zip(1..) {
            if runs
                .last()
                .is_none_or(|run| run.samples_per_chunk != chunk.samples)
            {
                runs.push(StscEntry {
                    first_chunk,
                    samples_per_chunk: chunk.samples,
                    sample_description_index: 1,
                });
            }
        }
        let (_, ticks) = self.track.rate.clock();
        let frames = self.sizes.len() as u32;
        let tables = Stbl {
            stts: Stts {
                entries: vec![SttsEntry {
                    sample_count: frames,
                    sample_delta: ticks,
                }],
            },
            stss: Some(Stss {
                entries: self.keys.clone(),
            }),
            stsc: Stsc { entries: runs },
            stsz: Stsz {
                samples: StszSamples::Different {
                    sizes: self.sizes.clone(),
                },
            },
            stco,
            co64,
            ..Stbl::default()
        };
        self.track
            .moov(tables, u64::from(frames) * u64::from(ticks))
    }
}
