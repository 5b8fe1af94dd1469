import { useState } from "preact/hooks";
import { language } from "../i18n/index.ts";
import { saySites } from "../i18n/sites.ts";
import { fromWords, toWords } from "../model/hours.ts";
import type { SiteContact, SiteDetails } from "../model/register.ts";
import { moved } from "../model/steps.ts";
import { useConsole } from "./context.ts";
import { Fault, Part, useDoing, type Doing } from "./account-parts.tsx";
import type { SitePartProps } from "./sites.tsx";

/** The centre's bounds: domain/contact.py. */
const NAME_MOST = 200;
const NUMBER_MOST = 20;
const CONTACTS_MOST = 30;

/** A contact while it is edited: hours as they are written. */
interface Draft {
  readonly key: number;
  readonly name: string;
  readonly role: string;
  readonly number: string;
  readonly hours: string;
}

let keys = 0;

function emptyDraft(): Draft {
  return { key: (keys += 1), name: "", role: "", number: "", hours: "" };
}

function draftOf(contact: SiteContact): Draft {
  return { key: (keys += 1), name: contact.name, role: contact.role, number: contact.number, hours: toWords(contact.hours, language.peek()) };
}

/** Whom to call, in order. */
export function PeoplePart(props: SitePartProps) {
  const { people } = saySites();
  const { site, edits } = props;
  return (
    <Part name="people" heading={people.heading} note={people.note}>
      {edits ? <PeopleForm {...props} /> : <PeopleList drafts={site.people.map(draftOf)} />}
    </Part>
  );
}

function PeopleList({ drafts }: { readonly drafts: readonly Draft[] }) {
  const { people } = saySites();
  if (drafts.length === 0) return <p>{people.none}</p>;
  return (
    <ol class="manage__list">
      {drafts.map((draft) => (
        <li key={draft.key}>
          <strong>{draft.name}</strong> {[draft.role, draft.number, draft.hours || people.always].filter(Boolean).join(" · ")}
        </li>
      ))}
    </ol>
  );
}

function PeopleForm(props: SitePartProps) {
  const words = saySites();
  const { people } = words;
  const { drafts, set, doing, save } = usePeople(props);
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      {drafts.length === 0 && <p>{people.none}</p>}
      <ol class="manage__list">
        {drafts.map((draft, at) => (
          <Row key={draft.key} draft={draft} at={at} all={drafts} set={set} />
        ))}
      </ol>
      <p id="hours-hint" class="field__hint">
        {people.hours}: {people.hoursHint}
      </p>
      <Fault of={doing} />
      <div class="manage__buttons">
        <button type="button" class="button" disabled={drafts.length >= CONTACTS_MOST} onClick={() => set([...drafts, emptyDraft()])}>
          {people.add}
        </button>
        <button type="submit" class="button button--primary" disabled={doing.busy}>
          {words.save}
        </button>
      </div>
    </form>
  );
}

interface People {
  readonly drafts: readonly Draft[];
  readonly set: (drafts: readonly Draft[]) => void;
  readonly doing: Doing;
  readonly save: () => void;
}

/** The list as it is written; saved it is as the centre has it. */
function usePeople({ site, path, changed }: SitePartProps): People {
  const { api, notices } = useConsole();
  const words = saySites();
  const doing = useDoing();
  const [drafts, set] = useState<readonly Draft[]>(() => site.people.map(draftOf));
  function save(): void {
    const read = drafts.map((draft) => ({ draft, hours: fromWords(draft.hours) }));
    const wrong = read.find(({ hours }) => hours === "wrong");
    if (wrong) return doing.say(words.people.hoursWrong(wrong.draft.name));
    const contacts = read.map(({ draft: { name, role, number }, hours }) => ({ name: name.trim(), role: role.trim(), number: number.trim(), hours }));
    void doing.run(async () => {
      const after = await api.change<SiteDetails>("PUT", `${path}/contacts`, { contacts });
      changed(after);
      set(after.people.map(draftOf));
      notices.good(words.saved);
    });
  }
  return { drafts, set, doing, save };
}

interface RowProps {
  readonly draft: Draft;
  readonly at: number;
  readonly all: readonly Draft[];
  readonly set: (all: readonly Draft[]) => void;
}

function Row({ draft, at, all, set }: RowProps) {
  const words = saySites();
  const { people } = words;
  const name = draft.name || people.one(at + 1);
  const fields = [
    { field: "name", label: people.name, most: NAME_MOST, must: true },
    { field: "role", label: people.role, most: NAME_MOST, must: false },
    { field: "number", label: people.number, most: NUMBER_MOST, must: true },
    { field: "hours", label: people.hours, most: 600, must: false },
  ] as const;
  return (
    <li>
      <div class="manage__row manage__row--people" role="group" aria-label={people.one(at + 1)} data-contact={at + 1}>
        {fields.map(({ field, label, most, must }) => (
          <label key={field} class="field">
            <span class="field__label">{label}</span>
            <input
              name={field}
              required={must}
              maxLength={most}
              autocomplete="off"
              {...(field === "hours" ? { "aria-describedby": "hours-hint", placeholder: people.always } : {})}
              {...(field === "number" ? { inputMode: "tel" as const } : {})}
              value={draft[field]}
              onInput={(event) => set(all.map((one) => (one.key === draft.key ? { ...one, [field]: event.currentTarget.value } : one)))}
            />
          </label>
        ))}
        <Movers name={name} at={at} count={all.length} move={(by) => set(moved(all, at, by))} remove={() => set(all.filter((one) => one.key !== draft.key))} />
      </div>
    </li>
  );
}

interface MoversProps {
  readonly name: string;
  readonly at: number;
  readonly count: number;
  readonly move: (by: 1 | -1) => void;
  readonly remove: () => void;
}

/** Up, down and out, for one of a list in order. */
export function Movers({ name, at, count, move, remove }: MoversProps) {
  const words = saySites();
  return (
    <span class="manage__movers">
      <button type="button" class="button" disabled={at === 0} aria-label={words.up(name)} title={words.up(name)} onClick={() => move(-1)}>
        ↑
      </button>
      <button type="button" class="button" disabled={at === count - 1} aria-label={words.down(name)} title={words.down(name)} onClick={() => move(1)}>
        ↓
      </button>
      <button type="button" class="button" aria-label={words.removeThat(name)} onClick={remove}>
        {words.remove}
      </button>
    </span>
  );
}
