// Builds the console into dist/: `node build.mjs`, again at every change with `--watch`, and the
// unit tests into node_modules/.cache/tests/ with `--tests`. Names carry a hash, so the server may let browsers
// keep them for ever; only index.html is asked for anew.

import { build, context } from "esbuild";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";

// `light-dark()` and SharedWorker modules: browsers of 2024 and later.
const TARGET = ["chrome123", "firefox121", "safari17.5"];

// Inside node_modules, so that no tool takes it for a source.
const TESTS = "node_modules/.cache/tests";

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
  const page = await build({
    ...assets,
    entryPoints: ["src/main.tsx", "src/early.ts", "src/styles/main.css"],
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { WORKER_ADDRESS: JSON.stringify(address(worker, "src/link/worker.ts")) },
  });

  const template = await readFile("src/index.html", "utf8");
  const html = template
    .replace("{{icon}}", address(page, "src/static/icon-quiet.svg"))
    .replace("{{early}}", address(page, "src/early.ts"))
    .replace("{{script}}", address(page, "src/main.tsx"))
    .replace("{{style}}", address(page, "src/styles/main.css"));
  if (html.includes("{{")) throw new Error("src/index.html: a placeholder was left over");
  await writeFile("dist/index.html", html);
}

async function buildTests() {
  await rm(TESTS, { recursive: true, force: true });
  const entryPoints = (await readdir("test")).filter((name) => name.endsWith(".test.ts")).map((name) => `test/${name}`);
  await build({
    ...common,
    minify: false,
    platform: "node",
    target: ["node20"],
    outdir: TESTS,
    outExtension: { ".js": ".mjs" },
    entryPoints,
  });
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
    define: { WORKER_ADDRESS: '""' },
    plugins: [rebuild],
  });
  await watcher.watch();
}

const mode = process.argv[2];
if (mode === "--tests") await buildTests();
else if (mode === "--watch") await watch();
else await buildConsole();
