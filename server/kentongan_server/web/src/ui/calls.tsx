import type { TargetedEvent, TargetedKeyboardEvent } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { sayCalls } from "../i18n/calls.ts";
import { say, word } from "../i18n/index.ts";
import { whereIs } from "../i18n/where.ts";
import { CALL_CATEGORIES, categoryOf, isEmpty, keyOf, LONGEST, missing, type CallCategory, type CallDraft } from "../model/call.ts";
import { CallerCard } from "./calls-caller.tsx";
import { CallMap } from "./calls-map.tsx";
import { useConsole } from "./context.ts";
import { ListPage } from "./page.tsx";
import { whatAndWhere } from "./row.tsx";

/** A phone call becomes an incident: what, who, where, in the order in which people tell it. */
export function CallsPage() {
  const words = sayCalls();
  return (
    <div class="call-desk">
      <ListPage heading={words.heading} advice={words.advice}>
        <CallForm />
      </ListPage>
      <aside class="call-desk__side">
        <CallerCard />
        <CallMap />
      </aside>
    </div>
  );
}

function CallForm() {
  const { calls } = useConsole();
  const form = useRef<HTMLFormElement>(null);
  const number = useRef<HTMLInputElement>(null);
  const draft = calls.draft.value;
  // Before the next key, which is the form's already.
  useLayoutEffect(() => {
    const begin = calls.draft.peek().category === null ? "[data-category]" : "input[name=number]";
    form.current?.querySelector<HTMLElement>(begin)?.focus();
  }, [calls]);

  useLayoutEffect(() => {
    // Of the whole page: a click on the map or on the caller's card takes the focus out of the form.
    const onSave = (event: KeyboardEvent): void => {
      if (event.key !== "Enter" || !event.ctrlKey || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      void calls.save();
    };
    addEventListener("keydown", onSave);
    return () => removeEventListener("keydown", onSave);
  }, [calls]);

  function choose(category: CallCategory): void {
    calls.change({ category });
    number.current?.focus();
  }

  function onKey(event: TargetedKeyboardEvent<HTMLFormElement>): void {
    if (event.ctrlKey || event.altKey || event.metaKey || isText(event.target)) return;
    const category = categoryOf(event.key);
    if (category === null || draft.into !== null) return;
    event.preventDefault();
    choose(category);
  }

  async function submit(event: TargetedEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    await calls.save();
    const gap = missing(calls.draft.peek());
    const first = gap === "category" ? "[data-category]" : gap === "said" ? "input[name=number]" : null;
    if (first !== null && calls.failure.peek() !== null) form.current?.querySelector<HTMLElement>(first)?.focus();
  }

  return (
    <form ref={form} class="call" noValidate onSubmit={(event) => void submit(event)} onKeyDown={onKey}>
      {draft.into === null && <Categories chosen={draft.category} choose={choose} />}
      <Who number={number} draft={draft} />
      {draft.into === null && <Where draft={draft} />}
      <About draft={draft} />
      <Failure />
      <Actions />
    </form>
  );
}

function isText(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select");
}

interface CategoriesProps {
  readonly chosen: CallCategory | null;
  readonly choose: (category: CallCategory) => void;
}

function Categories({ chosen, choose }: CategoriesProps) {
  const { categories } = say().cases;
  return (
    <section class="call__categories" role="group" aria-labelledby="call-category">
      <h2 id="call-category" class="field__label">
        {sayCalls().category}
      </h2>
      <div class="call__grid">
        {CALL_CATEGORIES.map((category) => (
          <button
            key={category}
            type="button"
            class="call__category"
            data-category={category}
            aria-pressed={chosen === category}
            aria-keyshortcuts={keyOf(category)}
            onClick={() => choose(category)}
          >
            <kbd>{keyOf(category)}</kbd> {word(categories, category)}
          </button>
        ))}
      </div>
    </section>
  );
}

function Who({ number, draft }: { readonly number: { current: HTMLInputElement | null }; readonly draft: CallDraft }) {
  const { calls } = useConsole();
  const words = sayCalls();
  return (
    <>
      <div class="call__pair">
        <label class="field">
          <span class="field__label">{words.number}</span>
          <input
            ref={number}
            name="number"
            type="tel"
            inputMode="tel"
            autocomplete="off"
            maxLength={LONGEST.number}
            value={draft.number}
            aria-describedby="call-number-hint"
            onInput={(event) => calls.change({ number: event.currentTarget.value })}
            onBlur={() => void (calls.known.peek().is === "none" && calls.look())}
          />
          <span id="call-number-hint" class="field__hint">
            {words.numberHint}
          </span>
        </label>
        <label class="field">
          <span class="field__label">{words.name}</span>
          <input
            name="caller"
            autocomplete="off"
            maxLength={LONGEST.name}
            value={draft.name}
            onInput={(event) => calls.change({ name: event.currentTarget.value })}
          />
        </label>
      </div>
      <label class="field">
        <span class="field__label">{words.words}</span>
        <textarea
          name="words"
          rows={3}
          maxLength={LONGEST.words}
          value={draft.words}
          aria-describedby="call-words-hint"
          onInput={(event) => calls.change({ words: event.currentTarget.value })}
        />
        <span id="call-words-hint" class="field__hint">
          {words.wordsHint}
        </span>
      </label>
    </>
  );
}

function Where({ draft }: { readonly draft: CallDraft }) {
  const { calls, places } = useConsole();
  const words = sayCalls();
  return (
    <div class="call__pair">
      <label class="field">
        <span class="field__label">{words.address}</span>
        <input
          name="address"
          autocomplete="off"
          maxLength={LONGEST.address}
          value={draft.address}
          aria-describedby="call-address-hint"
          onInput={(event) => calls.change({ address: event.currentTarget.value })}
        />
        <span id="call-address-hint" class="field__hint">
          {words.addressHint}
        </span>
      </label>
      <label class="field">
        <span class="field__label">{words.site}</span>
        <select name="site" value={draft.site} onChange={(event) => calls.change({ site: event.currentTarget.value })}>
          <option value="">{words.noSite}</option>
          {places.sites.value.map((site) => (
            <option key={site.code} value={site.code}>
              {site.name}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

/** Many people call about one fire: their calls belong to one incident. */
function About({ draft }: { readonly draft: CallDraft }) {
  const { calls, incidents } = useConsole();
  const words = sayCalls();
  const open = incidents.queue.value.map((id) => incidents.find(id)?.value).filter((one) => one !== undefined && one.drill === 0);
  if (open.length === 0 && draft.into === null) return null;
  return (
    <label class="field">
      <span class="field__label">{words.about}</span>
      <select
        name="into"
        value={String(draft.into ?? "")}
        onChange={({ currentTarget: { value } }) => calls.change({ into: value === "" ? null : Number(value) })}
      >
        <option value="">{words.aboutNew}</option>
        {open.map(
          (one) =>
            one && (
              <option key={one.id} value={String(one.id)}>
                {say().incident.number(one.id)} · {whereIs(one)} · {whatAndWhere(one)}
              </option>
            ),
        )}
      </select>
    </label>
  );
}

function Failure() {
  const { calls } = useConsole();
  const failure = calls.failure.value;
  if (failure === null) return null;
  return (
    <p class="message message--bad" role="alert">
      {failure.text} {failure.kept && sayCalls().kept}
    </p>
  );
}

function Actions() {
  const { calls } = useConsole();
  const words = sayCalls();
  const [asking, setAsking] = useState(false);
  const busy = calls.busy.value;
  const again = calls.failure.value?.kept === true;
  if (asking) {
    const empty = (): void => {
      calls.empty();
      setAsking(false);
    };
    return (
      <div class="call__actions" role="group" aria-label={words.emptyAsk}>
        <span class="field__label">{words.emptyAsk}</span>
        <button type="button" class="button" onClick={empty}>
          {words.emptySure}
        </button>
        <button type="button" class="button button--primary" ref={focus} onClick={() => setAsking(false)}>
          {words.keep}
        </button>
      </div>
    );
  }
  return (
    <div class="call__actions">
      <button type="submit" class="button button--primary call__save" disabled={busy} aria-keyshortcuts="Control+Enter">
        {busy ? words.busy : again ? words.again : calls.draft.value.into === null ? words.save : words.add}
      </button>
      {!isEmpty(calls.draft.value) && (
        <button type="button" class="button" disabled={busy} onClick={() => setAsking(true)}>
          {words.empty}
        </button>
      )}
    </div>
  );
}

function focus(element: HTMLElement | null): void {
  element?.focus();
}
