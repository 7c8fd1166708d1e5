//! What egui paints, as pixels: its triangles are filled here, row by row.

use std::collections::HashMap;

use bevy_egui::egui;
use egui::epaint::{ClippedPrimitive, ImageData, Mesh, Primitive, Vertex};
use egui::{Color32, ColorImage, Pos2, Rect, TextureFilter, TextureHandle, TextureId, pos2};

use crate::lab::Theme;
use crate::ui::text::fonts;
use crate::ui::text::style::color32;

/// Parts of a pixel that corners are rounded to.
const FINE: f32 = 256.0;

/// Paints on the theme's ground, with `scale` pixels to a point. `draw` is called twice: the first time nothing is kept, but
/// sizes of words are known already. It says how large the page is, in points, and leaves its images with the list.
pub fn paint(
    theme: &Theme,
    scale: f32,
    mut draw: impl FnMut(&egui::Painter, &mut Vec<TextureHandle>) -> egui::Vec2,
) -> ColorImage {
    let ctx = egui::Context::default();
    ctx.set_visuals(if theme.is_dark() {
        egui::Visuals::dark()
    } else {
        egui::Visuals::light()
    });
    ctx.set_fonts(fonts::built_in());
    let (mut images, mut textures) = (Vec::new(), Textures::default());
    let mut size = egui::vec2(64.0, 64.0);
    let mut primitives = Vec::new();
    for _ in 0..2 {
        let mut input = egui::RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
            ..Default::default()
        };
        for viewport in input.viewports.values_mut() {
            viewport.native_pixels_per_point = Some(scale);
        }
        ctx.begin_pass(input);
        let everything = Rect::from_min_size(Pos2::ZERO, egui::Vec2::splat(f32::MAX));
        let painter = ctx.layer_painter(egui::LayerId::background());
        size = draw(&painter.with_clip_rect(everything), &mut images);
        let output = ctx.end_pass();
        textures.update(output.textures_delta);
        primitives = ctx.tessellate(output.shapes, scale);
    }
    // That they are gone is to be heard, too.
    drop(images);
    ctx.tex_manager().write().take_delta().clear();
    let [width, height] = [size.x, size.y].map(|side| (side * scale).ceil().max(1.0) as usize);
    let mut page = ColorImage::filled([width, height], color32(theme.background));
    for ClippedPrimitive {
        clip_rect,
        primitive,
    } in primitives
    {
        if let Primitive::Mesh(mesh) = primitive {
            fill(&mut page, &mesh, clip_rect, scale, &textures);
        }
    }
    page
}

#[derive(Default)]
struct Textures(HashMap<TextureId, (ColorImage, TextureFilter)>);

impl Textures {
    fn update(&mut self, mut delta: egui::TexturesDelta) {
        delta.free.clear();
        for (id, images) in delta.set.drain() {
            for image in images {
                let ImageData::Color(part) = &image.image;
                match (image.pos, self.0.get_mut(&id)) {
                    (Some([left, top]), Some((whole, _))) => {
                        for (row, pixels) in
                            part.pixels.chunks_exact(part.size[0].max(1)).enumerate()
                        {
                            let from = (top + row) * whole.size[0] + left;
                            whole.pixels[from..from + pixels.len()].copy_from_slice(pixels);
                        }
                    }
                    _ => {
                        let filter = image.options.magnification;
                        self.0.insert(id, ((**part).clone(), filter));
                    }
                }
            }
        }
    }

    /// The colour at a place of a texture, from 0 to 1 along each side, premultiplied.
    fn sample(&self, id: TextureId, uv: Pos2) -> [f32; 4] {
        let Some((image, filter)) = self.0.get(&id) else {
            return [255.0; 4];
        };
        let [width, height] = image.size;
        let texel = |x: f32, y: f32| {
            let x = (x.max(0.0) as usize).min(width - 1);
            let y = (y.max(0.0) as usize).min(height - 1);
            image.pixels[y * width + x].to_array().map(f32::from)
        };
        let [x, y] = [uv.x * width as f32, uv.y * height as f32];
        if *filter == TextureFilter::Nearest {
            return texel(x.floor(), y.floor());
        }
        let [x, y] = [x - 0.5, y - 0.5];
        let [left, top] = [x.floor(), y.floor()];
        let [s, t] = [x - left, y - top];
        let corners = [
            (texel(left, top), (1.0 - s) * (1.0 - t)),
            (texel(left + 1.0, top), s * (1.0 - t)),
            (texel(left, top + 1.0), (1.0 - s) * t),
            (texel(left + 1.0, top + 1.0), s * t),
        ];
        std::array::from_fn(|k| {
            corners
                .iter()
                .map(|(color, weight)| color[k] * weight)
                .sum()
        })
    }
}

