import { useState } from "preact/hooks";
import { ApiError } from "../api.ts";
import { moment } from "../format/time.ts";
import { language, say, word } from "../i18n/index.ts";
import { saySites } from "../i18n/sites.ts";
import type { ActionPlan, PlanStep } from "../model/register.ts";
import { keyFor, moved, STEP_LENGTH, STEPS_MOST } from "../model/steps.ts";
import { today } from "../state/clock.ts";
import { useConsole } from "./context.ts";
import { Fault, Part, useDoing, type Doing } from "./account-parts.tsx";
import { Movers } from "./sites-people.tsx";

/** For every kind: domain/plan.py. */
const ANY = "";

interface PlansProps {
  readonly plans: readonly ActionPlan[];
  /** Where they are put in the API. */
  readonly path: string;
  readonly edits: boolean;
  readonly reload: () => void;
  readonly city?: boolean;
}

export function categoryName(category: string): string {
  return category === ANY ? saySites().plans.any : word(say().cases.categories, category);
}

/** All plans of a site or of the city; one of them may be open for editing. */
export function PlansPart({ plans, path, edits, reload, city = false }: PlansProps) {
  const words = saySites().plans;
  const [open, setOpen] = useState<string | null>(null);
  const [wanted, setWanted] = useState<string | null>(null);
  const free = [ANY, ...Object.keys(say().cases.categories)].filter((category) => !plans.some((plan) => plan.category === category));
  const chosen = wanted !== null && free.includes(wanted) ? wanted : (free[0] ?? ANY);
  const finish = (): void => {
    setOpen(null);
    reload();
  };
  return (
    <Part name="plans" heading={city ? null : words.heading} note={city ? words.cityNote : words.note}>
      {plans.length === 0 && open === null && <p>{words.none}</p>}
      {plans.map((plan) =>
        open === plan.category ? (
          <PlanEditor key={plan.category} category={plan.category} plan={plan} plans={plans} path={path} reload={reload} finish={finish} />
        ) : (
          <PlanView key={plan.category} plan={plan} edit={edits ? () => setOpen(plan.category) : null} />
        ),
      )}
      {open !== null && !plans.some((plan) => plan.category === open) && (
        <PlanEditor key={open} category={open} plan={null} plans={plans} path={path} reload={reload} finish={finish} />
      )}
      {edits && open === null && free.length > 0 && (
        <div class="manage__buttons">
          <label class="field">
            <span class="field__label">{words.category}</span>
            <select value={chosen} onChange={(event) => setWanted(event.currentTarget.value)}>
              {free.map((category) => (
                <option key={category} value={category}>
                  {categoryName(category)}
                </option>
              ))}
            </select>
          </label>
          <button type="button" class="button" onClick={() => setOpen(chosen)}>
            {words.make}
          </button>
        </div>
      )}
    </Part>
  );
}

function PlanView({ plan, edit }: { readonly plan: ActionPlan; readonly edit: (() => void) | null }) {
  const words = saySites().plans;
  const name = categoryName(plan.category);
  return (
    <details class="manage__planned" data-plan={plan.category}>
      <summary>
        <strong>{name}</strong> <span class="manage__also">{words.version(plan.version, plan.made_by || words.builtIn, moment(plan.made_at_ms, today.value, say().locale))}</span>
      </summary>
      {plan.steps.length === 0 && <p>{words.withdrawn}</p>}
      <ol class="manage__steps">
        {plan.steps.map((step) => (
          <li key={step.key}>
            {step[language.value]} {step.mandatory && <strong class="plan__must">{words.must}</strong>}
          </li>
        ))}
      </ol>
      {edit && (
        <button type="button" class="button" aria-label={words.editThat(name)} onClick={edit}>
          {words.edit}
        </button>
      )}
    </details>
  );
}

interface EditorProps {
  readonly category: string;
  /** As it is stored now; null for none. */
  readonly plan: ActionPlan | null;
  readonly plans: readonly ActionPlan[];
  readonly path: string;
  readonly reload: () => void;
  readonly finish: () => void;
}

/** A step while it is edited; `key` is empty for one that is not stored yet. */
interface Draft extends PlanStep {
  readonly row: number;
}

let rows = 0;

function emptyDraft(): Draft {
  return { row: (rows += 1), key: "", id: "", en: "", mandatory: false };
}

function draftsOf(plan: ActionPlan | null): readonly Draft[] {
  return (plan?.steps ?? []).map((step) => ({ ...step, row: (rows += 1) }));
}

