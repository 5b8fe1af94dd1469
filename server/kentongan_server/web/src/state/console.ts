// The operator's console without its looks: session, live picture, what one key does.

import { effect, signal } from "@preact/signals";
import { Api, ApiError } from "../api.ts";
import { say } from "../i18n/index.ts";
import { whereIs } from "../i18n/where.ts";
import { StreamClient } from "../link/client.ts";
import type { FromStream } from "../link/messages.ts";
import { retryDelay } from "../link/timing.ts";
import type { Drill } from "../model/drill.ts";
import { Incidents, type Change } from "../model/incidents.ts";
import { FeedList, oldestPosition } from "../model/lists.ts";
import { owesAnswer, ringsNow } from "../model/order.ts";
import type { Outcome } from "../model/outcome.ts";
import { Sight, type Answerable } from "../model/seen.ts";
import type { FeedEvent, Incident, Rejection, Session, Trouble } from "../model/types.ts";
import { Bell } from "../sound/bell.ts";
import { Answers } from "./answers.ts";
import { Batcher } from "./batcher.ts";
import { CallDesk } from "./calls.ts";
import { CaseDesk } from "./case-desk.ts";
import { CentreWatch } from "./centre-watch.ts";
import { setClock } from "./clock.ts";
import { allowed, reason } from "./failures.ts";
import { LeftOff } from "./left-off.ts";
import { LinkState } from "./link.ts";
import { Mute } from "./mute.ts";
import { Notices } from "./notices.ts";
import { Places } from "./places.ts";
import { ClosedSearch } from "./search.ts";
import { Selection } from "./selection.ts";
import { Shift } from "./shift.ts";
import { spoken } from "./spoken.ts";
import { Tabs } from "./tabs.ts";
import { TroubleDesk } from "./trouble-desk.ts";
import { upgrade } from "./upgrade.ts";

/** In a flood the screen is redrawn at most this often, so that a key is answered at once. One event is shown at once. */
const TAKE_EVERY_MS = 60;

/** "asking": the browser's cookie is being checked. */
export type SessionState = "asking" | "out" | "expired" | Session;

export class Console {
  readonly api = new Api();
  readonly notices = new Notices();
  readonly link = new LinkState();
  readonly bell = new Bell();
  readonly mute = new Mute();
  readonly shift = new Shift(this.bell, this.notices);
  readonly incidents = new Incidents((changes) => this.onChanges(changes));
  readonly troubles = new FeedList<Trouble>((left, right) => left.id - right.id, (trouble) => trouble.closed_at_ms === null);
  readonly rejections = new FeedList<Rejection>((left, right) => right.last_at_ms - left.last_at_ms || right.id - left.id);
  /** Drills as the page of them has read them, newest first; the stream keeps them true. */
  readonly drills = new FeedList<Drill>((left, right) => right.id - left.id);

  readonly session = signal<SessionState>("asking");
  readonly desk = new TroubleDesk({
    api: this.api,
    notices: this.notices,
    troubles: this.troubles,
    me: () => this.signedIn?.name ?? null,
    lostSession: (error) => this.lostSession(error),
    why: reason,
  });
  readonly cases = new CaseDesk({
    api: this.api,
    notices: this.notices,
    incidents: this.incidents,
    session: () => this.signedIn,
    versionSeen: (id) => this.versionSeen(id),
    lostSession: (error) => this.lostSession(error),
    why: reason,
    catchUp: () => this.catchUp(),
  });
  private readonly answers = new Answers({
    api: this.api,
    notices: this.notices,
    incidents: this.incidents,
    answerable: (incident) => this.answerable(incident),
    versionSeen: (id) => this.versionSeen(id),
    lostSession: (error) => this.lostSession(error),
    catchUp: () => this.catchUp(),
  });
  readonly calls = new CallDesk(this);
  readonly places = new Places(this.api, (error) => this.lostSession(error));
  readonly leftOff = new LeftOff(() => this.loadIncidents("open"));
  readonly search = new ClosedSearch(this.api, this.incidents);
  readonly centre = new CentreWatch(this.api, () => this.signedIn !== null, (error) => this.lostSession(error));

  /** True from the end of a session in which something rang until the queue is there again: the sound goes on. */
  readonly unwatched = signal(false);
  /** True once the queue on screen is the centre's. */
  readonly loaded = signal(false);
  readonly loadFault = signal<string | null>(null);
  readonly busy = this.answers.busy;
  /** The incident whose close dialog is open. */
  readonly closing = signal<number | null>(null);

