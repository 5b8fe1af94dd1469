import type { ComponentType } from "preact";
import { useCallback, useState } from "preact/hooks";
import { sayDrills } from "../i18n/drills.ts";
import { sayHandOver } from "../i18n/hand-over.ts";
import { say } from "../i18n/index.ts";
import type { Session } from "../model/types.ts";
import { address, page, type DeskPage } from "../state/route.ts";
import { upgrade } from "../state/upgrade.ts";
import { ListState, useLoading } from "./page.tsx";

type ShiftPage = Exclude<DeskPage, "calls">;

/** Who may open which page: `api/permissions.py`. */
const OPERATES = ["admin", "supervisor", "operator"];
const OPENS: Readonly<Record<ShiftPage, readonly string[]>> = {
  "hand-over": [...OPERATES, "auditor"],
  drills: [...OPERATES, "auditor", "agency-desk"],
  replay: [...OPERATES, "auditor", "agency-desk"],
};

export function opens(page: ShiftPage, session: Session | null): boolean {
  return session !== null && OPENS[page].includes(session.role);
}

function parts(session: Session): readonly ("hand-over" | "drills")[] {
  return (["hand-over", "drills"] as const).filter((one) => opens(one, session));
}

/** The header's tab for the pages of a shift. */
export function ShiftTab({ session }: { readonly session: Session }) {
  const [first] = parts(session);
  if (first === undefined) return null;
  const current = page.value === "hand-over" || page.value === "drills";
  return (
    <a class="tabs__one" href={address(first)} aria-current={current ? "page" : undefined}>
      {sayHandOver().shift}
    </a>
  );
}

/** Fetches these pages when somebody opens one. */
export function ShiftDoor({ target, session }: { readonly target: ShiftPage; readonly session: Session }) {
  const [Pages, setPages] = useState<{ readonly of: Readonly<Record<ShiftPage, ComponentType>> } | null>(null);
  const load = useCallback(async () => setPages({ of: (await upgrade.part(import("./hand-over-pages.tsx"))).PAGES_OF }), []);
  const loading = useLoading(load);
  if (!opens(target, session)) return <p class="page page__empty">{say().errors.forbidden}</p>;
  if (Pages === null) return <ListState loading={loading} empty={say().list.loading} size={0} />;
  const Shown = Pages.of[target];
  return (
    <>
      {target !== "replay" && <Parts session={session} />}
      <Shown />
    </>
  );
}

function Parts({ session }: { readonly session: Session }) {
  const names = { "hand-over": sayHandOver().tab, drills: sayDrills().tab };
  return (
    <nav class="shift-parts tabs" aria-label={sayHandOver().shift}>
      {parts(session).map((one) => (
        <a key={one} class="tabs__one" href={address(one)} aria-current={page.value === one ? "page" : undefined}>
          {names[one]}
        </a>
      ))}
    </nav>
  );
}