/** The steps in both languages. */
function PlanEditor(props: EditorProps) {
  const { category, finish } = props;
  const words = saySites().plans;
  const { drafts, set, stored, newer, doing, save, takeNewer } = useDrafts(props);
  return (
    <form
      class="form manage__planned"
      data-editing={category}
      aria-label={words.editThat(categoryName(category))}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <h3 class="manage__heading">{categoryName(category)}</h3>
      <ol class="manage__list">
        {drafts.map((draft, at) => (
          <StepRow key={draft.row} draft={draft} at={at} all={drafts} set={set} />
        ))}
      </ol>
      {drafts.length === 0 && <p class="field__hint">{words.withdrawHint}</p>}
      {newer && <Newer version={stored} busy={doing.busy} take={takeNewer} overwrite={() => save(stored)} />}
      <Fault of={doing} />
      <div class="manage__buttons">
        <button type="button" class="button" disabled={drafts.length >= STEPS_MOST} onClick={() => set([...drafts, emptyDraft()])}>
          {words.addStep}
        </button>
        <button type="submit" class="button button--primary" disabled={doing.busy || (drafts.length === 0 && stored === 0)}>
          {drafts.length === 0 ? words.withdraw : words.save}
        </button>
        <button type="button" class="button" onClick={finish}>
          {words.cancel}
        </button>
      </div>
    </form>
  );
}

interface Drafts {
  readonly drafts: readonly Draft[];
  readonly set: (drafts: readonly Draft[]) => void;
  /** The version that the centre has now. */
  readonly stored: number;
  /** Somebody else has saved meanwhile, and it is to be decided whose words count. */
  readonly newer: boolean;
  readonly doing: Doing;
  /** Over the version that the editing began with, unless another one is named. */
  readonly save: (over?: number) => void;
  readonly takeNewer: () => void;
}

/** What is written, which holds on to the version that it began with: another one's words are never lost. */
function useDrafts({ category, plan, path, reload, finish }: EditorProps): Drafts {
  const { api, notices } = useConsole();
  const doing = useDoing();
  const [drafts, set] = useState(() => draftsOf(plan));
  const [seen, setSeen] = useState(plan?.version ?? 0);
  const [stale, setStale] = useState(false);
  const stored = plan?.version ?? 0;

  function save(over = seen): void {
    void doing.run(async () => {
      try {
        await api.change("PUT", path, { category, version: over, steps: stepsOf(drafts) });
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== "stale") throw error;
        setStale(true);
        reload();
        return;
      }
      notices.good(saySites().plans.saved(categoryName(category)));
      finish();
    });
  }

  function takeNewer(): void {
    set(draftsOf(plan));
    setSeen(stored);
    setStale(false);
  }

  return { drafts, set, stored, newer: stale && stored !== seen, doing, save, takeNewer };
}

/** As the centre takes them: a step that is new gets a key of its own. */
function stepsOf(drafts: readonly Draft[]): readonly PlanStep[] {
  const steps: PlanStep[] = [];
  for (const { key, id, en, mandatory } of drafts) {
    const others = [...steps, ...drafts.filter((one) => one.key !== "")];
    steps.push({ key: key || keyFor(en, others), id: id.trim(), en: en.trim(), mandatory });
  }
  return steps;
}

interface NewerProps {
  readonly version: number;
  readonly busy: boolean;
  readonly take: () => void;
  readonly overwrite: () => void;
}

function Newer({ version, busy, take, overwrite }: NewerProps) {
  const words = saySites().plans;
  return (
    <div class="manage__ask" role="alert">
      <p>{words.stale(version)}</p>
      <div class="manage__buttons">
        <button type="button" class="button" onClick={take}>
          {words.takeNewer}
        </button>
        <button type="button" class="button" disabled={busy} onClick={overwrite}>
          {words.overwrite}
        </button>
      </div>
    </div>
  );
}

interface StepProps {
  readonly draft: Draft;
  readonly at: number;
  readonly all: readonly Draft[];
  readonly set: (all: readonly Draft[]) => void;
}

function StepRow({ draft, at, all, set }: StepProps) {
  const words = saySites().plans;
  const change = (changes: Partial<Draft>): void => set(all.map((one) => (one.row === draft.row ? { ...one, ...changes } : one)));
  return (
    <li>
      <div class="manage__row manage__row--step" role="group" aria-label={words.step(at + 1)} data-step={at + 1}>
        <label class="field">
          <span class="field__label">{words.inIndonesian}</span>
          <textarea name="id" required rows={2} maxLength={STEP_LENGTH} value={draft.id} onInput={(event) => change({ id: oneLine(event.currentTarget.value) })} />
        </label>
        <label class="field">
          <span class="field__label">{words.inEnglish}</span>
          <textarea name="en" required rows={2} maxLength={STEP_LENGTH} value={draft.en} onInput={(event) => change({ en: oneLine(event.currentTarget.value) })} />
        </label>
        <label class="check manage__must">
          <input type="checkbox" checked={draft.mandatory} onChange={(event) => change({ mandatory: event.currentTarget.checked })} />
          {words.mandatory}
        </label>
        <Movers
          name={words.step(at + 1)}
          at={at}
          count={all.length}
          move={(by) => set(moved(all, at, by))}
          remove={() => set(all.filter((one) => one.row !== draft.row))}
        />
      </div>
    </li>
  );
}

/** A step is one line on the operator's screen, whatever was pasted. */
function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}
