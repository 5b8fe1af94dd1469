import { useCallback, useEffect, useState } from "preact/hooks";
import { dbm, volts } from "../format/size.ts";
import { moment } from "../format/time.ts";
import { say, word } from "../i18n/index.ts";
import type { Device } from "../model/types.ts";
import { today } from "../state/clock.ts";
import { reason } from "../state/failures.ts";
import { CentreCard } from "./centre-status.tsx";
import { useConsole } from "./context.ts";
import { placeOf } from "./place.ts";
import { ListPage, ListState, Table, useLoading } from "./page.tsx";

/** Heartbeats are no events of the feed, so an open page asks; a button reports every 8 s. */
const READ_EVERY_MS = 4_000;

/** Every registered button and gateway and its last sign of life. */
export function DevicesPage({ asks }: { readonly asks: boolean }) {
  const console = useConsole();
  const [devices, setDevices] = useState<readonly Device[]>([]);
  const load = useCallback(async () => setDevices((await console.api.devices()).devices), [console]);
  const loading = useLoading(load);
  useEffect(() => {
    const timer = setInterval(loading.again, READ_EVERY_MS);
    return () => clearInterval(timer);
  }, [loading.again]);
  const words = say().devices;
  const { columns } = words;
  const names = [columns.state, columns.site, columns.post, columns.device, columns.heard, columns.texted, columns.battery, columns.signal];
  return (
    <ListPage heading={words.heading} advice={words.advice}>
      <CentreCard />
      <ListState loading={loading} empty={words.empty} size={devices.length} />
      {devices.length > 0 && <h2 class="page__subtitle">{words.field}</h2>}
      {devices.length > 0 && (
        <Table label={words.heading} columns={asks ? [...names, columns.action] : names}>
          {devices.map((device) => (
            <DeviceRow key={device.device} device={device} asks={asks} />
          ))}
        </Table>
      )}
    </ListPage>
  );
}

function DeviceRow({ device, asks }: { readonly device: Device; readonly asks: boolean }) {
  const { devices: words, locale } = say();
  const good = device.state === "alive";
  return (
    <tr data-device={device.device}>
      <td>
        <span class={`state state--${good ? "good" : "trouble"}`}>{word(words.states, device.state)}</span>{" "}
        {(device.undelivered ?? 0) > 0 && <span class="flag">{words.undelivered(device.undelivered ?? 0)}</span>}
      </td>
      <td>{device.site.name}</td>
      <td>{device.post ? placeOf(device.post) : word(words.roles, device.role)}</td>
      <td>
        <code class="code">{device.device}</code>
      </td>
      <td class="number">{device.last_heard_at_ms === null ? words.never : moment(device.last_heard_at_ms, today.value, locale)}</td>
      <td class="number">{(device.texted_at_ms ?? null) === null ? words.never : moment(device.texted_at_ms ?? 0, today.value, locale)}</td>
      <td class="number">{device.battery_mv === null ? "–" : volts(device.battery_mv, say().locale)}</td>
      <td class="number">{device.signal_dbm === null ? "–" : dbm(device.signal_dbm)}</td>
      {asks && <td>{device.role === "button" && <ReportNow device={device.device} />}</td>}
    </tr>
  );
}

function ReportNow({ device }: { readonly device: string }) {
  const console = useConsole();
  const words = say().devices;
  async function ask(): Promise<void> {
    try {
      await console.api.reportNow(device);
      console.notices.good(words.reportAsked);
    } catch (error) {
      if (!console.lostSession(error)) console.notices.bad(words.reportFailed(reason(error)));
    }
  }
  return (
    <button type="button" class="button button--small" aria-label={`${words.reportNow}: ${device}`} onClick={() => void ask()}>
      {words.reportNow}
    </button>
  );
}
