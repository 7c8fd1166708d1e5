// Which pixels of a picture belong to the surface: those with a colour, where background, lines and words are grey.

import { readFileSync } from "node:fs";

// For every column the highest and the lowest pixel of the surface; pictures are decoded by the browser.
export async function outline(page, picture) {
  const bytes = typeof picture === "string" ? readFileSync(picture) : picture;
  return page.value(`(async () => {
    const picture = new Image();
    picture.src = "data:image/png;base64,${bytes.toString("base64")}";
    await picture.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
    const context = canvas.getContext("2d");
    context.drawImage(picture, 0, 0);
    const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
    const isColoured = (x, y) => {
      const [r, g, b] = data.subarray(4 * (y * width + x), 4 * (y * width + x) + 3);
      return Math.max(r, g, b) - Math.min(r, g, b) > 40;
    };
    // A single coloured pixel is the edge of a word; the colour bar stands at the right.
    const isSurface = (x, y) => isColoured(x, y) && isColoured(x, y + 1) && isColoured(x, y + 2);
    const columns = [];
    for (let x = 0; x < width * 0.9; x++) {
      let [top, bottom] = [null, null];
      for (let y = 0; y < height - 2; y++) {
        if (!isSurface(x, y)) continue;
        top ??= y;
        bottom = y + 2;
      }
      columns.push([top, bottom]);
    }
    return columns;
  })()`);
}

// The share of the ends of columns that lie more than two pixels apart, and how far the furthest are.
export function outlinesDiffer(one, other) {
  let [furthest, far, all] = [0, 0, 0];
  // At the corners, where the outline is upright, a column may begin two pixels further on.
  const near = (columns, x, end) => [-2, -1, 0, 1, 2].map((shift) => columns[x + shift]?.[end]).filter((y) => y !== null && y !== undefined);
  for (let x = 0; x < one.length; x++) {
    for (const end of [0, 1]) {
      const y = one[x][end];
      if (y === null) continue;
      all += 1;
      const apart = Math.min(...near(other, x, end).map((theirs) => Math.abs(theirs - y)), 1e3);
      furthest = Math.max(furthest, apart);
      if (apart > 2) far += 1;
    }
  }
  return { furthest, share: all ? far / all : 1 };
}
