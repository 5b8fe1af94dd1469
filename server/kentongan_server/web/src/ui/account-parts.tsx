// What the page of an account is made of.

import type { ComponentChildren, TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { sayAccount } from "../i18n/account.ts";
import { explain } from "../state/explain.ts";
import { useConsole } from "./context.ts";

interface PartProps {
  readonly name: string;
  /** None: the page's own says it. */
  readonly heading: string | null;
  readonly note?: string;
  readonly children: ComponentChildren;
}

/** A part of a page, with its heading: no landmark, for the table in it is one of that name. */
export function Part({ name, heading, note, children }: PartProps) {
  return (
    <section class="manage__part" data-part={name}>
      {heading !== null && <h2 class="manage__heading">{heading}</h2>}
      {note && <p class="page__advice">{note}</p>}
      {children}
    </section>
  );
}

export interface Doing {
  readonly busy: boolean;
  readonly fault: string | null;
  /** Does it; what went wrong stands in `fault`. True when it was done. */
  readonly run: (work: () => Promise<void>) => Promise<boolean>;
  readonly say: (fault: string | null) => void;
}

/** One change at a time, with why the last one failed. */
export function useDoing(): Doing {
  const console = useConsole();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  async function run(work: () => Promise<void>): Promise<boolean> {
    setBusy(true);
    setFault(null);
    try {
      await work();
      return true;
    } catch (error) {
      if (!console.lostSession(error)) setFault(sayAccount().notSaved(explain(error)));
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { busy, fault, run, say: setFault };
}

export function Fault({ of }: { readonly of: Doing }) {
  if (of.fault === null) return null;
  return (
    <p class="message message--bad" role="alert">
      {of.fault}
    </p>
  );
}

/** Hands a form's fields on as trimmed texts; the page stays. */
export function withFields(work: (fields: (name: string) => string, form: HTMLFormElement) => void) {
  return (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    work((name) => String(data.get(name) ?? "").trim(), form);
  };
}
