import { say } from "../i18n/index.ts";
import { reads } from "../model/pages.ts";
import type { Session } from "../model/types.ts";
import { date, clock } from "../format/time.ts";
import { now } from "../state/clock.ts";
import { address, page, PAGES, type Page } from "../state/route.ts";
import { CallsTab } from "./calls-tab.tsx";
import { useConsole } from "./context.ts";
import { ShiftTab } from "./hand-over-door.tsx";
import { Question } from "./icons.tsx";
import { ManageTab } from "./manage-door.tsx";
import { LanguageSwitch, ThemeSwitch } from "./preferences.tsx";
import { Wordmark } from "./wordmark.tsx";

/** More would push the tabs apart: the page itself counts on. */
const COUNT_MOST = 999;

export function Header({ session, openHelp }: { readonly session: Session; readonly openHelp: () => void }) {
  const console = useConsole();
  const { nav, time, locale } = say();
  return (
    <header class="header">
      <Wordmark />
      <nav class="tabs" aria-label={nav.label}>
        <CallsTab session={session} />
        {PAGES.filter((target) => reads(session, target)).map((target) => (
          <Tab key={target} target={target} />
        ))}
        <ShiftTab session={session} />
        <ManageTab session={session} />
      </nav>
      <p class="header__clock">
        <span class="header__date">{date(now.value, locale)}</span> <time class="header__time">{clock(now.value)}</time>{" "}
        <span class="header__zone">{time.zone}</span>
      </p>
      <LanguageSwitch />
      <ThemeSwitch />
      <button type="button" class="button button--quiet button--icon" aria-label={nav.help} title={nav.help} onClick={openHelp}>
        <Question />
      </button>
      <span class="header__who">
        <a href={address("account")} aria-current={page.value === "account" ? "page" : undefined} title={nav.account}>
          {session.name}
        </a>
      </span>
      <button type="button" class="button button--quiet" onClick={() => void console.logout()}>
        {nav.logout}
      </button>
    </header>
  );
}

function Tab({ target }: { readonly target: Page }) {
  const count = useCount(target);
  const loud = target === "queue" && count > 0;
  return (
    <a class="tabs__one" href={address(target)} aria-current={page.value === target ? "page" : undefined}>
      {say().nav[target]}
      {count > 0 && <span class={`badge ${loud ? "badge--loud" : ""}`}>{count > COUNT_MOST ? `${COUNT_MOST}+` : count}</span>}
    </a>
  );
}

function useCount(target: Page): number {
  const console = useConsole();
  if (target === "queue") return console.incidents.ringing.value.length;
  if (target === "troubles") return console.troubles.items.value.filter((row) => row.closed_at_ms === null).length;
  if (target === "rejections") return console.rejections.items.value.reduce((sum, row) => sum + row.count, 0);
  return 0;
}
