import { useCallback, useState } from "preact/hooks";
import { sayAccount } from "../i18n/account.ts";
import { saySites } from "../i18n/sites.ts";
import type { RegisterRow, SiteDetails } from "../model/register.ts";
import { address, go, part } from "../state/route.ts";
import { useConsole } from "./context.ts";
import { Fault, useDoing, withFields } from "./account-parts.tsx";
import { ListPage, ListState, Table, useLoading } from "./page.tsx";
import { PlansPart } from "./plan-editor.tsx";
import { FactsPart, PhrasePart } from "./sites-facts.tsx";
import { PeoplePart } from "./sites-people.tsx";
import { PicturePart } from "./sites-picture.tsx";

/** The centre's bounds: application/sites.py, domain/register_tables.py. */
const CODE_MOST = 64;
const TEXT_MOST = 200;
const HOME_ZONE = "Asia/Jakarta";

interface EditsProps {
  readonly edits: boolean;
}

export function SitesPage({ edits }: EditsProps) {
  return part.value === "" ? <AllSites edits={edits} /> : <OneSite key={part.value} code={part.value} edits={edits} />;
}

function AllSites({ edits }: EditsProps) {
  const { api } = useConsole();
  const words = saySites();
  const { columns, has, hasNot } = words;
  const [sites, setSites] = useState<readonly RegisterRow[]>([]);
  const load = useCallback(async () => setSites((await api.look<{ sites: readonly RegisterRow[] }>("sites")).sites), [api]);
  const loading = useLoading(load);
  return (
    <ListPage heading={words.heading} advice={words.advice}>
      <ListState loading={loading} empty={words.empty} size={sites.length} />
      {sites.length > 0 && (
        <Table label={words.heading} columns={[columns.name, columns.address, columns.posts, columns.people, columns.has]}>
          {sites.map((site) => (
            <tr key={site.code} data-site={site.code}>
              <td class="manage__name">
                <a class="manage__link" href={address("sites", site.code)}>
                  {site.name}
                </a>
              </td>
              <td>{site.address}</td>
              <td class="number">{site.posts}</td>
              <td class="number">{site.contacts}</td>
              <td>
                {[
                  site.place ? has.place : hasNot.place,
                  site.has_picture ? has.picture : hasNot.picture,
                  site.has_pass_phrase ? has.phrase : hasNot.phrase,
                ].join(", ")}
              </td>
            </tr>
          ))}
        </Table>
      )}
      {edits && <AddSite />}
    </ListPage>
  );
}

function AddSite() {
  const { api } = useConsole();
  const words = saySites();
  const doing = useDoing();
  const submit = withFields((field) => {
    const code = field("code");
    void doing.run(async () => {
      // The centre would change the site that has the code already, and take its place from it.
      const { sites } = await api.sites();
      if (sites.some((site) => site.code === code)) return doing.say(words.taken(code));
      await api.change("PUT", `sites/${encodeURIComponent(code)}`, { name: field("name"), address: field("address"), zone: HOME_ZONE, place: null });
      go("sites", code);
    });
  });
  return (
    <div class="manage manage--bar">
      <form class="manage__part manage__line" aria-label={words.add} onSubmit={submit}>
        <h2 class="manage__heading">{words.add}</h2>
        <label class="field">
          <span class="field__label">{words.code}</span>
          <input name="code" required maxLength={CODE_MOST} autocomplete="off" autocapitalize="none" spellcheck={false} aria-describedby="code-hint" />
          <span id="code-hint" class="field__hint">
            {words.codeHint}
          </span>
        </label>
        <label class="field">
          <span class="field__label">{words.facts.name}</span>
          <input name="name" required maxLength={TEXT_MOST} autocomplete="off" />
        </label>
        <label class="field">
          <span class="field__label">{words.facts.address}</span>
          <input name="address" maxLength={TEXT_MOST} autocomplete="off" />
        </label>
        <Fault of={doing} />
        <button type="submit" class="button button--primary manage__submit" disabled={doing.busy}>
          {words.add}
        </button>
      </form>
    </div>
  );
}

function OneSite({ code, edits }: EditsProps & { readonly code: string }) {
  const { api } = useConsole();
  const words = saySites();
  const [site, setSite] = useState<SiteDetails | null>(null);
  const path = `sites/${encodeURIComponent(code)}`;
  const load = useCallback(async () => setSite(await api.look<SiteDetails>(path)), [api, path]);
  const loading = useLoading(load);
  const parts = site && { site, path, edits, changed: setSite };
  return (
    <div class="page manage">
      <p>
        <a class="manage__link" href={address("sites")}>
          ← {words.back}
        </a>
      </p>
      <h1 class="page__title">{site?.name ?? code}</h1>
      <ListState loading={loading} empty={sayAccount().manage} size={site ? 1 : 0} />
      {parts && (
        <>
          <FactsPart {...parts} />
          <PicturePart {...parts} />
          <PeoplePart {...parts} />
          <PhrasePart {...parts} />
          <PlansPart plans={parts.site.plans} path={`${path}/plans`} edits={edits} reload={loading.again} />
        </>
      )}
    </div>
  );
}

/** What each part of the page of a site is given. */
export interface SitePartProps {
  readonly site: SiteDetails;
  /** Of the site in the API. */
  readonly path: string;
  readonly edits: boolean;
  readonly changed: (site: SiteDetails) => void;
}
