/* Write the coasts of world-atlas as pictures: the whole world, a degree is a degree both ways.
 *
 * Steps between points are written as whole numbers of a grid: so the finer of the two has a
 * quarter of its size, and no point is farther off than half a step of the grid.
 */
import { readFile, writeFile } from "node:fs/promises";
import { feature } from "topojson-client";

const style = "path{fill:#e3dac7}@media(prefers-color-scheme:dark){path{fill:#3a342b}}";

/** Write one picture; `grid` is how many steps a degree has. */
export async function writeCoasts(detail, grid, file) {
  const atlas = JSON.parse(await readFile(`node_modules/world-atlas/land-${detail}.json`, "utf8"));
  const land = feature(atlas, atlas.objects.land);
  const shapes = land.features.flatMap(({ geometry }) =>
    geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates);
  const path = shapes.flat().map((ring) => drawn(ring, grid)).join("");
  const size = `${360 * grid} ${180 * grid}`;
  await writeFile(file, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" preserveAspectRatio="none"><style>${style}</style><path d="${path}"/></svg>\n`);
}

function drawn(ring, grid) {
  const points = ring.map(([longitude, latitude]) => [
    Math.round((longitude + 180) * grid), Math.round((90 - latitude) * grid)]);
  const steps = points.slice(1).map(([x, y], at) => [x - points[at][0], y - points[at][1]])
    .filter(([x, y]) => x || y);
  if (steps.length < 3) return ""; // Smaller than the grid.
  const written = steps.map(([x, y]) => `${x < 0 ? x : ` ${x}`}${y < 0 ? y : ` ${y}`}`).join("");
  return `M${points[0].join(" ")}l${written.trim()}z`;
}