  private readonly selection = new Selection(this.incidents);
  private readonly sight = new Sight(document.visibilityState === "visible", performance.now(), (id) => this.incidents.find(id) !== null);
  private readonly tabs = new Tabs(() => void this.otherTab());
  private readonly stream = new StreamClient(
    (message) => this.onStream(message),
    () => this.lostStream(),
  );
  private readonly flood = new Batcher<FeedEvent>(TAKE_EVERY_MS, (events) => this.take(events));
  private early: FeedEvent[] = [];
  private partial = false; // of what there is is seen: `Cursor.reload`
  /** Grows with every (re)start, so that an answer of an older one changes nothing. */
  private generation = 0;

  readonly listed = this.selection.listed;
  readonly selected = this.selection.selected;
  readonly target = this.selection.target;

  constructor() {
    effect(() => this.bell.ring((this.unwatched.value || this.incidents.ringing.value.length > 0) && !this.mute.on.value));
    document.addEventListener("visibilitychange", () => {
      this.sight.visibility(document.visibilityState === "visible", performance.now());
    });
    addEventListener("pageshow", (event) => {
      if (event.persisted && this.signedIn) this.start();
    });
    this.link.watch();
  }

  get signedIn(): Session | null {
    const session = this.session.value;
    return typeof session === "string" || session.must_change ? null : session;
  }

