// Builds the console into dist/: `node build.mjs`, again at every change with `--watch`; runs the unit
// tests with `--tests`. Names carry a hash, so the server may let browsers keep them for ever; only
// index.html is asked for anew.

import { build, context } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { constants, gzipSync } from "node:zlib";

// `light-dark()` and SharedWorker modules: browsers of 2024 and later.
const TARGET = ["chrome123", "firefox121", "safari17.5"];

// What shrinks is packed once, here; the centre sends it so to whoever takes it, and has nothing to compress itself.
const PACKED = /\.(js|css|svg|html|txt)$/;

// A file of our own, so that the content security policy needs no blob.
const MAP_WORKER = "node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs";

const common = {
  bundle: true,
  format: "esm",
  target: TARGET,
  minify: true,
  sourcemap: false,
  metafile: true,
  legalComments: "none",
  logLevel: "warning",
};

const assets = {
  ...common,
  outdir: "dist/assets",
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".svg": "file" },
  publicPath: "/assets",
};

/** The file that esbuild made of a source, as an address. */
function address(result, source) {
  const found = Object.entries(result.metafile.outputs).find(
    ([, output]) => output.entryPoint === source || (!output.entryPoint && source in output.inputs),
  );
  if (!found) throw new Error(`expected an output of ${source}, found ${Object.keys(result.metafile.outputs)}`);
  return `/assets/${basename(found[0])}`;
}

async function buildConsole() {
  await rm("dist", { recursive: true, force: true });
  await mkdir("dist/assets", { recursive: true });
  const worker = await build({ ...assets, entryPoints: ["src/link/worker.ts"] });
  const mapWorker = await build({ ...assets, entryPoints: [MAP_WORKER] });
  // A plain script, which runs before the first paint and can import nothing.
  const early = await build({ ...assets, format: "iife", entryPoints: ["src/early.ts"] });
  const page = await build({
    ...assets,
    entryPoints: ["src/main.tsx", "src/styles/main.css"],
    // The map is a chunk of its own: the desk opens without it.
    splitting: true,
    chunkNames: "[name]-[hash]",
    jsx: "automatic",
    jsxImportSource: "preact",
    define: {
      WORKER_ADDRESS: JSON.stringify(address(worker, "src/link/worker.ts")),
      MAP_WORKER_ADDRESS: JSON.stringify(address(mapWorker, MAP_WORKER)),
    },
  });

  const template = await readFile("src/index.html", "utf8");
  const html = template
    .replace("{{icon}}", address(page, "src/static/icon-quiet.svg"))
    .replace("{{early}}", address(early, "src/early.ts"))
    .replace("{{script}}", address(page, "src/main.tsx"))
    .replace("{{style}}", address(page, "src/styles/main.css"));
  if (html.includes("{{")) throw new Error("src/index.html: a placeholder was left over");
  await writeFile("dist/index.html", html);
  await writeFile("dist/licences.txt", await licences());
  await pack("dist");
}

/** Puts `name.gz` beside each file that becomes smaller so. */
async function pack(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !PACKED.test(entry.name)) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name);
    const whole = await readFile(file);
    const packed = gzipSync(whole, { level: constants.Z_BEST_COMPRESSION });
    if (packed.length < whole.length) await writeFile(`${file}.gz`, packed);
  }
}

/** The texts that the bundled packages ask to be handed on with them. */
async function licences() {
  const { dependencies } = JSON.parse(await readFile("package.json", "utf8"));
  const names = [...Object.keys(dependencies), "@preact/signals-core", "fflate"].sort();
  const texts = names.map(async (name) => `${name}\n\n${await licence(name)}`);
  return (await Promise.all(texts)).join(`\n${"-".repeat(78)}\n\n`);
}

/** As the package brings it; of one that brings none it is kept here. */
async function licence(name) {
  for (const file of [`node_modules/${name}/LICENSE`, `node_modules/${name}/LICENSE.txt`, `licences/${name}.txt`]) {
    try {
      return await readFile(file, "utf8");
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
    }
  }
  throw new Error(`${name}: expected the text of its licence, found none`);
}

async function runTests() {
  const folder = await mkdtemp(join(tmpdir(), "kentongan-web-"));
  try {
    const names = (await readdir("test")).filter((name) => name.endsWith(".test.ts"));
    await build({
      ...common,
      minify: false,
      platform: "node",
      target: ["node20"],
      outdir: folder,
      outExtension: { ".js": ".mjs" },
      entryPoints: names.map((name) => `test/${name}`),
    });
    const files = names.map((name) => join(folder, name.replace(/\.ts$/, ".mjs")));
    const { status } = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" });
    process.exitCode = status ?? 1;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function watch() {
  const rebuild = {
    name: "rebuild",
    setup(watched) {
      watched.onEnd(async ({ errors }) => {
        if (errors.length === 0) await buildConsole().then(() => console.log("built"), console.error);
      });
    },
  };
  const watcher = await context({
    ...common,
    entryPoints: ["src/main.tsx", "src/link/worker.ts", "src/styles/main.css"],
    outdir: "dist",
    write: false,
    loader: assets.loader,
    jsx: "automatic",
    jsxImportSource: "preact",
    splitting: true,
    define: { WORKER_ADDRESS: '""', MAP_WORKER_ADDRESS: '""' },
    plugins: [rebuild],
  });
  await watcher.watch();
}

const mode = process.argv[2];
if (mode === "--tests") await runTests();
else if (mode === "--watch") await watch();
else await buildConsole();
