import { useCallback, useState } from "preact/hooks";
import { word } from "../i18n/index.ts";
import { saySites } from "../i18n/sites.ts";
import { AGENCY_KINDS, type ActionPlan, type Agency } from "../model/register.ts";
import { useConsole } from "./context.ts";
import { Fault, useDoing, withFields } from "./account-parts.tsx";
import { ListPage, ListState, Table, useLoading } from "./page.tsx";
import { PlansPart } from "./plan-editor.tsx";

const CODE_MOST = 64;
const NAME_MOST = 200;

interface EditsProps {
  readonly edits: boolean;
}

/** The plans that count everywhere. */
export function CityPlansPage({ edits }: EditsProps) {
  const { api } = useConsole();
  const words = saySites().plans;
  const [plans, setPlans] = useState<readonly ActionPlan[] | null>(null);
  const load = useCallback(async () => setPlans((await api.look<{ plans: readonly ActionPlan[] }>("plans")).plans), [api]);
  const loading = useLoading(load);
  return (
    <div class="page manage">
      <h1 class="page__title">{words.cityHeading}</h1>
      <ListState loading={loading} empty={words.none} size={plans ? 1 : 0} />
      {plans && <PlansPart plans={plans} path="plans" edits={edits} reload={loading.again} city />}
    </div>
  );
}

/** Whose units are sent. */
export function AgenciesPage({ edits }: EditsProps) {
  const { api } = useConsole();
  const words = saySites().agencies;
  const [agencies, setAgencies] = useState<readonly Agency[]>([]);
  const [open, setOpen] = useState<Agency | null>(null);
  const load = useCallback(async () => setAgencies((await api.look<{ agencies: readonly Agency[] }>("agencies")).agencies), [api]);
  const loading = useLoading(load);
  const { columns } = words;
  const saved = (): void => {
    setOpen(null);
    loading.again();
  };
  return (
    <ListPage heading={words.heading} advice={words.advice}>
      <ListState loading={loading} empty={words.empty} size={agencies.length} />
      {agencies.length > 0 && (
        <Table label={words.heading} columns={[columns.code, columns.name, columns.kind, ...(edits ? [words.change] : [])]}>
          {agencies.map((agency) => (
            <tr key={agency.code} data-agency={agency.code}>
              <td>
                <code class="code">{agency.code}</code>
              </td>
              <td class="manage__name">{agency.name}</td>
              <td>{word(words.kinds, agency.kind)}</td>
              {edits && (
                <td class="manage">
                  <button type="button" class="button" aria-label={words.changeThat(agency.name)} onClick={() => setOpen(agency)}>
                    {words.change}
                  </button>
                </td>
              )}
            </tr>
          ))}
        </Table>
      )}
      {edits && <AgencyForm key={open?.code ?? ""} agency={open} saved={saved} />}
    </ListPage>
  );
}

function AgencyForm({ agency, saved }: { readonly agency: Agency | null; readonly saved: () => void }) {
  const { api, notices } = useConsole();
  const words = saySites();
  const doing = useDoing();
  const heading = agency === null ? words.agencies.add : words.agencies.changeThat(agency.name);
  const submit = withFields((field, form) => {
    void doing.run(async () => {
      await api.change("PUT", `agencies/${encodeURIComponent(agency?.code ?? field("code"))}`, { name: field("name"), kind: field("kind") });
      notices.good(words.saved);
      form.reset();
      saved();
    });
  });
  return (
    <div class="manage manage--bar">
      <form class="manage__part manage__line" aria-label={heading} onSubmit={submit}>
        <h2 class="manage__heading">{heading}</h2>
        {agency === null && (
          <label class="field">
            <span class="field__label">{words.code}</span>
            <input name="code" required maxLength={CODE_MOST} autocomplete="off" autocapitalize="none" spellcheck={false} />
          </label>
        )}
        <label class="field">
          <span class="field__label">{words.agencies.columns.name}</span>
          <input name="name" required maxLength={NAME_MOST} autocomplete="off" defaultValue={agency?.name ?? ""} autofocus={agency !== null} />
        </label>
        <label class="field">
          <span class="field__label">{words.agencies.columns.kind}</span>
          <select name="kind" defaultValue={agency?.kind ?? "police"}>
            {AGENCY_KINDS.map((kind) => (
              <option key={kind} value={kind} selected={kind === (agency?.kind ?? "police")}>
                {word(words.agencies.kinds, kind)}
              </option>
            ))}
          </select>
        </label>
        <Fault of={doing} />
        <button type="submit" class="button button--primary manage__submit" disabled={doing.busy}>
          {words.save}
        </button>
      </form>
    </div>
  );
}
