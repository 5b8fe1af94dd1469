"use strict";

// One panel per virtual button. The page only shows what the pins and traces say, and sends what a hand does.

const FELT_SHOWN_MS = 2500; // how long the note of a vibration stays after the motor has stopped
const CONTACT_NAMES = ["A", "B"];
const STEPS = [
  ["pressed", "pressed"],
  ["stored", "stored"],
  ["lamp-1", "received"],
  ["lamp-2", "acknowledged"],
];

const units = new Map(); // device → {root, state, …}
let sms = null; // the SMS network as the demo told it last
let language = "id";

function word(name, values = {}) {
  let text = WORDS[language][name];
  for (const [key, value] of Object.entries(values)) text = text.replace(`{${key}}`, value);
  return text;
}

function part(root, name) {
  return root.querySelector(`[data-part="${name}"]`);
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// --- language ----------------------------------------------------------------------------------

function remembered() {
  try {
    return localStorage.getItem("language");
  } catch {
    return null; // storage is blocked: Indonesian
  }
}

function speak(next) {
  language = next in WORDS ? next : "id";
  document.documentElement.lang = language;
  document.title = `${word("title")} · Kentongan`;
  try {
    localStorage.setItem("language", language);
  } catch {
    // storage is blocked: the choice lasts as long as the page
  }
  translate(document);
  for (const unit of units.values()) label(unit);
  for (const unit of units.values()) draw(unit);
  drawSms();
}

function translate(root) {
  for (const element of root.querySelectorAll("[data-word]")) setText(element, word(element.dataset.word));
}

// --- what a hand does --------------------------------------------------------------------------

function act(device, action, values = {}) {
  return send(`/buttons/${device}`, { action, ...values });
}

/** The newest request to each path. */
const underWay = new Map();

/** One after the other: a hand's moves arrive in their order, however busy the machine is. */
function send(path, body) {
  const next = (underWay.get(path) ?? Promise.resolve()).then(() => post(path, body));
  underWay.set(path, next);
  return next;
}

async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) say(word("refused", { why: (await answer.json()).error.message }));
  } catch {
    say(word("lost"));
  }
}

function say(text) {
  const note = document.getElementById("lost");
  note.textContent = text;
  note.hidden = false;
}

