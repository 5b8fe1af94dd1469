import type { ComponentType } from "preact";
import { useCallback, useState } from "preact/hooks";
import { sayAccount } from "../i18n/account.ts";
import { say } from "../i18n/index.ts";
import { KEEPS_SITES, READS_PLANS, READS_SITES } from "../model/register.ts";
import type { Session } from "../model/types.ts";
import { address, page, type ManagePage } from "../state/route.ts";
import { upgrade } from "../state/upgrade.ts";
import { ListState, useLoading } from "./page.tsx";

/** Which of these pages the centre has something for: `api/permissions.py`. */
export function managePages(session: Session): readonly ManagePage[] {
  const pages: ManagePage[] = [];
  if (READS_SITES.has(session.role)) pages.push("sites");
  if (READS_PLANS.has(session.role)) pages.push("plans", "agencies");
  if (session.role === "admin") pages.push("users");
  return pages;
}

/** The header's tab for all of them. */
export function ManageTab({ session }: { readonly session: Session }) {
  const pages = managePages(session);
  const [first] = pages;
  if (first === undefined) return null;
  return (
    <a class="tabs__one" href={address(first)} aria-current={pages.some((one) => one === page.value) ? "page" : undefined}>
      {sayAccount().manage}
    </a>
  );
}

/** Fetches these pages when somebody opens one: a desk needs them rarely. */
export function ManageDoor({ target, session }: { readonly target: ManagePage; readonly session: Session }) {
  const [Pages, setPages] = useState<{ readonly of: Readonly<Record<ManagePage, ComponentType<{ readonly edits: boolean }>>> } | null>(null);
  const load = useCallback(async () => setPages({ of: (await upgrade.part(import("./manage.tsx"))).PAGES_OF }), []);
  const loading = useLoading(load);
  const pages = managePages(session);
  if (target !== "account" && !pages.includes(target)) return <p class="page page__empty">{say().errors.forbidden}</p>;
  if (Pages === null) return <ListState loading={loading} empty={say().list.loading} size={0} />;
  const Shown = Pages.of[target];
  return (
    <>
      {target !== "account" && <Parts pages={pages} />}
      <Shown edits={KEEPS_SITES.has(session.role)} />
    </>
  );
}

function Parts({ pages }: { readonly pages: readonly ManagePage[] }) {
  return (
    <nav class="subtabs" aria-label={sayAccount().manage}>
      {pages.map((one) => (
        <a key={one} class="subtabs__one" href={address(one)} aria-current={page.value === one ? "page" : undefined}>
          {say().nav[one]}
        </a>
      ))}
    </nav>
  );
}
