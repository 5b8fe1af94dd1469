import { ACT_NAMES } from "../i18n/cases.ts";
import { sayCalls } from "../i18n/calls.ts";
import { say } from "../i18n/index.ts";
import { sayReplay } from "../i18n/replay.ts";
import { RULES } from "../model/acts.ts";
import { reads } from "../model/pages.ts";
import { PAGES } from "../state/route.ts";
import { useConsole } from "./context.ts";
import { Dialog } from "./dialog.tsx";
import { singleKeys } from "./keys.ts";

/** Every key, and the switch that turns the letters off. */
export function HelpDialog({ close }: { readonly close: () => void }) {
  const { help, cases, nav } = say();
  const { signedIn } = useConsole();
  const pages = PAGES.map((page, index) => ({ page, key: String(index + 1) })).filter(({ page }) => reads(signedIn, page));
  const rows: readonly (readonly [readonly string[], string])[] = [
    [["Enter"], help.keys.enter],
    [["A"], help.keys.a],
    [["↑", "↓", "K", "J"], help.keys.move],
    [["C"], help.keys.c],
    ...ACT_NAMES.map((act) => [[RULES[act].key.toUpperCase()], cases.acts[act].name] as const),
    [["G"], help.keys.g],
    [["H"], help.keys.h],
    [["F"], help.keys.f],
    [["Z"], help.keys.z],
    [["S"], help.keys.s],
    [pages.map(({ key }) => key), pages.map(({ page }) => nav[page]).join(", ")],
    [["F2"], sayCalls().open],
    [["V"], sayReplay().open],
    [["?"], help.keys.question],
    [["Esc"], help.keys.escape],
  ];
  return (
    <Dialog label={help.title} close={close}>
      <h2 class="dialog__title">{help.title}</h2>
      <dl class="keys">
        {rows.map(([keys, meaning]) => (
          <div key={meaning} class="keys__one">
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={singleKeys.value}
          aria-describedby="single-keys-hint"
          onChange={(event) => (singleKeys.value = event.currentTarget.checked)}
        />
        <span>{help.singleKeys}</span>
      </label>
      <p id="single-keys-hint" class="field__hint">
        {help.singleKeysHint}
      </p>
      <h3 class="dialog__subtitle">{help.rules}</h3>
      <ul class="rules">
        <li>{help.ruleSound}</li>
        <li>{help.ruleAgain}</li>
        <li>{help.ruleOrder}</li>
      </ul>
      <div class="dialog__actions">
        <button type="button" class="button button--primary" onClick={close}>
          {help.close}
        </button>
      </div>
    </Dialog>
  );
}
