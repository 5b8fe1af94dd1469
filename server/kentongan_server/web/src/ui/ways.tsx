import { say } from "../i18n/index.ts";
import { madeByCentre } from "../model/order.ts";
import type { Alarm } from "../model/types.ts";
import { Centre, Sms, Wifi } from "./icons.tsx";

interface Way {
  readonly word: string;
  readonly meaning: string;
  readonly Icon: typeof Sms;
}

/** By which way an alarm came, in words. */
export function wayOf(alarm: Alarm): Way {
  const { ways } = say();
  if (madeByCentre(alarm) || alarm.path === "none") return { word: ways.centre, meaning: ways.centreMeaning, Icon: Centre };
  if (alarm.path === "sms") return { word: ways.sms(alarm.modem ?? null), meaning: ways.smsMeaning, Icon: Sms };
  return plainWay(alarm.path);
}

/** A path of which no more is known than its name. */
export function plainWay(path: string): Way {
  const { ways } = say();
  if (path === "mqtt") return { word: ways.wifi, meaning: ways.wifiMeaning, Icon: Wifi };
  if (path === "sms") return { word: ways.sms(null), meaning: ways.smsMeaning, Icon: Sms };
  return { word: path.toUpperCase(), meaning: path, Icon: Wifi };
}

/** A chip for each way by which these alarms came, and for the other paths of the same presses. */
export function Ways({ alarms }: { readonly alarms: readonly Alarm[] }) {
  const { ways } = say();
  const main = new Map(alarms.map((alarm) => [wayOf(alarm).word, wayOf(alarm)]));
  const others = new Set(alarms.flatMap((alarm) => (alarm.also ?? []).filter((path) => path !== alarm.path)));
  return (
    <>
      {[...main.values()].map(({ word, meaning, Icon }) => (
        <span key={word} class="way" title={meaning}>
          <Icon class="way__icon" /> {word}
        </span>
      ))}
      {[...others].map((path) => (
        <span key={path} class="way way--also" title={ways.alsoMeaning}>
          {ways.also(plainWay(path).word)}
        </span>
      ))}
    </>
  );
}