function wireContact(button, device, index) {
  let closed = false;
  const move = (next) => {
    if (closed === next) return;
    closed = next;
    act(device, "contact", { index, closed });
  };
  button.addEventListener("pointerdown", (event) => {
    button.setPointerCapture(event.pointerId);
    move(true);
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) {
    button.addEventListener(name, () => move(false));
  }
  button.addEventListener("keydown", (event) => {
    if ((event.key === " " || event.key === "Enter") && !event.repeat) {
      event.preventDefault();
      move(true);
    }
  });
  button.addEventListener("keyup", (event) => {
    if (event.key === " " || event.key === "Enter") move(false);
  });
  button.addEventListener("contextmenu", (event) => event.preventDefault());
}

function wire(unit) {
  const { root } = unit;
  const device = unit.state.device;
  const toggle = (name, values) => {
    const button = root.querySelector(`[data-act="${name}"]`);
    button.addEventListener("click", () => act(device, name, values(button.getAttribute("aria-pressed") === "true")));
  };
  root.querySelector('[data-act="push"]').addEventListener("click", () => act(device, "push"));
  for (const name of ["key", "turn"]) {
    root.querySelector(`[data-act="${name}"]`).addEventListener("click", () => act(device, "key"));
  }
  toggle("lid", (pressed) => ({ opened: !pressed }));
  toggle("wifi", (pressed) => ({ up: pressed }));
  toggle("power", (pressed) => ({ on: pressed }));
  const cable = root.querySelector('[data-act="cable"]');
  cable.addEventListener("change", () => act(device, "cable", { condition: cable.value }));
}

// --- what it shows -----------------------------------------------------------------------------

function build(city) {
  const main = document.getElementById("city");
  main.replaceChildren();
  units.clear();
  document.getElementById("console").href = city.console_url;
  for (const site of city.sites) {
    const section = document.getElementById("site").content.firstElementChild.cloneNode(true);
    section.querySelector("h2").textContent = site.name;
    section.dataset.code = site.code;
    const internet = section.querySelector('[data-act="internet"]');
    internet.addEventListener("click", () =>
      send(`/sites/${site.code}`, { action: "internet", up: internet.getAttribute("aria-pressed") === "true" }),
    );
    main.append(section);
    takeSite(site);
    for (const state of site.buttons) section.querySelector(".units").append(buildUnit(state));
  }
  sms = city.sms;
  buildOperators();
  speak(language);
}

function buildUnit(state) {
  const root = document.getElementById("unit").content.firstElementChild.cloneNode(true);
  const unit = { root, state, vibrating: 0, felt: 0, feltTimer: 0 };
  units.set(state.device, unit);
  root.dataset.variant = state.variant;
  root.querySelector("h3").textContent = state.name;
  root.querySelector(".number").textContent = `${units.size} · ${state.device}`;
  state.contacts.forEach((_, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "dome";
    button.dataset.index = index;
    button.append(document.createElement("i"));
    part(root, "buttons").append(button);
    wireContact(button, state.device, index);
  });
  wire(unit);
  return root;
}

function label(unit) {
  const { root, state } = unit;
  const two = state.contacts.length > 1;
  setText(root.querySelector('[data-act="push"]'), word(two ? "pushBoth" : "pushOne"));
  root.querySelector('[data-act="key"]').setAttribute("aria-label", `${word("key")}, ${state.name}`);
  for (const dome of root.querySelectorAll(".dome")) {
    const name = two ? CONTACT_NAMES[dome.dataset.index] : "";
    dome.setAttribute("aria-label", `${word("contact", { name })} ${state.name}`.replace("  ", " "));
  }
  for (const button of root.querySelectorAll(".acts button")) {
    button.setAttribute("aria-label", `${button.textContent}, ${state.name}`);
  }
  root.querySelector("select").setAttribute("aria-label", `${word("cable")}, ${state.name}`);
}

function draw(unit) {
  const { root, state } = unit;
  const lamp = part(root, "lamp");
  lamp.classList.toggle("lit", state.lamp);
  lamp.setAttribute("aria-label", word(state.lamp ? "lampOn" : "lampOff"));
  root.classList.toggle("dead", !state.powered);
  root.classList.toggle("vibrating", state.vibration);
  root.classList.toggle("open", state.lid_open);
  root.classList.toggle("turned", state.key_turned);
  for (const dome of root.querySelectorAll(".dome")) {
    dome.setAttribute("aria-pressed", String(state.contacts[dome.dataset.index] === "pressed"));
  }
  for (const [name, on] of [["lid", state.lid_open], ["wifi", !state.wifi_up], ["power", !state.powered]]) {
    root.querySelector(`[data-act="${name}"]`).setAttribute("aria-pressed", String(on));
  }
  root.querySelector("select").value = state.cable;
  drawLink(root, state);
  drawSense(root, state);
  drawTrail(root, state);
}

function drawLink(root, state) {
  const badge = part(root, "link");
  let name = state.linked ? "linkUp" : "linkDown";
  if (!state.wifi_up) name = "noWifi";
  if (!state.powered) name = "noPower";
  badge.dataset.state = name;
  setText(badge.querySelector("span"), word(name));
}

function drawSense(root, state) {
  const sense = part(root, "sense");
  const level = Math.min(state.shown_level, 2);
  sense.dataset.level = state.powered ? level : 0;
  setText(sense.querySelector("strong"), word(state.powered ? `${state.variant}-${level}` : "dark"));
  let meaning = word(state.powered ? `meaning${level}` : "darkMore");
  if (state.powered && level === 0 && state.milestones.pressed === undefined) meaning = word("atRest");
  setText(sense.querySelector("span"), meaning);
}

function drawTrail(root, state) {
  const trail = part(root, "trail");
  const items = [];
  for (const [name, shown] of STEPS) {
    const at = state.milestones[name];
    const item = document.createElement("li");
    item.classList.toggle("done", at !== undefined);
    const what = document.createElement("span");
    what.textContent = word(shown);
    const when = document.createElement("b");
    when.textContent = at === undefined ? "–" : since(at);
    if (name === "lamp-1" && state.way === "sms") what.append(" ", mark(word("bySms")));
    item.append(what, when);
    items.push(item);
  }
  trail.replaceChildren(...items);
}

function mark(text) {
  const element = document.createElement("em");
  element.textContent = text;
  return element;
}

function since(ms) {
  const format = (value, digits) =>
    value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  if (ms === 0) return "0 ms";
  return ms < 1000 ? `+${format(ms, 0)} ms` : `+${format(ms / 1000, 1)} ${language === "id" ? "d" : "s"}`;
}

function take(state) {
  const unit = units.get(state.device);
  const before = unit.state;
  unit.state = state;
  if (before.vibration_ms !== state.vibration_ms && state.vibration_ms > 0) feel(unit, state.vibration_ms);
  draw(unit);
}

function takeSite(site) {
  const internet = document.querySelector(`[data-code="${site.code}"] [data-act="internet"]`);
  internet.setAttribute("aria-pressed", String(!site.internet_up));
}

function feel(unit, ms) {
  // The pulse itself is too short to read about; the note says afterwards what was felt.
  const note = part(unit.root, "felt");
  setText(note, word("felt", { ms: Math.round(ms) }));
  note.classList.add("shown");
  clearTimeout(unit.feltTimer);
  unit.feltTimer = setTimeout(() => note.classList.remove("shown"), FELT_SHOWN_MS);
}

// --- the SMS network ---------------------------------------------------------------------------

function buildOperators() {
  const buttons = sms.operators.map((_, number) => {
    const button = document.createElement("button");
    button.type = "button";
    button.addEventListener("click", () =>
      send(`/operators/${number}`, { action: "outage", out: button.getAttribute("aria-pressed") !== "true" }),
    );
    return button;
  });
  part(document, "operators").replaceChildren(...buttons);
}

function drawSms() {
  if (sms === null) return;
  sms.operators.forEach((operator, number) => {
    const button = part(document, "operators").children[number];
    setText(button, word("outage", { name: operator.name }));
    button.setAttribute("aria-pressed", String(!operator.up));
  });
  const way = sms.way.map((text) => line("li", word("fromTo", text)));
  part(document, "way").replaceChildren(...(way.length ? way : [line("li", word("nothingOnTheWay"))]));
  const { sms_sent: sent, sms_delivered: delivered } = sms.counts;
  setText(part(document, "counts"), word("smsCounts", { sent, delivered }));
  part(document, "phones").replaceChildren(...sms.phones.map(drawPhone));
}

function drawPhone(phone) {
  const root = document.createElement("div");
  root.className = "phone";
  const texts = phone.texts.map((text) => line("p", text));
  if (!texts.length) {
    texts.push(line("p", word("noTexts")));
    texts[0].className = "quiet";
  }
  root.append(line("strong", phone.number), ...texts);
  return root;
}

function line(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

// --- start -------------------------------------------------------------------------------------

document.getElementById("language").addEventListener("click", () => speak(language === "id" ? "en" : "id"));
document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("select")) return;
  const number = Number(event.key);
  const device = [...units.keys()][number - 1];
  if (number > 0 && device !== undefined) act(device, "push");
});

speak(remembered() ?? "id");
const events = new EventSource("/events");
events.addEventListener("open", () => (document.getElementById("lost").hidden = true));
events.addEventListener("error", () => say(word("lost")));
events.addEventListener("city", (event) => build(JSON.parse(event.data)));
events.addEventListener("site", (event) => takeSite(JSON.parse(event.data)));
events.addEventListener("sms", (event) => {
  sms = JSON.parse(event.data);
  drawSms();
});
events.addEventListener("button", (event) => take(JSON.parse(event.data)));
