import { render } from "preact";
import { startClock } from "./state/clock.ts";
import { Console } from "./state/console.ts";
import { showTitle } from "./state/title.ts";
import { upgrade } from "./state/upgrade.ts";
import "./theme.ts";
import { App } from "./ui/app.tsx";
import { ConsoleContext } from "./ui/context.ts";

const app = document.getElementById("app");
if (!app) throw new Error("index.html: expected an element with the id app, found none");

const console = new Console();
startClock();
showTitle(console);
upgrade.watch(console.link.view);
render(
  <ConsoleContext.Provider value={console}>
    <App />
  </ConsoleContext.Provider>,
  app,
);
void console.resume();
