/* Write the coasts of world-atlas as pictures: the whole world, a degree is a degree both ways.
 *
 * Its rings go over the line of the date; d3-geo cuts them there. Steps between points are written
 * as whole numbers of a grid: so the finer of the two has a quarter of its size, and no point is
 * farther off than half a step of the grid.
 */
import { readFile, writeFile } from "node:fs/promises";
import { geoEquirectangular, geoPath } from "d3-geo";
import { feature } from "topojson-client";

const style = "path{fill:#e3dac7}@media(prefers-color-scheme:dark){path{fill:#453e33}}";

/** Write one picture; `grid` is how many steps a degree has. */
export async function writeCoasts(detail, grid, file) {
  const atlas = JSON.parse(await readFile(`node_modules/world-atlas/land-${detail}.json`, "utf8"));
  const rings = [];
  const flat = geoEquirectangular().scale(grid * 180 / Math.PI).translate([180 * grid, 90 * grid]).precision(0);
  geoPath(flat, {
    moveTo: (x, y) => rings.push([[Math.round(x), Math.round(y)]]),
    lineTo: (x, y) => rings.at(-1).push([Math.round(x), Math.round(y)]),
    closePath: () => {},
  })(feature(atlas, atlas.objects.land));
  const size = `${360 * grid} ${180 * grid}`;
  await writeFile(file, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" preserveAspectRatio="none"><style>${style}</style><path d="${rings.map(drawn).join("")}"/></svg>\n`);
}

function drawn(points) {
  const steps = points.slice(1).map(([x, y], at) => [x - points[at][0], y - points[at][1]])
    .filter(([x, y]) => x || y);
  if (steps.length < 2) return ""; // Smaller than the grid.
  const written = steps.map(([x, y]) => `${x < 0 ? x : ` ${x}`}${y < 0 ? y : ` ${y}`}`).join("");
  return `M${points[0].join(" ")}l${written.trim()}z`;
}
