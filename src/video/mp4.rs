//! One H.264 track in MP4: fragments while it is recorded, then a file with its index in front.
//!
//! Boxes follow ISO/IEC 14496-12 and 14496-15.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use mp4_atom::{
    Avc1, Avcc, AvccExt, Co64, Colr, Dinf, Dref, Encode, FourCC, Ftyp, Hdlr, Mdhd, Mdia, Mfhd, Minf, Moof, Moov,
    Mvex, Mvhd, Pasp, Stbl, Stco, Stsc, StscEntry, Stsd, Stss, Stsz, StszSamples, Stts, SttsEntry, Tfdt, Tfhd,
    Tkhd, Traf, Trak, Trex, Trun, TrunEntry, TrunSamples, Url, Visual, Vmhd,
};

/// Ticks per frame. The clock runs at `fps * TICKS`, so every rate is exact.
const TICKS: u32 = 512;
/// `sample_depends_on = 2`: a key frame.
const KEY: u32 = 0x0200_0000;
/// `sample_depends_on = 1` and `sample_is_non_sync_sample`: it needs the frames before it.
const NOT_KEY: u32 = 0x0101_0000;

/// The track's fixed properties.
#[derive(Debug, Clone)]
pub(super) struct Track {
    pub width: u16,
    pub height: u16,
    pub fps: u32,
    /// Sequence and picture parameter set, without start codes.
    pub sps: Vec<u8>,
    pub pps: Vec<u8>,
}

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
        encode(&brands(b"iso5", &[b"iso5", b"iso6", b"mp41", b"avc1"]), &mut head)?;
        let mut moov = track.moov(Stbl { stco: Some(Stco::default()), ..Stbl::default() }, 0)?;
        moov.mvex = Some(Mvex {
            mehd: None,
            trex: vec![Trex { track_id: 1, default_sample_description_index: 1, ..Trex::default() }],
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
        if self.entries.len() as u32 >= (self.track.fps / 2).max(1) {
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
        let before = self.sizes.len() as u64 - u64::from(count);
        let mut moof = Moof {
            mfhd: Mfhd { sequence_number: self.chunks.len() as u32 + 1 },
            traf: vec![Traf {
                tfhd: Tfhd {
                    track_id: 1,
                    default_sample_duration: Some(TICKS),
                    default_base_is_moof: true,
                    ..Tfhd::default()
                },
                tfdt: Some(Tfdt { base_media_decode_time: before * u64::from(TICKS) }),
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
        self.chunks.push(Chunk { offset, bytes: self.length - offset, samples: count });
        Ok(())
    }

    /// Copies the track into `out` as a plain MP4 with its index in front. Returns its size in bytes.
    pub fn remux(&mut self, out: &mut File) -> io::Result<u64> {
        self.flush()?;
        let mut head = Vec::new();
        encode(&brands(b"isom", &[b"isom", b"iso2", b"avc1", b"mp41"]), &mut head)?;
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
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the part file was shortened meanwhile"));
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
            (None, Some(Co64 { entries: offsets.collect() }))
        } else {
            (Some(Stco { entries: offsets.map(|offset| offset as u32).collect() }), None)
        };
        let mut runs: Vec<StscEntry> = Vec::new();
        for (chunk, first_chunk) in self.chunks.iter().zip(1..) {
            if runs.last().is_none_or(|run| run.samples_per_chunk != chunk.samples) {
                runs.push(StscEntry { first_chunk, samples_per_chunk: chunk.samples, sample_description_index: 1 });
            }
        }
        let frames = self.sizes.len() as u32;
        let tables = Stbl {
            stts: Stts { entries: vec![SttsEntry { sample_count: frames, sample_delta: TICKS }] },
            stss: Some(Stss { entries: self.keys.clone() }),
            stsc: Stsc { entries: runs },
            stsz: Stsz { samples: StszSamples::Different { sizes: self.sizes.clone() } },
            stco,
            co64,
            ..Stbl::default()
        };
        self.track.moov(tables, u64::from(frames) * u64::from(TICKS))
    }
}

impl Track {
    /// The movie box around `tables`; `duration` in ticks.
    fn moov(&self, tables: Stbl, duration: u64) -> io::Result<Moov> {
        let timescale = self.fps * TICKS;
        let mut avcc = Avcc::new(&self.sps, &self.pps).map_err(invalid)?;
        // ISO/IEC 14496-15, 5.3.3.1.2: the high profiles carry their format a second time.
        if matches!(avcc.avc_profile_indication, 100 | 110 | 122 | 144) {
            avcc.ext = Some(AvccExt::default());
        }
        let entry = Avc1 {
            visual: Visual {
                data_reference_index: 1,
                width: self.width,
                height: self.height,
                horizresolution: 72.into(),
                vertresolution: 72.into(),
                frame_count: 1,
                compressor: "".into(),
                depth: 24,
            },
            avcc,
            btrt: None,
            colr: Some(Colr::Nclx {
                colour_primaries: 1,
                transfer_characteristics: 1,
                matrix_coefficients: 1,
                full_range_flag: false,
            }),
            pasp: Some(Pasp { h_spacing: 1, v_spacing: 1 }),
            taic: None,
            fiel: None,
            spatial: Default::default(),
        };
        Ok(Moov {
            mvhd: Mvhd {
                timescale,
                duration,
                rate: 1.into(),
                volume: 1.into(),
                next_track_id: 2,
                ..Mvhd::default()
            },
            trak: vec![Trak {
                tkhd: Tkhd {
                    track_id: 1,
                    duration,
                    enabled: true,
                    in_movie: true,
                    width: self.width.into(),
                    height: self.height.into(),
                    ..Tkhd::default()
                },
                mdia: Mdia {
                    mdhd: Mdhd { timescale, duration, language: "und".into(), ..Mdhd::default() },
                    hdlr: Hdlr { handler: FourCC::new(b"vide"), name: "VideoHandler".into() },
                    minf: Minf {
                        vmhd: Some(Vmhd::default()),
                        dinf: Dinf { dref: Dref { entries: vec![Url::default().into()] } },
                        stbl: Stbl { stsd: Stsd { codecs: vec![entry.into()] }, ..tables },
                        ..Minf::default()
                    },
                },
                ..Trak::default()
            }],
            ..Moov::default()
        })
    }
}

fn brands(major: &[u8; 4], all: &[&[u8; 4]]) -> Ftyp {
    Ftyp {
        major_brand: FourCC::new(major),
        minor_version: 512,
        compatible_brands: all.iter().map(|brand| FourCC::new(brand)).collect(),
    }
}

fn encode(box_: &impl Encode, into: &mut Vec<u8>) -> io::Result<()> {
    box_.encode(into).map_err(invalid)
}

fn invalid(error: mp4_atom::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