  /** Asks whether the browser's cookie still stands for a session. */
  async resume(): Promise<void> {
    for (let failures = 0; ; failures += 1) {
      try {
        this.adopt(await this.api.me());
        return;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) {
          this.session.value = "out";
          return;
        }
        this.loadFault.value = reason(error);
        await new Promise((done) => setTimeout(done, retryDelay(failures, Math.random())));
      }
    }
  }

  async login(name: string, password: string): Promise<void> {
    this.adopt(await this.api.login(name, password));
  }

  /** Begins with a session that was made just now. */
  adopt(session: Session): void {
    this.enter(this.api.adopt(session));
    this.tabs.tell();
  }

  /** Somebody came in in another tab (a reload tells so too): nobody goes on here under another's name. */
  private async otherTab(): Promise<void> {
    const before = this.session.peek();
    try {
      const session = await this.api.me();
      if (this.session.peek() !== before) return;
      if (typeof before === "string" || (before.must_change && before.name === session.name)) this.enter(session);
      else if (before.name === session.name) this.session.value = session;
      else {
        this.leave("expired");
        this.unwatched.value = false; // what rings is shown in that tab
      }
    } catch (error) {
      // A centre that is away is asked again by the next act, which tells what it met.
      this.lostSession(error);
    }
  }

  async logout(): Promise<void> {
    try {
      await this.api.logout();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) {
        this.notices.bad(reason(error));
        return;
      }
    }
    await this.shift.end();
    this.leave("out");
  }

  /** Chooses the row; null lets the console choose. */
  select(id: number | null): void {
    this.selection.choose(id);
  }

  /** The incident was drawn on screen as it is now. */
  drawn(incident: Incident): void {
    this.sight.drawn(incident, performance.now());
  }

  /** How much of what waits for an answer the operator has had on screen. */
  answerable(incident: Incident): Answerable {
    return owesAnswer(incident) ? this.sight.answerable(incident, performance.now()) : "none";
  }

  /** The version of the incident that the operator has had on screen: what an act names. */
  versionSeen(id: number): number {
    return this.sight.versionSeen(id, performance.now());
  }

  /** Answers what of the incident the operator has had on screen. */
  acknowledge(id: number): Promise<void> {
    return this.answers.give(id);
  }

  /** Opens the close dialog, unless an alarm of the incident still rings. */
  openClosing(id: number): void {
    const incident = this.incidents.find(id)?.peek();
    if (!incident || incident.state === "closed") return;
    if (owesAnswer(incident)) this.notices.bad(say().incident.closeFirst);
    else this.closing.value = id;
  }

  /** Closes the incident; raises `ApiError` for the dialog to show. */
  async close(id: number, outcome: Outcome, cause: string, note: string): Promise<void> {
    const incident = this.incidents.find(id)?.peek();
    await this.api.close(id, this.versionSeen(id), outcome, cause, note);
    this.closing.value = null;
    if (incident) this.notices.good(say().closing.done(whereIs(incident)));
    await this.catchUp();
  }

  /** Reads the closed incidents; from then on the stream keeps them true. Raises `ApiError`. */
  loadClosed(): Promise<void> {
    return this.loadIncidents("closed");
  }

  /** Any request's failure: a lost session leads to the login page. True when it did. */
  lostSession(error: unknown): boolean {
    if (!(error instanceof ApiError) || error.status !== 401) return false;
    this.leave("expired");
    return true;
  }

  /** Without a live stream nobody else would tell what our own act changed. */
  private async catchUp(): Promise<void> {
    if (this.link.view.peek() === "live") return;
    try {
      for (const state of ["open", "closed"] as const) await this.loadIncidents(state);
    } catch (error) {
      // The bar says already that the centre is away, and the stream will bring the change.
      this.lostSession(error);
    }
  }

  private get openCount(): number {
    return this.incidents.queue.peek().length + this.incidents.review.peek().length;
  }

  private async loadIncidents(state: "open" | "closed"): Promise<void> {
    const listing = await this.api.incidents(state);
    if (!this.signedIn) return;
    this.incidents.snapshot(listing.position, listing.incidents);
    if (state === "open") this.leftOff.take(listing, this.openCount);
  }

  private enter(session: Session): void {
    this.loadFault.value = null;
    this.session.value = session;
    if (session.must_change) return; // until then the centre answers nothing else
    this.link.reset();
    this.start();
  }

  private leave(state: "out" | "expired"): void {
    this.generation += 1;
    this.stream.close();
    this.loaded.value = false;
    this.closing.value = null;
    this.desk.close();
    this.places.clear();
    this.unwatched.value = state === "expired" && (this.unwatched.peek() || this.incidents.ringing.peek().length > 0);
    this.session.value = state;
    this.forget();
  }

  private clearFaults(): void {
    this.troubles.clear();
    this.rejections.clear();
  }

  private forget(): void {
    this.search.end();
    this.leftOff.clear();
    this.incidents.clear();
    this.cases.clear(); // a restored centre begins at an earlier position
    this.clearFaults();
    this.drills.clear();
    this.partial = false;
    this.early = [];
    this.flood.drop();
  }

  /** The worker is gone, or its file is: an upgrade of the centre takes it away from a page that is open. */
  private lostStream(): void {
    void upgrade.look();
    this.start();
  }

  /** Joins the stream first and reads the lists then: see `Hub`. Events wait in `early` meanwhile. */
  private start(): void {
    this.generation += 1;
    this.loaded.value = false;
    this.early = [];
    this.stream.open();
  }

  private async load(generation: number): Promise<void> {
    for (let failures = 0; generation === this.generation; failures += 1) {
      try {
        // The incidents first: what the stream brings again, each list drops.
        const open = await allowed(this.api.incidents("open"));
        const [troubles, rejections] = await Promise.all([allowed(this.api.troubles()), allowed(this.api.rejections())]);
        if (generation !== this.generation) return;
        if (open && this.partial) this.incidents.replace(open.incidents);
        else if (open) this.incidents.snapshot(open.position, open.incidents);
        if (open) this.leftOff.take(open, this.openCount);
        if (this.partial) this.clearFaults();
        if (troubles) this.troubles.apply(troubles.position, troubles.troubles);
        if (rejections) this.rejections.apply(rejections.position, rejections.rejections);
        this.loadFault.value = null;
        this.loaded.value = true;
        this.unwatched.value = false;
        this.take(this.early);
        this.early = [];
        this.stream.startFrom(oldestPosition(open, troubles, rejections));
        return;
      } catch (error) {
        if (generation !== this.generation || this.lostSession(error)) return;
        this.loadFault.value = reason(error);
        await new Promise((done) => setTimeout(done, retryDelay(failures, Math.random())));
      }
    }
  }

  private onStream(message: FromStream): void {
    switch (message.say) {
      case "ready":
        void this.load(this.generation);
        break;
      case "reload":
        this.partial = true;
        this.loaded.value = false;
        void this.load((this.generation += 1));
        break;
      case "events":
        this.link.heard();
        if (this.loaded.peek()) this.flood.push(message.events);
        else this.early.push(...message.events);
        break;
      case "tick":
        setClock(message.tick.at_ms);
        this.link.heard();
        break;
      case "fault":
        this.link.failed(message);
        break;
      case "unauthorised":
        this.leave("expired");
        break;
      case "rewound":
        this.forget();
        this.start();
        break;
    }
  }

  private take(events: readonly FeedEvent[]): void {
    this.incidents.events(events.filter((event) => event.name === "incident"));
    for (const event of events) {
      if (event.name === "trouble") this.troubles.apply(event.position, [event.trouble]);
      else if (event.name === "drill") this.drills.apply(event.position, [event.drill]);
      else if (event.name === "gone") this.incidents.drop(event.incident);
      else if (event.name === "rejection") this.rejections.apply(event.position, [event.rejection]);
    }
  }

  private onChanges(changes: readonly Change[]): void {
    const rang = changes.filter(({ incident, before }) => ringsNow(incident) && !(before && ringsNow(before)));
    const answered = changes.some(({ incident, before }) => before && ringsNow(before) && !ringsNow(incident));
    const newest = rang.at(-1)?.incident;
    if (newest) this.notices.speak(() => spoken(newest, this.incidents.ringing.peek().length));
    // A mute is for what somebody heard: what comes after it sounds at once.
    if (changes.some(({ incident, before }) => ringsNow(incident) && (before === null || incident.count > before.count || !ringsNow(before)))) {
      this.mute.end();
    }
    if (newest || answered) this.selection.toRinging();
  }
}
