import { useEffect, useState } from "preact/hooks";
import { sayDrills } from "../i18n/drills.ts";
import { say, word } from "../i18n/index.ts";
import { ALARMS_MOST, DRILL_KINDS, drillOf, MINUTES_MOST, NAME_LONGEST, type PlannedAlarm } from "../model/drill.ts";
import type { Device } from "../model/types.ts";
import { reason } from "../state/failures.ts";
import { useConsole } from "./context.ts";
import { placeOf } from "./place.ts";

const FIRST: PlannedAlarm = { device: "", kind: "hold-up", after: "0" };
const USUAL_MINUTES = "15";

/** What is drilled: name, length, and which posts ring when. */
export function DrillForm({ done }: { readonly done: () => void }) {
  const words = sayDrills();
  const [plan, setPlan] = useState(EMPTY);
  const { busy, failure, start } = useStarting(() => {
    setPlan((now) => ({ ...now, name: "", lines: [FIRST] }));
    done();
  });
  const { lines } = plan;
  const add = (): void => setPlan({ ...plan, lines: [...lines, { ...FIRST, after: lines.at(-1)?.after ?? "0" }] });
  return (
    <form
      class="form shift-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void start(plan);
      }}
      aria-label={words.new}
    >
      <h2 class="page__subtitle">{words.new}</h2>
      <NameAndLength plan={plan} set={setPlan} />
      <Lines lines={lines} set={(changed) => setPlan({ ...plan, lines: changed })} />
      {failure !== null && (
        <p class="message message--bad" role="alert">
          {failure}
        </p>
      )}
      <div class="call__actions">
        <button type="submit" class="button button--primary" disabled={busy}>
          {busy ? words.busy : words.start}
        </button>
        <button type="button" class="button" disabled={lines.length >= ALARMS_MOST} onClick={add}>
          {words.add}
        </button>
      </div>
    </form>
  );
}

/** A drill as it is typed. */
interface Plan {
  readonly name: string;
  readonly minutes: string;
  readonly lines: readonly PlannedAlarm[];
}

const EMPTY: Plan = { name: "", minutes: USUAL_MINUTES, lines: [FIRST] };

interface Starting {
  readonly busy: boolean;
  readonly failure: string | null;
  readonly start: (plan: Plan) => Promise<void>;
}

function useStarting(started: () => void): Starting {
  const console = useConsole();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  async function start({ name, minutes, lines }: Plan): Promise<void> {
    const words = sayDrills();
    const asked = drillOf(name, minutes, lines);
    if (typeof asked === "string") {
      setFailure(asked === "missing" ? words.missing : words.tooLate);
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      await console.api.change("POST", "drills", asked);
      console.notices.good(words.started(asked.name));
      started();
    } catch (error) {
      if (!console.lostSession(error)) setFailure(words.failed(reason(error)));
    } finally {
      setBusy(false);
    }
  }
  return { busy, failure, start };
}

function NameAndLength({ plan, set }: { readonly plan: Plan; readonly set: (plan: Plan) => void }) {
  const words = sayDrills();
  return (
    <div class="shift-form__pair">
      <label class="field">
        <span class="field__label">{words.name}</span>
        <input
          name="drill"
          autocomplete="off"
          maxLength={NAME_LONGEST}
          value={plan.name}
          aria-describedby="drill-name"
          onInput={(event) => set({ ...plan, name: event.currentTarget.value })}
        />
        <span id="drill-name" class="field__hint">
          {words.nameHint}
        </span>
      </label>
      <label class="field">
        <span class="field__label">{words.minutes}</span>
        <input
          name="minutes"
          type="number"
          min={1}
          max={MINUTES_MOST}
          value={plan.minutes}
          onInput={(event) => set({ ...plan, minutes: event.currentTarget.value })}
        />
      </label>
    </div>
  );
}

function Lines({ lines, set }: { readonly lines: readonly PlannedAlarm[]; readonly set: (lines: readonly PlannedAlarm[]) => void }) {
  const posts = usePosts();
  return (
    <fieldset class="drills__lines">
      <legend class="field__label">{sayDrills().which}</legend>
      {lines.map((line, index) => (
        <Line
          key={index}
          line={line}
          posts={posts}
          change={(part) => set(lines.map((one, other) => (other === index ? { ...one, ...part } : one)))}
          remove={lines.length > 1 ? () => set(lines.filter((_, other) => other !== index)) : null}
        />
      ))}
    </fieldset>
  );
}

interface LineProps {
  readonly line: PlannedAlarm;
  readonly posts: readonly Device[];
  readonly change: (part: Partial<PlannedAlarm>) => void;
  readonly remove: (() => void) | null;
}

function Line({ line, posts, change, remove }: LineProps) {
  const words = sayDrills();
  const { kinds } = say();
  return (
    <div class="drills__line" data-line>
      <label class="field">
        <span class="field__label">{words.post}</span>
        <select name="device" value={line.device} onChange={(event) => change({ device: event.currentTarget.value })}>
          <option value="">{words.noPost}</option>
          {posts.map((post) => (
            <option key={post.device} value={post.device}>
              {post.site.name} · {placeOf(post.post)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span class="field__label">{words.kind}</span>
        <select name="kind" value={line.kind} onChange={(event) => change({ kind: event.currentTarget.value })}>
          {DRILL_KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {word(kinds, kind)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span class="field__label">{words.after}</span>
        <input name="after" type="number" min={0} step={0.5} value={line.after} onInput={(event) => change({ after: event.currentTarget.value })} />
      </label>
      {remove !== null && (
        <button type="button" class="button" onClick={remove}>
          {words.remove}
        </button>
      )}
    </div>
  );
}

/** The buttons that are in service. */
function usePosts(): readonly Device[] {
  const console = useConsole();
  const [posts, setPosts] = useState<readonly Device[]>([]);
  useEffect(() => {
    let current = true;
    console.api.devices().then(
      ({ devices }) => {
        const fitted = devices.filter((device) => device.role === "button" && device.post !== null && device.state !== "retired" && device.state !== "compromised");
        if (current) setPosts(fitted);
      },
      (error: unknown) => {
        if (current && !console.lostSession(error)) console.notices.bad(say().list.failed(reason(error)));
      },
    );
    return () => {
      current = false;
    };
  }, [console]);
  return posts;
}
