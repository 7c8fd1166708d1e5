//! The boxes that describe the H.264 track, in a recording and in a finished file alike.

use std::io;

use super::rate::Rate;
use mp4_atom::{
    Avc1, Avcc, AvccExt, Colr, Dinf, Dref, Encode, FourCC, Ftyp, Hdlr, Mdhd, Mdia, Minf, Moov,
    Mvhd, Pasp, Stbl, Stsd, Tkhd, Trak, Url, Visual, Vmhd,
};

/// The track's fixed properties.
#[derive(Debug, Clone)]
pub(super) struct Track {
    pub width: u16,
    pub height: u16,
    pub rate: Rate,
    /// Sequence and picture parameter set, without start codes.
    pub sps: Vec<u8>,
    pub pps: Vec<u8>,
}

impl Track {
    /// The movie box around `tables`; `duration` in ticks.
    pub fn moov(&self, tables: Stbl, duration: u64) -> io::Result<Moov> {
        let (timescale, _) = self.rate.clock();
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
            pasp: Some(Pasp {
                h_spacing: 1,
                v_spacing: 1,
            }),
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
                    mdhd: Mdhd {
                        timescale,
                        duration,
                        language: "und".into(),
                        ..Mdhd::default()
                    },
                    hdlr: Hdlr {
                        handler: FourCC::new(b"vide"),
                        name: "VideoHandler".into(),
                    },
                    minf: Minf {
                        vmhd: Some(Vmhd::default()),
                        dinf: Dinf {
                            dref: Dref {
                                entries: vec![Url::default().into()],
                            },
                        },
                        stbl: Stbl {
                            stsd: Stsd {
                                codecs: vec![entry.into()],
                            },
                            ..tables
                        },
                        ..Minf::default()
                    },
                },
                ..Trak::default()
            }],
            ..Moov::default()
        })
    }
}

/// The file type box.
pub(super) fn brands(major: &[u8; 4], all: &[&[u8; 4]]) -> Ftyp {
    Ftyp {
        major_brand: FourCC::new(major),
        minor_version: 512,
        compatible_brands: all.iter().map(|brand| FourCC::new(brand)).collect(),
    }
}

/// Appends a box.
pub(super) fn encode(box_: &impl Encode, into: &mut Vec<u8>) -> io::Result<()> {
    box_.encode(into).map_err(invalid)
}

fn invalid(error: mp4_atom::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