fn fill(page: &mut ColorImage, mesh: &Mesh, clip: Rect, scale: f32, textures: &Textures) {
    let [width, height] = page.size;
    let bounds = |low: f32, high: f32, side: usize| {
        let side = side as f32;
        [low, high].map(|at| (at * scale).round().clamp(0.0, side) as i64)
    };
    let clip = [
        bounds(clip.min.x, clip.max.x, width),
        bounds(clip.min.y, clip.max.y, height),
    ];
    for corners in mesh.indices.chunks_exact(3) {
        let corners = [0, 1, 2].map(|k: usize| &mesh.vertices[corners[k] as usize]);
        triangle(page, corners, clip, scale, |uv| {
            textures.sample(mesh.texture_id, uv)
        });
    }
}

/// Every pixel whose middle lies inside; of two triangles with an edge in common exactly one has a pixel on that edge.
fn triangle(
    page: &mut ColorImage,
    mut corners: [&Vertex; 3],
    [[left, right], [top, bottom]]: [[i64; 2]; 2],
    scale: f32,
    texture: impl Fn(Pos2) -> [f32; 4],
) {
    let fixed =
        |vertex: &Vertex| [vertex.pos.x, vertex.pos.y].map(|at| (at * scale * FINE).round() as i64);
    let one = FINE as i64;
    let cross = |a: [i64; 2], b: [i64; 2], p: [i64; 2]| {
        (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])
    };
    let mut points = corners.map(fixed);
    let mut area = cross(points[0], points[1], points[2]);
    if area < 0 {
        corners.swap(1, 2);
        points.swap(1, 2);
        area = -area;
    }
    if area == 0 {
        return;
    }
    // The middle of a pixel on an edge belongs to the triangle below or right of it.
    let own = [0, 1, 2].map(|k: usize| {
        let [a, b] = [points[(k + 1) % 3], points[(k + 2) % 3]];
        let is_top = a[1] == b[1] && b[0] > a[0];
        i64::from(!(is_top || b[1] < a[1]))
    });
    let extent = |axis: usize, least: i64, most: i64| {
        let all = points.map(|point| point[axis]);
        let low = all.iter().min().map_or(0, |low| low.div_euclid(one));
        let high = all.iter().max().map_or(0, |high| high.div_euclid(one) + 1);
        low.max(least)..high.min(most)
    };
    let width = page.size[0];
    for y in extent(1, top, bottom) {
        for x in extent(0, left, right) {
            let middle = [x * one + one / 2, y * one + one / 2];
            let parts =
                [0, 1, 2].map(|k: usize| cross(points[(k + 1) % 3], points[(k + 2) % 3], middle));
            if parts.iter().zip(own).any(|(part, own)| *part < own) {
                continue;
            }
            let weights = parts.map(|part| part as f32 / area as f32);
            let mix = |of: &dyn Fn(&Vertex) -> f32| -> f32 {
                corners
                    .iter()
                    .zip(weights)
                    .map(|(corner, weight)| of(corner) * weight)
                    .sum()
            };
            let texel = texture(pos2(mix(&|v| v.uv.x), mix(&|v| v.uv.y)));
            let source: [f32; 4] = std::array::from_fn(|k| {
                mix(&|v| f32::from(v.color.to_array()[k])) * texel[k] / 255.0
            });
            let pixel = &mut page.pixels[y as usize * width + x as usize];
            let below = pixel.to_array().map(f32::from);
            let clear = 1.0 - source[3] / 255.0;
            let [r, g, b, a] = std::array::from_fn(|k| (source[k] + below[k] * clear + 0.5) as u8);
            *pixel = Color32::from_rgba_premultiplied(r, g, b, a);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::ThemeKind;

    fn page(draw: impl Fn(&egui::Painter)) -> ColorImage {
        let theme = Theme::new(ThemeKind::Paper);
        paint(&theme, 2.0, |painter, _| {
            draw(painter);
            egui::vec2(20.0, 10.0)
        })
    }

    #[test]
    fn a_rectangle_fills_its_pixels_once() {
        let half = Color32::from_rgba_premultiplied(0, 0, 0, 128);
        let page = page(|painter| {
            let mut mesh = Mesh::default();
            mesh.add_colored_rect(Rect::from_min_max(pos2(1.0, 2.0), pos2(5.0, 8.0)), half);
            painter.add(mesh);
        });
        assert_eq!(page.size, [40, 20]);
        let grey = Color32::from_rgb(127, 127, 127);
        for y in 0..20 {
            for x in 0..40 {
                let inside = (2..10).contains(&x) && (4..16).contains(&y);
                let expected = if inside { grey } else { Color32::WHITE };
                assert_eq!(page[(x, y)], expected, "{x}, {y}");
            }
        }
    }

    #[test]
    fn words_are_painted() {
        let blank = page(|_| {});
        assert!(blank.pixels.iter().all(|pixel| *pixel == Color32::WHITE));
        let word = page(|painter| {
            let font = egui::FontId::proportional(8.0);
            painter.text(
                pos2(1.0, 1.0),
                egui::Align2::LEFT_TOP,
                "η",
                font,
                Color32::BLACK,
            );
        });
        let dark = word.pixels.iter().filter(|pixel| pixel.r() < 100).count();
        assert!((8..200).contains(&dark), "{dark}");
    }
}
