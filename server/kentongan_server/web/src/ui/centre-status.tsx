// How the centre itself does: small and calm in the bar, all of it on the page of devices.

import { bytes, dbm, rupiah } from "../format/size.ts";
import { date } from "../format/time.ts";
import { say, word } from "../i18n/index.ts";
import { findings, modemName, type Finding } from "../model/centre.ts";
import type { CentreState, Modem } from "../model/types.ts";
import { now } from "../state/clock.ts";
import { address } from "../state/route.ts";
import { useConsole } from "./context.ts";
import { Centre } from "./icons.tsx";
import { Table } from "./page.tsx";

/** In the status bar. */
export function CentreStatus() {
  const { centre } = useConsole();
  const words = say().centre;
  const state = centre.state.value;
  const found = state === null ? [] : findings(state, now.value);
  if (centre.closed.value) return null;
  const look = centre.unknown.value || state === null ? "unknown" : found.length > 0 ? "bad" : "good";
  return (
    <section class={`status__centre status__centre--${look}`} data-centre={look} aria-label={words.label}>
      <Centre />
      {look === "good" && state && <Well state={state} />}
      {look === "bad" && state && <Unwell found={found} state={state} />}
      {look === "unknown" && <span>{centre.unknown.value ? words.unknown : words.asking}</span>}
      <a class="status__more" href={address("devices")}>
        {words.more}
        <span class="unseen">: {words.label}</span>
      </a>
    </section>
  );
}

function Well({ state }: { readonly state: CentreState }) {
  const { centre: words, locale } = say();
  return (
    <>
      <span>{words.well}</span>
      {state.modems.length === 0 && <span>{words.noModem}</span>}
      {state.modems.map((modem) => (
        <span key={modem.name} class="status__modem">
          {modemName(modem, state.modems)} {modem.signal_dbm !== null && dbm(modem.signal_dbm)}
        </span>
      ))}
      {state.disk_free_bytes !== null && <span class="status__modem">{bytes(state.disk_free_bytes, locale)}</span>}
    </>
  );
}

function Unwell({ found, state }: { readonly found: readonly Finding[]; readonly state: CentreState }) {
  const words = say().centre;
  return (
    <>
      <strong class="status__word">{words.unwell}</strong>
      {found.map((finding) => (
        <span key={`${finding.code} ${"modem" in finding ? finding.modem.name : ""}`}>{findingWords(finding, state)}</span>
      ))}
    </>
  );
}

function findingWords(finding: Finding, state: CentreState): string {
  const { centre: words, locale } = say();
  switch (finding.code) {
    case "not-committing":
      return words.faults["not-committing"];
    case "disk":
      return words.faults.disk(bytes(finding.free, locale));
    case "modem":
      return words.faults.modem(modemName(finding.modem, state.modems));
    case "weak":
      return words.faults.weak(modemName(finding.modem, state.modems), dbm(finding.modem.signal_dbm ?? 0));
    case "expiring": {
      const sentence = finding.until < now.value ? words.faults.expired : words.faults.expiring;
      return sentence(modemName(finding.modem, state.modems), date(finding.until, locale));
    }
  }
}

/** On the page of devices: each modem, the disk and the store. */
export function CentreCard() {
  const { centre } = useConsole();
  const { centre: words, locale } = say();
  const state = centre.state.value;
  if (state === null) return null;
  const { columns } = words;
  return (
    <section aria-label={words.heading} data-card="centre">
      <h2 class="page__subtitle">{words.heading}</h2>
      {state.modems.length > 0 && (
        <Table
          label={columns.modem}
          columns={[columns.modem, columns.state, columns.signal, columns.balance, columns.valid, columns.traffic]}
        >
          {state.modems.map((modem) => (
            <ModemRow key={modem.name} modem={modem} all={state.modems} />
          ))}
        </Table>
      )}
      <p class="page__facts">
        {state.modems.length === 0 && <span>{words.noModem}</span>}
        <span>
          {words.disk}: {state.disk_free_bytes === null ? words.notKnown : bytes(state.disk_free_bytes, locale)}
        </span>
        <span>
          {words.store}: {state.store_ms === null ? words.notKnown : `${Math.round(state.store_ms)} ms`}
        </span>
      </p>
    </section>
  );
}

function ModemRow({ modem, all }: { readonly modem: Modem; readonly all: readonly Modem[] }) {
  const { centre: words, locale } = say();
  const until = modem.valid_until === null ? null : Date.parse(modem.valid_until);
  return (
    <tr data-modem={modem.name}>
      <td>
        <strong>{modemName(modem, all)}</strong>
      </td>
      <td>
        <span class={`state state--${modem.state === "ready" ? "good" : "trouble"}`}>{word(words.modemStates, modem.state)}</span>
      </td>
      <td class="number">{modem.signal_dbm === null ? words.notKnown : dbm(modem.signal_dbm)}</td>
      <td class="number">{modem.balance === null ? words.notKnown : rupiah(modem.balance, locale)}</td>
      <td class="number">{until === null ? words.notKnown : date(until, locale)}</td>
      <td class="number">{words.traffic(modem.sent_last_minute, modem.received_last_minute)}</td>
    </tr>
  );
}
