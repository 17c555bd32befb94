/* Make server/static/vendor: a module for each script that uses others' code, the coasts of maps,
 * the fonts, and the licences of all. */
import { build } from "esbuild";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { writeCoasts } from "./coasts.mjs";

const vendor = new URL("../../server/static/vendor/", import.meta.url).pathname;
const font = "@fontsource/source-serif-4";
const subsets = ["latin", "latin-ext", "vietnamese"];

await rm(vendor, { recursive: true, force: true });
await mkdir(vendor);

const built = await build({
  entryPoints: ["editor.js", "network.js"], outdir: vendor, bundle: true, minify: true,
  format: "esm", target: "es2022", legalComments: "none", metafile: true,
});

await writeCoasts("110m", 10, `${vendor}land-110m.svg`);
await writeCoasts("50m", 20, `${vendor}land-50m.svg`);

// Three files of one weight each are half of one with all weights, and a page needs no more.
for (const subset of subsets) {
  for (const face of ["400-normal", "400-italic", "600-normal"]) {
    const name = `source-serif-4-${subset}-${face}.woff2`;
    await copyFile(`node_modules/${font}/files/${name}`, `${vendor}${name}`);
  }
}

const paths = Object.keys(built.metafile.inputs).filter((path) => path.startsWith("node_modules/"));
const names = [font, "world-atlas", ...paths.map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)[1])];
const packages = await Promise.all([...new Set(names)].sort().map(describe));
await writeFile(`${vendor}LICENSES.txt`, packages.map((each) => each.text).join("\n"));
await writeFile(`${vendor}README.md`, readme(packages.map((each) => each.row).join("\n")));

async function describe(name) {
  const { version, license } = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
  const text = await readFile(`node_modules/${name}/LICENSE`, "utf8");
  return {
    row: `| [${name}](https://www.npmjs.com/package/${name}) | ${version} | ${license} |`,
    text: `${name} ${version}\n${"=".repeat(72)}\n\n${text}`,
  };
}

function readme(rows) {
  return `# Not ours

What the pages load that others made, so that nothing comes from another host. Made by
\`npm ci && npm run build\` in \`tools/vendor\`; do not edit it here. \`editor.js\` and
\`network.js\` are built from the files of these names there and from these packages; the \`.woff2\`
files are the font Source Serif 4, in the parts that our pages need; \`land-110m.svg\` and
\`land-50m.svg\` are the coasts of Natural Earth (public domain) from world-atlas. The licences
are in \`LICENSES.txt\`.

| package | version | licence |
|---|---|---|
${rows}
`;
}
